/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server - HTTP/1.1 over TLS on libh2o, with a limit on everything that a client can make it hold.
 *
 * The server knows nothing of admission.  It listens, reads complete requests, answers probes and
 * errors (wrong path, wrong method, body too large) and passes the other requests to a handler.
 * HTTP/2 is disabled and cannot be enabled, because a client can abort libh2o 2.2.5 through HTTP/2.
 *
 * Life cycle: open (load and check TLS, bind the addresses), start, and run until SIGTERM or
 * SIGINT.  Then readiness fails and every answer has `Connection: close` for `lame_duck_ms`.  Then
 * the listeners close, and open requests have `drain_ms` to end.  A second signal ends the process
 * at once.
 *
 * Threads:  open, start, run and free on one thread, the main thread.  moor_server_open() ignores
 *           SIGPIPE and blocks SIGTERM, SIGINT and SIGHUP in its thread.  Start other threads after
 *           it, so that they inherit the mask.  The handler's functions run on several threads.
 * Memory:   bounded by the configuration; `max_buffered_bytes` limits input that is not evaluated.
 * Limits:   struct moor_server_config in config.h.
 */
#ifndef MOOR_WEBHOOK_HTTP_SERVER_H
#define MOOR_WEBHOOK_HTTP_SERVER_H

#include "webhook/config.h"
#include "webhook/http/connection_table.h"
#include "webhook/http/counters.h"
#include "webhook/http/server_handler.h"
#include "webhook/http/tls.h"

struct moor_server;

/*
 * Loads and checks the key pair, checks the limits against those of the process, and binds the
 * addresses.  Copies the configuration, but not its strings.  `handler` must outlive the server.
 * The caller frees `*out`.  Returns -1 if the configuration cannot work.
 */
int moor_server_open(struct moor_server **out, const struct moor_server_config *config,
                     const struct moor_server_handler *handler,
                     struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Starts the threads, which serve at once.  Returns -1 if a thread could not start; the other
 * threads have then ended.
 */
int moor_server_start(struct moor_server *server, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Serves until SIGTERM or SIGINT, then drains.  Returns after the drain, which cuts the
 * connections that are left at its end.
 */
void moor_server_run(struct moor_server *server);

/*
 * Reloads certificate, key and client CA.  New connections use them; existing connections close
 * with their next answer.  On failure, returns -1 and keeps the previous files.  Main thread only.
 */
int moor_server_reload_tls(struct moor_server *server, struct moor_error *err) MOOR_MUST_CHECK;

/* Frees a server that was not started or has run; ignores NULL. */
void moor_server_free(struct moor_server *server);

/*
 * Returns the address of the listener at `index` with its real port, such as `127.0.0.1:43210`;
 * NULL after the last listener.
 */
const char *moor_server_address(const struct moor_server *server, size_t index);

/* Returns the address of the listener for probes and metrics; empty if there is none. */
const char *moor_server_metrics_address(const struct moor_server *server);

/* Returns the expiry of a certificate in seconds since 1970; 0 if there is no such certificate. */
int64_t moor_server_expiry_s(const struct moor_server *server, enum moor_certificate_role role);

/* Returns the certificate in force; main thread only. */
const struct moor_tls_certificate *moor_server_certificate(const struct moor_server *server);
/* Returns the counters of the serving port. */
const struct moor_server_counters *moor_server_counters(const struct moor_server *server);

/* Return the open connections, by state and in total, and the bytes charged for them. */
void moor_server_count_connections(const struct moor_server *server,
                                   size_t counts[MOOR_CONNECTION_STATE_COUNT]);
size_t moor_server_open_connections(const struct moor_server *server);
size_t moor_server_buffered_bytes(const struct moor_server *server);

/* Writes the state of each started worker, at most `max` of them.  Returns the number written. */
size_t moor_server_worker_states(const struct moor_server *server, struct moor_worker_state *out,
                                 size_t max);

/* Returns the version of libh2o. */
const char *moor_server_library_version(void);

#endif
