/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server_handler - the interface between the server and its application.
 *
 * The interface has three parts: a request, its answer, and the functions that the server calls.
 *
 * Threads:  see each function.
 * Memory:   the slices of a request are valid until the handler returns.
 */
#ifndef MOOR_WEBHOOK_HTTP_SERVER_HANDLER_H
#define MOOR_WEBHOOK_HTTP_SERVER_HANDLER_H

#include "policy/base/buf.h"
#include "webhook/log_level.h"

/* Complete request; all slices are valid until the handler returns. */
struct moor_server_request {
    struct moor_slice method;
    struct moor_slice path;         /* normalized, without the query */
    struct moor_slice environment;  /* `<environment>` of the path, else empty */
    bool is_image_review;           /* posted to `/image-review` or below */
    struct moor_slice content_type; /* as sent */
    struct moor_slice body;
    struct moor_slice peer;               /* `10.0.0.1:43210` */
    struct moor_slice client_certificate; /* subject of the certificate; empty without mutual TLS */
    uint64_t received_us;                 /* time at which it was complete, CLOCK_MONOTONIC */
};

/* Answer to a request. */
struct moor_answer {
    int status;
    const char *content_type;
    struct moor_slice body; /* borrowed until the next call of the handler on this thread */
};

/* Functions of the application.  Functions other than `handle` and `log` may be NULL. */
struct moor_server_handler {
    void *context; /* first argument of each function */

    /* Create and free the workspace of a worker thread, on that thread.  NULL reports a failure. */
    void *(*thread_begin)(void *context);
    void (*thread_end)(void *context, void *workspace);

    /*
     * Answers a POST to `/validate` or `/image-review`, or below.  `out` is initially a 500 without
     * a body.
     */
    void (*handle)(void *context, void *workspace, const struct moor_server_request *request,
                   struct moor_answer *out);

    /*
     * Returns whether the application can answer.  Appends lines such as `[+]policy ok` for
     * `/readyz?verbose`.
     */
    bool (*ready)(void *context, struct moor_buf *checks);

    /* Appends the text of `/metrics`; called by one thread at a time. */
    void (*metrics)(void *context, struct moor_buf *out);

    /* Handles SIGHUP, on the main thread. */
    void (*reload)(void *context);

    /* Runs once a second, on the main thread, until the drain ends. */
    void (*tick)(void *context);

    /* Logs one event of the server.  `message` is one line and contains no request data. */
    void (*log)(void *context, enum moor_log_level level, const char *message);

    /* Waits for a moment until the log is written; the process exits immediately afterwards. */
    void (*flush)(void *context);
};

#endif
