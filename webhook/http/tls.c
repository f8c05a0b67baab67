/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "webhook/http/pem.h"
#include "webhook/http/tls.h"
#include "webhook/http/tls_client.h"
#include "webhook/regular_file.h"
#include "webhook/sandbox_files.h"

#define MAX_BYTES ((size_t)1 << 20) /* maximum size of a PEM file */

/*
 * Returns the first error of OpenSSL's queue; the later errors follow from it.  A system error has
 * no text of its own in OpenSSL.
 */
static const char *first_reason(void)
{
    unsigned long code = ERR_peek_error();
    if (ERR_SYSTEM_ERROR(code)) {
        return "system error";
    }
    const char *reason = ERR_reason_error_string(code);
    return reason != NULL ? reason : "unknown error";
}

/* Contents of the files. */
struct texts {
    struct moor_buf certificate;
    struct moor_buf key;
    struct moor_buf client_ca;
};

/*
 * The remedy depends on the cause.  A lack of resources or the sandbox is not fixed by another file
 * name, so these messages name no flag.
 */
static int fail_to_read(int code, const char *file, const char *flag, const char *what,
                        struct moor_error *err)
{
    char why[MOOR_REGULAR_FILE_WHY_BYTES];
    if (code == EISDIR) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "%s '%s' is a directory: set %s to a file in it", what, file, flag);
    }
    if (code == EFBIG) {
        return moor_error_set(err, MOOR_ERROR_LIMIT,
                              "%s '%s' is larger than %zu bytes: set %s to a PEM file", what, file,
                              MAX_BYTES, flag);
    }
    if (moor_regular_file_is_transient(code) || (code == EACCES && moor_sandbox_forbids(file))) {
        return moor_error_set(err, MOOR_ERROR_SYSTEM, "%s '%s' cannot be read: %s", what, file,
                              moor_regular_file_explain(why, code, file));
    }
    return moor_error_set(err, MOOR_ERROR_SYSTEM,
                          "%s '%s' cannot be read: %s: set %s to a file that this user can read",
                          what, file, moor_regular_file_explain(why, code, file), flag);
}

/*
 * Reads a file without OpenSSL, whose errors about unreadable files are vague, and which blocks on
 * a FIFO.
 */
static int read_text(struct moor_buf *out, const char *file, const char *flag, const char *what,
                     struct moor_error *err)
{
    if (file == NULL || file[0] == '\0') {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "no %s given: set %s, or create one with 'tagmoor certs'", what,
                              flag);
    }
    int code = moor_regular_file_read(out, file);
    if (code != 0) {
        return fail_to_read(code, file, flag, what, err);
    }
    if (out->len == 0) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "%s '%s' is empty: set %s to a file with PEM content", what, file,
                              flag);
    }
    return 0;
}

static int read_texts(struct texts *out, const struct moor_tls_files *files, struct moor_error *err)
{
    if (read_text(&out->certificate, files->cert_file, "--tls-cert-file", "certificate", err) !=
            0 ||
        read_text(&out->key, files->key_file, "--tls-private-key-file", "key", err) != 0) {
        return -1;
    }
    return files->client_ca_file == NULL ? 0
                                         : read_text(&out->client_ca, files->client_ca_file,
                                                     "--client-ca-file", "client CA", err);
}

static void init_texts(struct texts *out)
{
    moor_buf_init(&out->certificate, MAX_BYTES);
    moor_buf_init(&out->key, MAX_BYTES);
    moor_buf_init(&out->client_ca, MAX_BYTES);
}

/* The private key is overwritten, so that freed memory does not contain it. */
static void release_texts(struct texts *texts)
{
    if (texts->key.len > 0) {
        OPENSSL_cleanse(texts->key.ptr, texts->key.len);
    }
    moor_buf_release(&texts->certificate);
    moor_buf_release(&texts->key);
    moor_buf_release(&texts->client_ca);
}

/*
 * Selects http/1.1, which the API server offers after h2.  A client that offers neither is served
 * HTTP/1.1 without ALPN.
 */
static int select_http1(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                        const unsigned char *offered, unsigned int offered_len, void *context)
{
    (void)ssl;
    (void)context;
    static const unsigned char http1[] = "\x08http/1.1";
    unsigned char *chosen = NULL;
    if (SSL_select_next_proto(&chosen, out_len, http1, sizeof http1 - 1, offered, offered_len) !=
        OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/*
 * Allows only groups that cost little.  By default OpenSSL also offers finite-field groups: a
 * client that sends a random key share for ffdhe8192 makes the server spend 13 ms.  The first list
 * contains the hybrid group of OpenSSL 3.5, which older versions reject.
 */
static long limit_groups(SSL_CTX *context)
{
    /* OpenSSL's macro casts its argument to a pointer that is not const. */
    char hybrid[] = "X25519MLKEM768:X25519:P-256:P-384:P-521";
    char classic[] = "X25519:P-256:P-384:P-521";
    if (SSL_CTX_set1_groups_list(context, hybrid) == 1) {
        return 1;
    }
    ERR_clear_error();
    return SSL_CTX_set1_groups_list(context, classic);
}

/*
 * Sessions are never resumed: clients of Kubernetes do not resume, and a resumed session would skip
 * verification after the client CA has changed.  SSL_MODE_RELEASE_BUFFERS frees OpenSSL's buffers
 * of idle connections.
 */
static SSL_CTX *new_context(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL) {
        return NULL;
    }
    (void)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
#ifdef SSL_OP_NO_RX_CERTIFICATE_COMPRESSION /* tls_chain.h must see certificates without \
                                               compression */
    SSL_CTX_set_options(context, SSL_OP_NO_RX_CERTIFICATE_COMPRESSION);
#endif
    (void)SSL_CTX_set_num_tickets(context, 0);
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(context, select_http1, NULL);
    if (limit_groups(context) != 1) {
        SSL_CTX_free(context);
        return NULL;
    }
    return context;
}

/* Errors of an earlier call must not appear as the reason, so the queue is cleared first. */
static int use_texts(SSL_CTX *context, const struct texts *texts, const char *cert_file,
                     const char *key_file, struct moor_error *err)
{
    ERR_clear_error();
    if (moor_pem_use_chain(context, moor_buf_slice(&texts->certificate)) != 0) {
        return moor_error_set(
            err, MOOR_ERROR_VALUE,
            "certificate '%s' cannot be used: %s: use a PEM file that begins with "
            "the server's certificate",
            cert_file, first_reason());
    }
    if (moor_pem_use_key(context, moor_buf_slice(&texts->key)) == 0) {
        return 0;
    }
    int reason = ERR_GET_REASON(ERR_peek_error());
    if (reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "key '%s' does not match certificate '%s': use the key that the "
                              "certificate was issued for",
                              key_file, cert_file);
    }
    return moor_error_set(err, MOOR_ERROR_VALUE,
                          "key '%s' cannot be used: %s: use a PEM file without a passphrase",
                          key_file, first_reason());
}

static int64_t seconds_of(const ASN1_TIME *time)
{
    struct tm parts = {0};
    return ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) : 0;
}

/* Returns when the first certificate of the chain after the leaf expires; 0 without a chain. */
static int64_t chain_expiry_s(SSL_CTX *context)
{
    STACK_OF(X509) *chain = NULL;
    int64_t first_s = 0;
    (void)SSL_CTX_get0_chain_certs(context, &chain);
    for (int i = 0; i < sk_X509_num(chain); i++) {
        int64_t not_after_s = moor_tls_not_after_s(sk_X509_value(chain, i));
        first_s = first_s == 0 || not_after_s < first_s ? not_after_s : first_s;
    }
    return first_s;
}

/*
 * Writes "2026-11-21 22:20:00 UTC".  A year that gmtime_r() cannot represent is written in seconds.
 */
static const char *format_time(char out[32], int64_t seconds)
{
    struct tm parts;
    time_t time = (time_t)seconds;
    if (gmtime_r(&time, &parts) == NULL ||
        strftime(out, 32, "%Y-%m-%d %H:%M:%S UTC", &parts) == 0) {
        (void)snprintf(out, 32, "%lld", (long long)seconds);
    }
    return out;
}

/*
 * The API server ignores the common name, and reports a wrong certificate only in its own log.  The
 * checks here report the problem to the administrator of the webhook, at start and reload.
 */
static int check_certificate(struct moor_tls_certificate *certificate, const X509 *leaf,
                             const char *cert_file, int64_t now_s, struct moor_error *err)
{
    char when[32];
    memset(certificate, 0, sizeof *certificate);
    moor_tls_write_subject(certificate->subject, sizeof certificate->subject, leaf);
    certificate->not_before_s = seconds_of(X509_get0_notBefore(leaf));
    certificate->not_after_s = moor_tls_not_after_s(leaf);
    if (!moor_tls_write_names(certificate->names, sizeof certificate->names, leaf)) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "certificate '%s' has no subject alternative name: the API server "
                              "ignores the common name; issue a certificate with the DNS name of "
                              "the Service",
                              cert_file);
    }
    if (now_s < certificate->not_before_s) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "certificate '%s' is not valid before %s: check the clock, or issue "
                              "a new certificate",
                              cert_file, format_time(when, certificate->not_before_s));
    }
    if (now_s > certificate->not_after_s) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "certificate '%s' expired at %s: renew it, for example with "
                              "'tagmoor certs'",
                              cert_file, format_time(when, certificate->not_after_s));
    }
    return 0;
}

static int fill_context(SSL_CTX *context, struct moor_tls_certificate *certificate,
                        const struct moor_tls_files *files, const struct texts *texts,
                        int64_t now_s, struct moor_error *err)
{
    const struct moor_tls_client_ca ca = {files->client_ca_file, moor_buf_slice(&texts->client_ca)};
    if (use_texts(context, texts, files->cert_file, files->key_file, err) != 0 ||
        check_certificate(certificate, SSL_CTX_get0_certificate(context), files->cert_file, now_s,
                          err) != 0) {
        return -1;
    }
    certificate->ca_not_after_s = chain_expiry_s(context);
    return ca.file == NULL ? 0
                           : moor_tls_client_require(context, &certificate->client_ca_not_after_s,
                                                     &ca, now_s, err);
}

/*
 * The output is written only on success: a failed reload keeps the description of the certificate
 * in force.
 */
static int load_texts(struct ssl_ctx_st **out, struct moor_tls_certificate *certificate,
                      const struct moor_tls_files *files, const struct texts *texts, int64_t now_s,
                      struct moor_error *err)
{
    SSL_CTX *context = new_context();
    if (context == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for a TLS context");
    }
    struct moor_tls_certificate read;
    if (fill_context(context, &read, files, texts, now_s, err) != 0) {
        SSL_CTX_free(context);
        ERR_clear_error();
        return -1;
    }
    *certificate = read;
    *out = context;
    return 0;
}

int moor_tls_load(struct ssl_ctx_st **out, struct moor_tls_certificate *certificate,
                  const struct moor_tls_files *files, int64_t now_s, struct moor_error *err)
{
    struct texts texts;
    init_texts(&texts);
    int status = read_texts(&texts, files, err);
    if (status == 0) {
        status = load_texts(out, certificate, files, &texts, now_s, err);
    }
    release_texts(&texts);
    return status;
}
