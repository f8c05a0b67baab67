/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reload - loads changed files while the server runs: certificate, key, client CA and policy.
 *
 * The files are read every MOOR_RELOAD_POLL_S seconds, and at once on SIGHUP.  A file is loaded
 * when two reads in a row found the same content; certificate, key and client CA are loaded
 * together.  A file is loaded and checked completely before it replaces the previous one.  If it is
 * invalid, the error is logged and counted once, and the previous file stays in force.  Another
 * attempt is made when a file changes, for a key pair with each read, for a policy at the times of
 * retry.h.  A file that could not be read for lack of resources (descriptors, memory) is tried
 * again with each read. A certificate that will expire soon is logged.
 *
 * Threads:  the main thread.
 * Memory:   the caller's; borrows everything.
 */
#ifndef MOOR_WEBHOOK_RELOAD_H
#define MOOR_WEBHOOK_RELOAD_H

#include "webhook/file_watch.h"
#include "webhook/http/server.h"
#include "webhook/observe/expiry.h"
#include "webhook/retry.h"
#include "webhook/service.h"

#define MOOR_RELOAD_POLL_S    2

/* Certificate, key, client CA. */
#define MOOR_RELOAD_TLS_FILES 3

struct moor_reload {
    struct moor_server *server;
    struct moor_service *service;
    struct moor_metrics *metrics;
    struct moor_log *log;
    struct moor_file_watch tls[MOOR_RELOAD_TLS_FILES];
    size_t tls_count;
    struct moor_file_watch policy;
    bool has_policy;  /* a file, not the embedded default */
    bool tls_changed; /* a change is not loaded yet */
    struct moor_retry tls_retry;
    struct moor_retry policy_retry;
    unsigned seconds;        /* seconds since the last look */
    uint64_t warn_at_ms;     /* next warning about an expiry, monotonic */
    enum moor_expiry expiry; /* last distance to the expiry of the certificate */
};

/* The users of the reloaded files. */
struct moor_reload_targets {
    struct moor_service *service;
    struct moor_metrics *metrics;
    struct moor_log *log;
};

/*
 * Records the state of the files; call it before they are loaded.  `policy_file` is NULL for the
 * embedded policy.
 */
void moor_reload_init(struct moor_reload *out, const struct moor_tls_files *tls,
                      const char *policy_file);

/* Sets the users of the reloaded files. */
void moor_reload_attach(struct moor_reload *reload, struct moor_server *server,
                        const struct moor_reload_targets *targets);

/*
 * Looks for changes when they are due, and warns before the certificate expires.  Call it once a
 * second.
 */
void moor_reload_tick(struct moor_reload *reload);

/* Reads all files at once.  Call it on SIGHUP. */
void moor_reload_now(struct moor_reload *reload);

#endif
