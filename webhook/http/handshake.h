/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handshake - what OpenSSL does for one client, observed from inside and bounded.
 *
 * libh2o drives OpenSSL and reports nothing about it.  Three callbacks fill the gap:
 *
 *   - the info callback sees the end of the handshake, its failures and every alert;
 *   - the message callback counts records and messages once the handshake is done, and sees the
 *     certificates of a client before they are decoded (tls_chain.h);
 *   - the BIO callback sees each read of encrypted input, and can end it: after an alert, and
 *     where a ClientHello is too long (hello.h).
 *
 * An alert ends reading, whatever it says: after close_notify OpenSSL takes no more input, libh2o
 * would append to its buffer without end, and during a handshake it would call SSL_accept() for
 * ever.  The same holds for a connection that is over a limit of this module.
 *
 * Threads:  the worker that owns the client; the callbacks run inside OpenSSL on that thread.
 * Memory:   allocates nothing; the guard is a part of its client.
 * Limits:   MOOR_TLS_MAX_MESSAGES handshake messages after the handshake (a KeyUpdate costs the
 *           client 27 bytes and the server 20 microseconds), for the life of a connection;
 *           MOOR_TLS_SPARE_RECORDS records more than one for each MOOR_TLS_RECORD_BYTES of content,
 *           for each request.
 */
#ifndef MOOR_WEBHOOK_HTTP_HANDSHAKE_H
#define MOOR_WEBHOOK_HTTP_HANDSHAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "webhook/http/hello.h"

/* No client of Kubernetes sends any: Go's and OpenSSL's send a KeyUpdate after 2^24 records. */
#define MOOR_TLS_MAX_MESSAGES  32U

/* Go's client begins a connection with about 110 records of 1.2 KB; no client writes smaller. */
#define MOOR_TLS_SPARE_RECORDS 128U
#define MOOR_TLS_RECORD_BYTES  256U

struct moor_connection;

struct moor_tls_guard {
    bool begun;             /* the first event of the connection was seen */
    bool over;              /* nothing more is read: an alert was received, or a limit crossed */
    bool read_tried;        /* since the last call of SSL_accept() ended */
    unsigned messages;      /* handshake messages after the handshake */
    unsigned spare_records; /* that may still be smaller than MOOR_TLS_RECORD_BYTES */
    uint64_t read_bytes;    /* encrypted bytes that OpenSSL took */
    struct moor_hello hello;
};

/* moor_worker_watch_tls() in worker.h sets the callbacks of a context. */

/* Prepares a new client, before libh2o accepts it. */
void moor_handshake_init(struct moor_connection *connection);

/*
 * After libh2o accepted it: libh2o makes an SSL when the first bytes arrive, and crashes where
 * OpenSSL has no memory for one.  That is tried first from here on.
 */
void moor_handshake_await(struct moor_connection *connection);

/* After each turn: the next bytes of a handshake have to wait for their turn too. */
void moor_handshake_watch(struct moor_connection *connection);

/* Begins or continues the handshake of a client from which bytes were received. */
void moor_handshake_go_on(struct moor_connection *connection);

/* Refills the allowance for small records: a request begins. */
void moor_handshake_begin_request(struct moor_connection *connection);

/* Counts and logs a handshake that ended without a word from OpenSSL. */
void moor_handshake_count_closed(struct moor_connection *connection);

#endif
