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

#include "webhook/config.h"
#include "webhook/http/connection_table.h"
#include "webhook/http/counters.h"
#include "webhook/http/server_handler.h"
#include "webhook/http/tls.h"

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
