/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls - loads a key pair into an OpenSSL context that is fit to serve, or says what is wrong.
 *
 * TLS 1.2 and 1.3; ALPN selects `http/1.1` and nothing else; no session resumption, which would
 * skip verification after the client CA has changed; no renegotiation, no compression.
 * A certificate without subject alternative names, not valid now, or not matching its key is
 * refused: the API server would refuse it too, but the reason would not be visible.
 *
 * Threads:  any thread; one context serves all threads.
 * Memory:   the context is counted by references: SSL_CTX_up_ref(), SSL_CTX_free().
 * Limits:   a file has at most 1 MiB and is a regular file; what is kept of subject and names is
 *           cut at the size of its field.
 */
#ifndef MOOR_WEBHOOK_HTTP_TLS_H
#define MOOR_WEBHOOK_HTTP_TLS_H

#include "policy/base/error.h"
#include "webhook/config.h"

#include <stdbool.h>

struct ssl_ctx_st; /* SSL_CTX of OpenSSL */

/* Whose end matters. */
enum moor_certificate_role {
    MOOR_CERTIFICATE_LEAF,
    MOOR_CERTIFICATE_CA,
    MOOR_CERTIFICATE_CLIENT_CA,
    MOOR_CERTIFICATE_COUNT
};

/* The serving certificate, for logs and metrics. */
struct moor_tls_certificate {
    char subject[256];    /* `CN=tagmoor` */
    char names[1024];     /* `DNS:tagmoor.tagmoor.svc, IP Address:127.0.0.1` */
    int64_t not_before_s; /* seconds since 1970 */
    int64_t not_after_s;
    int64_t ca_not_after_s;        /* the first to expire of the chain in the file; 0: no chain */
    int64_t client_ca_not_after_s; /* the last to expire of the client CAs; 0: no mutual TLS */
};

/*
 * Loads the files and checks that they can serve at `now_s`, seconds since 1970.  The caller owns
 * `*out`.  Returns -1 with what to do about it.
 */
int moor_tls_load(struct ssl_ctx_st **out, struct moor_tls_certificate *certificate,
                  const struct moor_tls_files *files, int64_t now_s,
                  struct moor_error *err) MOOR_MUST_CHECK;

#endif
