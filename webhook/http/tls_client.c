/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <strings.h>

#include "webhook/http/pem.h"
#include "webhook/http/tls_client.h"

#include <time.h>

/* --- reading certificates --------------------------------------------------------------------- */

/*
 * A longer text is truncated: the subject serves logs only, and must not grow with the client's
 * certificate.
 */
static void copy_memory_bio(char *out, size_t size, BIO *memory)
{
    int len = BIO_read(memory, out, (int)size - 1);
    out[len > 0 ? len : 0] = '\0';
}

void moor_tls_write_subject(char *out, size_t size, const struct x509_st *certificate)
{
    BIO *memory = BIO_new(BIO_s_mem());
    out[0] = '\0';
    if (memory != NULL) {
        (void)X509_NAME_print_ex(memory, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
        copy_memory_bio(out, size, memory);
        (void)BIO_free(memory);
    }
}

/* OpenSSL formats the names itself, so that unusual types of names are printed too. */
bool moor_tls_write_names(char *out, size_t size, const struct x509_st *certificate)
{
    out[0] = '\0';
    int at = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
    BIO *memory = at >= 0 ? BIO_new(BIO_s_mem()) : NULL;
    if (memory != NULL) {
        (void)X509V3_EXT_print(memory, X509_get_ext(certificate, at), 0, 0);
        copy_memory_bio(out, size, memory);
        (void)BIO_free(memory);
    }
    return out[0] != '\0';
}

int64_t moor_tls_not_after_s(const struct x509_st *certificate)
{
    struct tm parts = {0};
    return ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) == 1 ? (int64_t)timegm(&parts)
                                                                         : 0;
}

/* --- the client CA ---------------------------------------------------------------------------- */

/*
 * Returns when the last certificate of the store expires; 0 if there is none.  OpenSSL parses the
 * extensions of a certificate on first use, in any thread.  X509_check_purpose() triggers this
 * here, in one thread.
 */
static int64_t prepare_store(SSL_CTX *context)
{
    int64_t last_s = 0;
    STACK_OF(X509) *all = X509_STORE_get1_all_certs(SSL_CTX_get_cert_store(context));
    for (int i = 0; i < sk_X509_num(all); i++) {
        (void)X509_check_purpose(sk_X509_value(all, i), -1, 0);
        int64_t not_after_s = moor_tls_not_after_s(sk_X509_value(all, i));
        last_s = not_after_s > last_s ? not_after_s : last_s;
    }
    sk_X509_pop_free(all, X509_free);
    return last_s;
}

/*
 * OpenSSL keeps all certificates of a client as long as its connection, even those outside the
 * verified chain.  A parsed certificate takes ten times its size on the wire.  Only the first
 * certificate is needed after the verification.
 */
static int verify_and_drop_others(X509_STORE_CTX *store, void *unused)
{
    (void)unused;
    int verified = X509_verify_cert(store);
    STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(store);
    while (sk_X509_num(sent) > 1) {
        X509_free(sk_X509_pop(sent));
    }
    return verified;
}

/*
 * Expired CAs are rejected now, because every handshake would fail otherwise.  Mutual TLS needs a
 * session ID context: without one, OpenSSL fails every second connection of a client that resumes.
 */
int moor_tls_client_require(struct ssl_ctx_st *context, int64_t *not_after_s,
                            const struct moor_tls_client_ca *ca, int64_t now_s,
                            struct moor_error *err)
{
    static const unsigned char session_context[] = "tagmoor";
    ERR_clear_error();
    if (moor_pem_trust(context, ca->text) != 0) {
        const char *reason = ERR_reason_error_string(ERR_peek_error());
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "client CA '%s' cannot be used: %s: use a file with PEM certificates",
                              ca->file, reason != NULL ? reason : "no certificate");
    }
    *not_after_s = prepare_store(context);
    if (*not_after_s < now_s) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "client CA '%s' expired and no client could connect: set "
                              "--client-ca-file to a valid one",
                              ca->file);
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_cert_verify_callback(context, verify_and_drop_others, NULL);
    SSL_CTX_set_max_cert_list(context, MOOR_TLS_MAX_CHAIN_BYTES);
    (void)SSL_CTX_set_session_id_context(context, session_context, sizeof session_context - 1);
    return 0;
}

/* --- one client ------------------------------------------------------------------------------- */

/* The text of a certificate may contain NUL bytes, so the lengths are compared before the bytes. */
static bool is_one_of(const unsigned char *text, size_t len, const char *const *names, size_t count,
                      int (*compare)(const char *, const char *, size_t))
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(names[i]) == len && compare((const char *)text, names[i], len) == 0) {
            return true;
        }
    }
    return false;
}

/* If there are several common names, the last one is the most specific. */
static bool has_common_name(const X509 *leaf, const char *const *names, size_t count)
{
    const X509_NAME *subject = X509_get_subject_name(leaf);
    int last = -1;
    for (int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1); at >= 0;
         at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) {
        last = at;
    }
    if (last < 0) {
        return false;
    }
    unsigned char *text = NULL;
    int len =
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last)));
    bool found = len > 0 && is_one_of(text, (size_t)len, names, count, strncmp);
    OPENSSL_free(text);
    return found;
}

/* DNS names are compared without regard to case (RFC 4343). */
static bool has_dns_name(const X509 *leaf, const char *const *names, size_t count)
{
    GENERAL_NAMES *all = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    bool found = false;
    for (int i = 0; i < sk_GENERAL_NAME_num(all) && !found; i++) {
        int type = 0;
        const ASN1_STRING *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all, i), &type);
        found = type == GEN_DNS &&
                is_one_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value), names,
                          count, strncasecmp);
    }
    GENERAL_NAMES_free(all);
    return found;
}

/* A certificate may identify its holder by alternative names alone. */
static void name_client(struct moor_tls_client *out, const X509 *leaf)
{
    moor_tls_write_subject(out->subject, sizeof out->subject, leaf);
    if (out->subject[0] == '\0') {
        (void)moor_tls_write_names(out->subject, sizeof out->subject, leaf);
    }
}

/*
 * OpenSSL calls this for each certificate of the chain, from the root to the leaf.  Names are
 * compared only at depth 0, the client's own certificate.
 */
bool moor_tls_client_accepts(struct moor_tls_client *out, struct x509_store_ctx_st *store,
                             bool verified, const char *const *names, size_t name_count)
{
    const X509 *leaf = X509_STORE_CTX_get0_cert(store);
    if (out->subject[0] == '\0' && leaf != NULL) {
        name_client(out, leaf);
    }
    if (!verified) {
        out->refusal = X509_verify_cert_error_string(X509_STORE_CTX_get_error(store));
        return false;
    }
    if (X509_STORE_CTX_get_error_depth(store) > 0 || name_count == 0) {
        return true;
    }
    if (leaf != NULL &&
        (has_common_name(leaf, names, name_count) || has_dns_name(leaf, names, name_count))) {
        return true;
    }
    out->refusal = "no name of the certificate is allowed by --client-name";
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return false;
}
