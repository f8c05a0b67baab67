/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handshake - observes and limits the work of OpenSSL for one connection.
 *
 * libh2o drives OpenSSL and reports nothing about it.  Three callbacks fill the gap:
 *
 *   - The info callback sees the end of the handshake, its failures and every alert.
 *   - The message callback counts records and messages after the handshake.  It also sees the
 *     certificates of a client before OpenSSL decodes them (tls_chain.h).
 *   - The BIO callback sees each read of encrypted input and can end it: after an alert, and if a
 *     ClientHello is too long (hello.h).
 *
 * After an alert of any kind, nothing more is read.  After close_notify, OpenSSL takes no more
 * input and libh2o would extend its buffer without end; during a handshake, libh2o would call
 * SSL_accept() forever.  The same applies to a connection that crossed a limit of tls_guard.h.
 *
 * A step of a handshake takes hundreds of microseconds, or six milliseconds with an RSA key of 4096
 * bits.  Hundreds of clients can connect at the same moment.  A turn of the event loop makes at
 * most MOOR_HANDSHAKES_A_TURN steps; the others wait for a later turn.
 *
 * Threads:  the worker that owns the connection; the callbacks run inside OpenSSL on that thread.
 * Memory:   allocates nothing; the guard is a part of its connection.
 * Limits:   MOOR_HANDSHAKES_A_TURN, and the limits of tls_guard.h.
 */
#ifndef MOOR_WEBHOOK_HTTP_HANDSHAKE_H
#define MOOR_WEBHOOK_HTTP_HANDSHAKE_H

#include "webhook/http/connection.h"

#define MOOR_HANDSHAKES_A_TURN 8U

/* Sets the callbacks of a context.  Call it once, before the context serves. */
void moor_handshake_observe(struct ssl_ctx_st *tls);

/*
 * Takes over the first read of a connection that libh2o accepted.  libh2o creates an SSL object
 * when the first bytes arrive, and crashes if OpenSSL has no memory for it.  The memory is
 * therefore tried first.
 */
void moor_handshake_await(struct moor_connection *connection);

/*
 * Takes over the next read of a handshake, so that it also waits for its turn.  Call it after each
 * turn.
 */
void moor_handshake_watch(struct moor_connection *connection);

/* Continues handshakes that wait.  Call it after each turn. */
void moor_handshake_run(struct moor_worker *worker);

/* Returns whether a handshake waits for a turn. */
bool moor_handshake_is_waiting(const struct moor_worker *worker);

/* Counts and logs a handshake that ended without a report by OpenSSL. */
void moor_handshake_count_closed(struct moor_connection *connection);

#endif
