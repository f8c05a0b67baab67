/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pem - loads keys and certificates from PEM text in memory.
 *
 * OpenSSL's own functions open the files, and block forever if a file is a FIFO.
 *
 * Threads:  any thread.
 * Memory:   OpenSSL copies the data; the text may be released afterwards.
 * Limits:   on failure, OpenSSL's error queue has the reason.
 */
#ifndef MOOR_WEBHOOK_HTTP_PEM_H
#define MOOR_WEBHOOK_HTTP_PEM_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

struct ssl_ctx_st;

/*
 * Uses the first certificate as the server's and the others as its chain.  Returns -1 on failure.
 */
int moor_pem_use_chain(struct ssl_ctx_st *context, struct moor_slice text) MOOR_MUST_CHECK;

/* Uses the private key.  Returns -1 if it is invalid or does not belong to the certificate. */
int moor_pem_use_key(struct ssl_ctx_st *context, struct moor_slice text) MOOR_MUST_CHECK;

/*
 * Trusts all certificates as client CAs, and sends their names to clients so that a client can
 * choose a certificate.  Returns -1 if there is none or if one is invalid.
 */
int moor_pem_trust(struct ssl_ctx_st *context, struct moor_slice text) MOOR_MUST_CHECK;

#endif
