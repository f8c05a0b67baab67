/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/pem.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

static void free_bio(BIO **bio)
{
    (void)BIO_free(*bio);
}

/* BIO_new_mem_buf() takes an int and rejects NULL, so both cases are handled first. */
static BIO *open_text(struct moor_slice text)
{
    return text.len <= INT_MAX ? BIO_new_mem_buf(text.ptr != NULL ? text.ptr : "", (int)text.len)
                               : NULL;
}

/* Rejects keys with a passphrase: OpenSSL would otherwise ask for it on the terminal and block. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the type is OpenSSL's */
static int no_passphrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

/*
 * Returns whether reading stopped at the end of the text.  OpenSSL reports the end as the error
 * PEM_R_NO_START_LINE.
 */
static bool is_at_end(void)
{
    unsigned long code = ERR_peek_last_error();
    if (ERR_GET_LIB(code) != ERR_LIB_PEM || ERR_GET_REASON(code) != PEM_R_NO_START_LINE) {
        return false;
    }
    ERR_clear_error();
    return true;
}

/* Does the work of SSL_CTX_use_certificate_chain_file(), which can only read a file by its name. */
int moor_pem_use_chain(struct ssl_ctx_st *context, struct moor_slice text)
{
    BIO *bio __attribute__((cleanup(free_bio))) = open_text(text);
    X509 *leaf = bio != NULL ? PEM_read_bio_X509_AUX(bio, NULL, no_passphrase, NULL) : NULL;
    int used = leaf != NULL ? SSL_CTX_use_certificate(context, leaf) : 0;
    X509_free(leaf);
    if (used != 1 || SSL_CTX_clear_chain_certs(context) != 1) {
        return -1;
    }
    X509 *next = NULL;
    while ((next = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL)) != NULL) {
        if (SSL_CTX_add0_chain_cert(context, next) != 1) {
            X509_free(next);
            return -1;
        }
    }
    return is_at_end() ? 0 : -1;
}

/*
 * The key is compared with the certificate now, so that a mismatch is an error of the reload and
 * not of every later handshake.
 */
int moor_pem_use_key(struct ssl_ctx_st *context, struct moor_slice text)
{
    BIO *bio __attribute__((cleanup(free_bio))) = open_text(text);
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
    int used = key != NULL ? SSL_CTX_use_PrivateKey(context, key) : 0;
    EVP_PKEY_free(key);
    return used == 1 && SSL_CTX_check_private_key(context) == 1 ? 0 : -1;
}

int moor_pem_trust(struct ssl_ctx_st *context, struct moor_slice text)
{
    BIO *bio __attribute__((cleanup(free_bio))) = open_text(text);
    X509 *next = NULL;
    size_t count = 0;
    while (bio != NULL && (next = PEM_read_bio_X509_AUX(bio, NULL, no_passphrase, NULL)) != NULL) {
        bool is_kept = SSL_CTX_add_client_CA(context, next) == 1 &&
                       X509_STORE_add_cert(SSL_CTX_get_cert_store(context), next) == 1;
        X509_free(next);
        if (!is_kept) {
            return -1;
        }
        count++;
    }
    return count > 0 && is_at_end() ? 0 : -1;
}
