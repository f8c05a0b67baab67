/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pem - takes keys and certificates out of PEM text that is in memory.
 *
 * OpenSSL would open the files itself, and wait in that for ever where one is a FIFO.
 *
 * Threads:  any thread.
 * Memory:   OpenSSL copies what it needs; the text may be released afterwards.
 * Limits:   on failure, OpenSSL's error queue has the reason.
 */
#ifndef MOOR_WEBHOOK_HTTP_PEM_H
#define MOOR_WEBHOOK_HTTP_PEM_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

struct ssl_ctx_st;

/* Takes the first certificate as the server's and the others as its chain. */
int moor_pem_use_chain(struct ssl_ctx_st *context, struct moor_slice text) MOOR_MUST_CHECK;

/* Takes the private key, which must belong to the certificate. */
int moor_pem_use_key(struct ssl_ctx_st *context, struct moor_slice text) MOOR_MUST_CHECK;

/* Trusts all certificates for clients, and names them to clients that have several. */
int moor_pem_trust(struct ssl_ctx_st *context, struct moor_slice text) MOOR_MUST_CHECK;

#endif
