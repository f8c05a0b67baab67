/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_client - mutual TLS: decides which client certificates are accepted, and reports why not.
 *
 * OpenSSL verifies the chain, the dates and the purpose (clientAuth) against the client CA.  This
 * module compares the names as a whole: the common name of the subject exactly, DNS names without
 * regard to case.  Wildcards in a client certificate have no meaning.
 *
 * Threads:  pure, any thread.
 * Memory:   the caller's; the reason for a rejection is a constant.
 * Limits:   a subject is truncated to the size of its field.  A client sends at most
 *           MOOR_TLS_MAX_CHAIN_BYTES of certificates, of which only its own is kept.
 */
#ifndef MOOR_WEBHOOK_HTTP_TLS_CLIENT_H
#define MOOR_WEBHOOK_HTTP_TLS_CLIENT_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdbool.h>

#define MOOR_TLS_SUBJECT_BYTES   256

/*
 * Maximum size of the certificates of one client.  A chain of four with RSA keys of 4096 bits has
 * half of that.
 */
#define MOOR_TLS_MAX_CHAIN_BYTES (16 << 10)

struct ssl_ctx_st;        /* SSL_CTX */
struct x509_st;           /* X509 */
struct x509_store_ctx_st; /* X509_STORE_CTX */

/* Identity of a client: proved, or only claimed if the certificate was rejected. */
struct moor_tls_client {
    char subject[MOOR_TLS_SUBJECT_BYTES]; /* `CN=kube-apiserver`; empty: no certificate seen */
    const char *refusal;                  /* reason for the rejection, else NULL */
};

/* CAs that sign the certificates of clients. */
struct moor_tls_client_ca {
    const char *file;       /* file name for messages */
    struct moor_slice text; /* PEM */
};

/*
 * Makes a context require a client certificate of one of the CAs; else the handshake fails.
 * `*not_after_s` is the expiry of the last CA.  Returns -1 if `ca` is invalid or if all CAs expired
 * before `now_s`.
 */
int moor_tls_client_require(struct ssl_ctx_st *context, int64_t *not_after_s,
                            const struct moor_tls_client_ca *ca, int64_t now_s,
                            struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Implements OpenSSL's verify callback: returns whether the certificate at the current depth of
 * `store` is accepted.  `verified` is OpenSSL's own result.  If `name_count` is not 0, the client's
 * own certificate must have one of the names.
 */
bool moor_tls_client_accepts(struct moor_tls_client *out, struct x509_store_ctx_st *store,
                             bool verified, const char *const *names, size_t name_count);

/* Writes the subject in the format of RFC 2253, with control and non-ASCII bytes escaped. */
void moor_tls_write_subject(char *out, size_t size, const struct x509_st *certificate);

/* Writes `DNS:a.example, IP Address:127.0.0.1`.  Returns whether there is any name. */
bool moor_tls_write_names(char *out, size_t size, const struct x509_st *certificate);

/* Returns the end of a certificate's validity in seconds since 1970. */
int64_t moor_tls_not_after_s(const struct x509_st *certificate);

#endif
