/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_guard - counts the input of one connection's TLS layer, and reports when there is too much.
 *
 * Threads:  pure; the worker that owns the connection.
 * Memory:   allocates nothing; the guard is a part of its connection.
 * Limits:   MOOR_TLS_MAX_MESSAGES handshake messages after the handshake, for the life of a
 *           connection: a KeyUpdate costs the client 27 bytes and the server 20 microseconds.
 *           MOOR_TLS_SPARE_RECORDS records with less than MOOR_TLS_RECORD_BYTES of content, a
 *           request.
 */
#ifndef MOOR_WEBHOOK_HTTP_TLS_GUARD_H
#define MOOR_WEBHOOK_HTTP_TLS_GUARD_H

#include "webhook/http/hello.h"

#include <stdint.h>

/*
 * Handshake messages after the handshake.  Go's and OpenSSL's clients send a KeyUpdate only after
 * 2^24 records.
 */
#define MOOR_TLS_MAX_MESSAGES  32U

/*
 * Small records.  Go's client begins a connection with about 110 records of 1.2 KB; no client
 * writes smaller ones.
 */
#define MOOR_TLS_SPARE_RECORDS 128U
#define MOOR_TLS_RECORD_BYTES  256U

struct moor_tls_guard {
    bool begun;             /* the first event of the connection was seen */
    bool over;              /* nothing more is read after an alert or a crossed limit */
    bool read_tried;        /* OpenSSL has read since the last call of SSL_accept() ended */
    unsigned messages;      /* handshake messages after the handshake */
    unsigned spare_records; /* records that may still be smaller than MOOR_TLS_RECORD_BYTES */
    uint64_t read_bytes;    /* encrypted bytes that OpenSSL has read */
    struct moor_hello hello;
};

/* Initializes the guard of a new connection. */
void moor_tls_guard_init(struct moor_tls_guard *out);

/*
 * Reads the next bytes of the handshake.  Returns false if the handshake or a ClientHello is too
 * long.
 */
bool moor_tls_guard_take(struct moor_tls_guard *guard, const unsigned char *bytes, size_t len,
                         size_t max_handshake_bytes);

/*
 * Count a record, or a handshake message after the handshake.  Return false if there were too many.
 */
bool moor_tls_guard_count_record(struct moor_tls_guard *guard, size_t content_bytes);
bool moor_tls_guard_count_message(struct moor_tls_guard *guard);

/* Refills the allowance for small records when a request begins. */
void moor_tls_guard_begin_request(struct moor_tls_guard *guard);

#endif
