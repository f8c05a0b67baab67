/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls - loads a key pair into an OpenSSL context that can serve, or reports the error.
 *
 * The context has TLS 1.2 and 1.3.  ALPN selects `http/1.1` only.  Session resumption is off,
 * because it would skip verification after the client CA has changed.  Renegotiation and
 * compression are off.  A certificate is rejected if it has no subject alternative names, is not
 * valid now, or does not match its key.  The API server would reject such a certificate too, but
 * without a visible reason.
 *
 * Threads:  any thread; one context serves all threads.
 * Memory:   references are counted: SSL_CTX_up_ref(), SSL_CTX_free().
 * Limits:   a file is a regular file of at most 1 MiB; subject and names are truncated to their
 *           fields.
 */
#ifndef MOOR_WEBHOOK_HTTP_TLS_H
#define MOOR_WEBHOOK_HTTP_TLS_H

#include "policy/base/error.h"
#include "webhook/config.h"

#include <stdbool.h>

struct ssl_ctx_st; /* SSL_CTX of OpenSSL */

/* Certificates whose expiry is reported. */
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
    int64_t ca_not_after_s;        /* first expiry in the chain of the file; 0 without a chain */
    int64_t client_ca_not_after_s; /* last expiry of the client CAs; 0 without mutual TLS */
};

/*
 * Loads the files and checks that they can serve at `now_s`, in seconds since 1970.  The caller
 * owns `*out`.  On failure, returns -1; `err` names the file, the cause and the remedy.
 */
int moor_tls_load(struct ssl_ctx_st **out, struct moor_tls_certificate *certificate,
                  const struct moor_tls_files *files, int64_t now_s,
                  struct moor_error *err) MOOR_MUST_CHECK;

#endif
