/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_guard - counts what the TLS layer of one connection has received, and tells when it is too
 * much.
 *
 * Threads:  pure; the worker that owns the connection.
 * Memory:   allocates nothing; the guard is a part of its connection.
 * Limits:   MOOR_TLS_MAX_MESSAGES handshake messages after the handshake (a KeyUpdate costs the
 *           client 27 bytes and the server 20 microseconds), for the life of a connection;
 *           MOOR_TLS_SPARE_RECORDS records more than one for each MOOR_TLS_RECORD_BYTES of content,
 *           for each request.
 */
#ifndef MOOR_WEBHOOK_HTTP_TLS_GUARD_H
#define MOOR_WEBHOOK_HTTP_TLS_GUARD_H

#include "webhook/http/hello.h"

#include <stdint.h>

/* No client of Kubernetes sends any: Go's and OpenSSL's send a KeyUpdate after 2^24 records. */
#define MOOR_TLS_MAX_MESSAGES  32U

/* Go's client begins a connection with about 110 records of 1.2 KB; no client writes smaller. */
#define MOOR_TLS_SPARE_RECORDS 128U
#define MOOR_TLS_RECORD_BYTES  256U

struct moor_tls_guard {
    bool begun;             /* the first event of the connection was seen */
    bool over;              /* nothing more is read: an alert was received, or a limit crossed */
    bool read_tried;        /* since the last call of SSL_accept() ended */
    unsigned messages;      /* handshake messages after the handshake */
    unsigned spare_records; /* that may still be smaller than MOOR_TLS_RECORD_BYTES */
    uint64_t read_bytes;    /* encrypted bytes that OpenSSL took */
    struct moor_hello hello;
};

/* For a new connection. */
void moor_tls_guard_init(struct moor_tls_guard *out);

/*
 * OpenSSL took the next bytes of the handshake: false if they are too many, or if a ClientHello is
 * too long.
 */
bool moor_tls_guard_take(struct moor_tls_guard *guard, const unsigned char *bytes, size_t len,
                         size_t max_handshake_bytes);

/* A record began, or a handshake message after the handshake: false if there were too many. */
bool moor_tls_guard_count_record(struct moor_tls_guard *guard, size_t content_bytes);
bool moor_tls_guard_count_message(struct moor_tls_guard *guard);

/* Refills the allowance for small records: a request begins. */
void moor_tls_guard_begin_request(struct moor_tls_guard *guard);

#endif
