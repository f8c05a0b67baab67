/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server_handler - the interface between the server and what it serves: a request, its answer, and
 * the functions that the server calls.
 *
 * Threads:  see each function.
 * Memory:   slices of a request live until the handler returns.
 */
#ifndef MOOR_WEBHOOK_HTTP_SERVER_HANDLER_H
#define MOOR_WEBHOOK_HTTP_SERVER_HANDLER_H

#include "policy/base/buf.h"
#include "webhook/log_level.h"

/* A complete request for the judge; all slices live until the handler returns. */
struct moor_server_request {
    struct moor_slice method;
    struct moor_slice path;         /* normalised, without the query */
    struct moor_slice environment;  /* of `/validate/<environment>`, else empty */
    bool is_image_review;           /* posted to `/image-review` or below */
    struct moor_slice content_type; /* as sent */
    struct moor_slice body;
    struct moor_slice peer;               /* `10.0.0.1:43210` */
    struct moor_slice client_certificate; /* its subject; empty without mutual TLS */
    uint64_t received_us;                 /* CLOCK_MONOTONIC, when it was complete */
};

struct moor_answer {
    int status;
    const char *content_type;
    struct moor_slice body; /* borrowed until the handler is called again on this thread */
};

/* What the server is for.  NULL: not wanted, except `handle` and `log`. */
struct moor_server_handler {
    void *context; /* given to each */

    /* Makes and ends the workspace of one worker thread, on that thread; NULL: it failed. */
    void *(*thread_begin)(void *context);
    void (*thread_end)(void *context, void *workspace);

    /* Answers a POST to `/validate` or `/image-review` or below.  `out` comes as a 500 without a
     * body. */
    void (*handle)(void *context, void *workspace, const struct moor_server_request *request,
                   struct moor_answer *out);

    /* Whether all is there to answer with; appends `[+]policy ok` lines for `/readyz?verbose`. */
    bool (*ready)(void *context, struct moor_buf *checks);

    /* Appends what `/metrics` answers; one thread at a time. */
    void (*metrics)(void *context, struct moor_buf *out);

    /* On SIGHUP, on the main thread. */
    void (*reload)(void *context);

    /* Once a second, on the main thread, until the drain ends. */
    void (*tick)(void *context);

    /* One event of the server; `message` is one line and free of request data. */
    void (*log)(void *context, enum moor_log_level level, const char *message);

    /* Waits for a moment until what was logged is written; the process ends at once after it. */
    void (*flush)(void *context);
};

#endif
