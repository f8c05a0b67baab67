/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hello - how long a ClientHello is, known before OpenSSL makes room for it.
 *
 * OpenSSL allocates and clears as many bytes as a ClientHello announces, up to 128 KiB, when it has
 * read the four bytes of its header.  It also compares each key share with each group: a
 * ClientHello that is full of them takes 1 ms with 8 KiB, 4 ms with 16 KiB, 52 ms with 60 KiB.  The
 * header is read here first, from the same bytes.
 *
 * Follows RFC 8446, sections 4 and 5.1.  Records of other types than handshake are skipped.  A
 * client of TLS 1.3 may send a second ClientHello; the first handshake message of another type
 * ends the observation, because later ones are encrypted.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 * Limits:   MOOR_HELLO_MAX_BYTES a ClientHello.
 */
#ifndef MOOR_WEBHOOK_HTTP_HELLO_H
#define MOOR_WEBHOOK_HTTP_HELLO_H

#include <stdbool.h>
#include <stddef.h>

/* Go's client sends 1.5 KB, with a key share of ML-KEM; a list of groups and names adds little. */
#define MOOR_HELLO_MAX_BYTES    ((size_t)8 << 10)

#define MOOR_HELLO_RECORD_BYTES 5U /* of a record's header */
#define MOOR_HELLO_HEADER_BYTES 4U /* of a handshake message's header */

/* All zero: nothing was read yet. */
struct moor_hello {
    unsigned char record[MOOR_HELLO_RECORD_BYTES];
    unsigned char header[MOOR_HELLO_HEADER_BYTES];
    size_t record_len; /* of `record` that was read */
    size_t header_len; /* of `header` that was read */
    size_t content;    /* bytes that the record still has */
    size_t message;    /* bytes that the message still has */
    bool done;         /* a message of another type was seen */
};

/* Reads the next bytes of a connection; false: a ClientHello is longer than the limit. */
bool moor_hello_read(struct moor_hello *hello, const unsigned char *bytes, size_t len);

#endif
