/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reload - takes over changed files while the server runs: certificate, key, client CA and policy.
 *
 * The files are looked at every MOOR_RELOAD_POLL_S seconds, and at once on SIGHUP.  What is new is
 * loaded whole and checked before it takes the place of the old; what cannot be used is logged once
 * with the reason, counted, and tried again when something has changed; a key pair, whose halves
 * may come one after the other, at each look.  Also says in good time that a certificate expires.
 *
 * Threads:  the main thread.
 * Memory:   the caller's; borrows everything.
 */
#ifndef MOOR_WEBHOOK_RELOAD_H
#define MOOR_WEBHOOK_RELOAD_H

#include "webhook/file_watch.h"
#include "webhook/server.h"
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
    bool has_policy;     /* a file, not the embedded default */
    bool tls_changed;    /* not loaded yet */
    bool tls_failed;     /* the last load */
    char tls_error[256]; /* that was logged last */
    unsigned seconds;    /* since the last look */
    int64_t warned_at_s; /* of an expiry */
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
