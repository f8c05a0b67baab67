/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hello - reads the length of a ClientHello before OpenSSL allocates memory for it.
 *
 * After the four bytes of its header, OpenSSL allocates and clears as many bytes as a ClientHello
 * announces, up to 128 KiB.  OpenSSL also compares each key share with each group.  A ClientHello
 * that is full of key shares takes 1 ms with 8 KiB, 4 ms with 16 KiB and 52 ms with 60 KiB.  This
 * module reads the header first, from the same bytes.
 *
 * Follows RFC 8446, sections 4 and 5.1.  Records of other types than handshake are skipped.  A
 * client of TLS 1.3 may send a second ClientHello.  The first handshake message of another type
 * ends the observation, because later messages are encrypted.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 * Limits:   a ClientHello has at most MOOR_HELLO_MAX_BYTES.
 */
#ifndef MOOR_WEBHOOK_HTTP_HELLO_H
#define MOOR_WEBHOOK_HTTP_HELLO_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Maximum ClientHello.  Go's client sends 1.5 KB, with a key share of ML-KEM; a list of groups and
 * names adds little.
 */
#define MOOR_HELLO_MAX_BYTES    ((size_t)8 << 10)

#define MOOR_HELLO_RECORD_BYTES 5U /* header of a record */
#define MOOR_HELLO_HEADER_BYTES 4U /* header of a handshake message */

/* State of the reader; all zero before the first byte. */
struct moor_hello {
    unsigned char record[MOOR_HELLO_RECORD_BYTES];
    unsigned char header[MOOR_HELLO_HEADER_BYTES];
    size_t record_len; /* bytes of `record` that were read */
    size_t header_len; /* bytes of `header` that were read */
    size_t content;    /* bytes left of the record */
    size_t message;    /* bytes left of the message */
    bool done;         /* a message of another type was seen */
};

/*
 * Reads the next bytes of a connection.  Returns false if a ClientHello is longer than the limit.
 */
bool moor_hello_read(struct moor_hello *hello, const unsigned char *bytes, size_t len);

#endif
