/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_client - mutual TLS: which client certificates are accepted, and why one was not.
 *
 * OpenSSL verifies the chain, the dates and the purpose (clientAuth) against the client CA; the
 * names are compared here: the common name of the subject exactly, DNS names without regard to
 * case, both whole.  Wildcards in a client certificate mean nothing.
 *
 * Threads:  pure, any thread.
 * Memory:   the caller's; the reason of a refusal is a constant.
 * Limits:   what is kept of a subject is cut at the size of its field; a client sends at most
 *           MOOR_TLS_MAX_CHAIN_BYTES of certificates, of which only its own is kept.
 */
#ifndef MOOR_WEBHOOK_HTTP_TLS_CLIENT_H
#define MOOR_WEBHOOK_HTTP_TLS_CLIENT_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdbool.h>

#define MOOR_TLS_SUBJECT_BYTES   256

/* The certificates of one client: a chain of four with RSA keys of 4096 bits is half of that. */
#define MOOR_TLS_MAX_CHAIN_BYTES (16 << 10)

struct ssl_ctx_st;        /* SSL_CTX */
struct x509_st;           /* X509 */
struct x509_store_ctx_st; /* X509_STORE_CTX */

/* The identity that a client proved, or claimed if it was refused. */
struct moor_tls_client {
    char subject[MOOR_TLS_SUBJECT_BYTES]; /* `CN=kube-apiserver`; empty: no certificate seen */
    const char *refusal;                  /* why it is not accepted, else NULL */
};

/* The CAs that clients must have a certificate of. */
struct moor_tls_client_ca {
    const char *file;       /* their name in messages */
    struct moor_slice text; /* PEM */
};

/*
 * Makes a context ask every client for a certificate of one of the CAs, and refuse the handshake
 * otherwise.  `*not_after_s` is when the last of them expires, which must be after `now_s`.
 */
int moor_tls_client_require(struct ssl_ctx_st *context, int64_t *not_after_s,
                            const struct moor_tls_client_ca *ca, int64_t now_s,
                            struct moor_error *err) MOOR_MUST_CHECK;

/*
 * The work of OpenSSL's verify callback: whether the certificate at the current depth of `store` is
 * accepted.  `verified` is what OpenSSL found so far; with `name_count` names the client's own
 * certificate must bear one of them.
 */
bool moor_tls_client_accepts(struct moor_tls_client *out, struct x509_store_ctx_st *store,
                             bool verified, const char *const *names, size_t name_count);

/* Writes the subject as RFC 2253 has it, control and other bytes escaped. */
void moor_tls_write_subject(char *out, size_t size, const struct x509_st *certificate);

/* Writes `DNS:a.example, IP Address:127.0.0.1`; returns whether there is any name. */
bool moor_tls_write_names(char *out, size_t size, const struct x509_st *certificate);

/* The end of a certificate's validity in seconds since 1970. */
int64_t moor_tls_not_after_s(const struct x509_st *certificate);

#endif
