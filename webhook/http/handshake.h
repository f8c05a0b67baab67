/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handshake - observes and bounds what OpenSSL does for one connection.
 *
 * libh2o drives OpenSSL and reports nothing about it.  Three callbacks fill the gap:
 *
 *   - the info callback sees the end of the handshake, its failures and every alert;
 *   - the message callback counts records and messages once the handshake is done, and sees the
 *     certificates of a client before they are decoded (tls_chain.h);
 *   - the BIO callback sees each read of encrypted input and can end it: after an alert, and if a
 *     ClientHello is too long (hello.h).
 *
 * After an alert of any kind, nothing more is read.  After close_notify, OpenSSL takes no more
 * input and libh2o would append to its buffer without end; during a handshake it would call
 * SSL_accept() forever.  The same holds for a connection that is over a limit of tls_guard.h.
 *
 * A step of a handshake costs hundreds of microseconds, or six milliseconds with an RSA key of 4096
 * bits, and hundreds of clients can ask for one at the same moment.  A turn of the event loop takes
 * at most MOOR_HANDSHAKES_A_TURN steps; the others wait for a later turn.
 *
 * Threads:  the worker that owns the connection; the callbacks run inside OpenSSL on that thread.
 * Memory:   allocates nothing; the guard is a part of its connection.
 * Limits:   MOOR_HANDSHAKES_A_TURN; those of tls_guard.h.
 */
#ifndef MOOR_WEBHOOK_HTTP_HANDSHAKE_H
#define MOOR_WEBHOOK_HTTP_HANDSHAKE_H

#include "webhook/http/connection.h"

#define MOOR_HANDSHAKES_A_TURN 8U

/* Sets the callbacks of a context.  Call it once, before the context serves. */
void moor_handshake_observe(struct ssl_ctx_st *tls);

/*
 * After libh2o accepted the connection.  libh2o makes an SSL when the first bytes arrive, and
 * crashes if OpenSSL has no memory for it: from here on that is tried first.
 */
void moor_handshake_await(struct moor_connection *connection);

/* After each turn: the next bytes of a handshake have to wait for their turn too. */
void moor_handshake_watch(struct moor_connection *connection);

/* After each turn: continues handshakes that wait. */
void moor_handshake_run(struct moor_worker *worker);

/* Whether a handshake waits for a turn. */
bool moor_handshake_is_waiting(const struct moor_worker *worker);

/* Counts and logs a handshake that ended and that OpenSSL did not report. */
void moor_handshake_count_closed(struct moor_connection *connection);

#endif
