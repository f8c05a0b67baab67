/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reload - takes over changed files while the server runs: certificate, key, client CA and policy.
 *
 * The files are looked at every MOOR_RELOAD_POLL_S seconds, and at once on SIGHUP.  A file is
 * loaded once it was the same in two looks, certificate, key and client CA together.  It is loaded
 * whole and checked before it takes the place of the old one.  What cannot be used is logged once
 * with the reason and counted; it is tried again when a file changes, a key pair at each look, a
 * policy after a time that doubles from MOOR_RELOAD_POLL_S to MOOR_RELOAD_RETRY_S seconds.  A file
 * that could not be read for want of something (descriptors, memory) is tried again at each look.
 * Logs in good time that a certificate expires.
 *
 * Threads:  the main thread.
 * Memory:   the caller's; borrows everything.
 */
#ifndef MOOR_WEBHOOK_RELOAD_H
#define MOOR_WEBHOOK_RELOAD_H

#include "webhook/file_watch.h"
#include "webhook/http/server.h"
#include "webhook/observe/expiry.h"
#include "webhook/service.h"

#define MOOR_RELOAD_POLL_S    2
#define MOOR_RELOAD_RETRY_S   64

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
    bool has_policy;          /* a file, not the embedded default */
    bool tls_changed;         /* not loaded yet */
    bool tls_failed;          /* the last load */
    char tls_error[256];      /* logged last; empty after a success */
    char policy_error[256];   /* the same */
    unsigned seconds;         /* since the last look */
    unsigned policy_wait_s;   /* after the last load, which failed; 0: it did not */
    uint64_t policy_again_ms; /* monotonic: when it is tried again */
    uint64_t warn_at_ms;      /* of an expiry, monotonic */
    enum moor_expiry expiry;  /* of the serving certificate, as it was met last */
};

/* Who is given what is new. */
struct moor_reload_targets {
    struct moor_service *service;
    struct moor_metrics *metrics;
    struct moor_log *log;
};

/* Notes the state of the files: before they are loaded.  `policy_file` is NULL for the default. */
void moor_reload_init(struct moor_reload *out, const struct moor_tls_files *tls,
                      const char *policy_file);

/* Says whom to give what is new. */
void moor_reload_attach(struct moor_reload *reload, struct moor_server *server,
                        const struct moor_reload_targets *targets);

/* Once a second. */
void moor_reload_tick(struct moor_reload *reload);

/* On SIGHUP. */
void moor_reload_now(struct moor_reload *reload);

#endif
