/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server - HTTP/1.1 over TLS on libh2o, with a limit on everything that a client can make it hold.
 *
 * The server knows nothing of admission: it listens, reads whole requests, answers what needs no
 * judge (probes, wrong paths, wrong methods, too large bodies) and hands the rest to a handler.
 * HTTP/2 is off and cannot be switched on: libh2o 2.2.5 can be aborted through it.
 *
 * Life: open (TLS loaded and checked, addresses bound), start, run until SIGTERM or SIGINT:
 * readiness fails and every answer says `Connection: close` for `lame_duck_ms`; then the listeners
 * close and what is under way ends, within `drain_ms`.  A second signal ends the process at once.
 *
 * Threads:  open, start, run and free from one thread, the main one.  moor_server_open() ignores
 * SIGPIPE and blocks SIGTERM, SIGINT and SIGHUP in its thread: start other threads after it, so
 *           that they inherit this.  The handler's functions run on several threads at once.
 * Memory:   bounded by the configuration; `max_buffered_bytes` for what is read and not yet judged.
 * Limits:   see struct moor_server_config in config.h.
 */
#ifndef MOOR_WEBHOOK_HTTP_SERVER_H
#define MOOR_WEBHOOK_HTTP_SERVER_H

#include "policy/base/buf.h"
#include "webhook/config.h"
#include "webhook/http/counters.h"
#include "webhook/http/tls.h"
#include "webhook/log_level.h"

/* A complete request for the judge; all slices live until the handler returns. */
struct moor_server_request {
    struct moor_slice method;
    struct moor_slice path;         /* normalised, without the query */
    struct moor_slice environment;  /* of `/validate/<environment>`, else empty */
    bool is_image_review;           /* posted to `/image-review` or below */
    struct moor_slice content_type; /* as sent */
    struct moor_slice body;
    struct moor_slice peer; /* `10.0.0.1:43210` */
    struct moor_slice
        client_certificate; /* who the client proved to be; empty without mutual TLS */
    uint64_t received_us;   /* CLOCK_MONOTONIC, when it was complete */
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

/* How the event loop of a worker thread does, for probes and metrics. */
struct moor_worker_state {
    uint64_t turns;         /* since its start */
    uint64_t since_turn_us; /* since the last one ended; 0 once the loop has ended */
};

struct moor_server;

/*
 * Loads and checks the key pair, checks the limits against those of the process, binds the
 * addresses.  Copies the configuration, but not the strings in it; `handler` must outlive the
 * server.
 */
int moor_server_open(struct moor_server **out, const struct moor_server_config *config,
                     const struct moor_server_handler *handler,
                     struct moor_error *err) MOOR_MUST_CHECK;

/* Starts the threads, which serve at once.  -1 where one could not begin: none is left then. */
int moor_server_start(struct moor_server *server, struct moor_error *err) MOOR_MUST_CHECK;

/* Goes on until the server is told to end; returns after a drain that cut what was late. */
void moor_server_run(struct moor_server *server);

/*
 * Loads certificate, key and client CA again.  New connections get them; the others end with their
 * next answer.  Where they cannot serve, says why and goes on with those in force.  Main thread.
 */
int moor_server_reload_tls(struct moor_server *server, struct moor_error *err) MOOR_MUST_CHECK;

/* NULL is ignored.  What was started must have run. */
void moor_server_free(struct moor_server *server);

/* `127.0.0.1:43210` of the listener at `index`, with its real port; NULL past the last one. */
const char *moor_server_address(const struct moor_server *server, size_t index);

/* The same of the listener for probes and metrics; empty where there is none. */
const char *moor_server_metrics_address(const struct moor_server *server);

/* When a certificate ends, in seconds since 1970; 0 where there is none. */
int64_t moor_server_expiry_s(const struct moor_server *server, enum moor_certificate_role role);

/* The certificate in force; main thread. */
const struct moor_tls_certificate *moor_server_certificate(const struct moor_server *server);
const struct moor_server_counters *moor_server_counters(const struct moor_server *server);

/* Open connections and the bytes that are charged for what they hold, at this moment. */
void moor_server_count_connections(const struct moor_server *server,
                                   size_t counts[MOOR_CONNECTION_STATE_COUNT]);
size_t moor_server_open_connections(const struct moor_server *server);
size_t moor_server_buffered_bytes(const struct moor_server *server);

/* Writes the state of each started worker, at most `max` of them; returns how many. */
size_t moor_server_worker_states(const struct moor_server *server, struct moor_worker_state *out,
                                 size_t max);

/* The version of libh2o that serves. */
const char *moor_server_library_version(void);

#endif
