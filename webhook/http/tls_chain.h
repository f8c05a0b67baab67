/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_chain - rejects client certificates that cost too much to decode.
 *
 * OpenSSL decodes the key of each certificate before it verifies any of them.  A compressed point
 * on a curve that the certificate defines itself takes 400 ms, and a message of 16 KB has room for
 * 24 of them.  RFC 5480 forbids such curves in certificates.  A point on a named curve needs at
 * most 0.7 ms.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 * Limits:   MOOR_TLS_MAX_CHAIN certificates.
 */
#ifndef MOOR_WEBHOOK_HTTP_TLS_CHAIN_H
#define MOOR_WEBHOOK_HTTP_TLS_CHAIN_H

#include "policy/base/slice.h"

#define MOOR_TLS_MAX_CHAIN 8U

/*
 * Returns why a Certificate message costs too much to decode, or NULL.  `message` begins with the
 * header of the handshake message.  `has_context` is true for TLS 1.3, which adds a context and
 * extensions.
 */
const char *moor_tls_chain_refusal(struct moor_slice message, bool has_context);

#endif
