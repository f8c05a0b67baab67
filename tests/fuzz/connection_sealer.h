/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection_sealer - writes encrypted records of any type and content, which OpenSSL's client
 * would never send: TLS 1.3 (RFC 8446, sections 5.2, 7.1 and 7.3), TLS_AES_128_GCM_SHA256.
 *
 * The secret is the one that OpenSSL reports for its key log when the handshake is done.
 */
#ifndef MOOR_TESTS_FUZZ_CONNECTION_SEALER_H
#define MOOR_TESTS_FUZZ_CONNECTION_SEALER_H

#include "tests/fuzz/connection_server.h"

#include <openssl/hmac.h>

#define SECRET_BYTES 32
#define TAG_BYTES    16
#define IV_BYTES     12
#define MAX_RECORD   16640U /* what TLS 1.3 allows for encrypted content */

struct sealer {
    bool ready; /* the handshake is done */
    unsigned char secret[SECRET_BYTES];
    unsigned char key[16];
    unsigned char iv[IV_BYTES];
    uint64_t sequence;
};

/* HKDF-Expand-Label with an empty context, at most one block of output. */
static inline void expand(unsigned char *out, unsigned char len, const unsigned char *secret,
                          const char *label)
{
    unsigned char info[64] = {0, len};
    unsigned char block[SECRET_BYTES];
    size_t label_len = strlen(label);
    info[2] = (unsigned char)(6 + label_len);
    memcpy(info + 3, "tls13 ", 6);
    memcpy(info + 9, label, label_len);
    info[9 + label_len] = 0;     /* the context */
    info[9 + label_len + 1] = 1; /* the first block */
    REQUIRE(HMAC(EVP_sha256(), secret, SECRET_BYTES, info, 9 + label_len + 2, block, NULL) != NULL);
    memcpy(out, block, len);
}

static inline void sealer_begin_epoch(struct sealer *sealer)
{
    expand(sealer->key, sizeof sealer->key, sealer->secret, "key");
    expand(sealer->iv, sizeof sealer->iv, sealer->secret, "iv");
    sealer->sequence = 0;
}

/* After a KeyUpdate. */
static inline void sealer_update(struct sealer *sealer)
{
    unsigned char next[SECRET_BYTES];
    expand(next, sizeof next, sealer->secret, "traffic upd");
    memcpy(sealer->secret, next, sizeof next);
    sealer_begin_epoch(sealer);
}

/* Takes the secret from a line for the key log. */
static inline void sealer_take_line(struct sealer *sealer, const char *line)
{
    static const char name[] = "CLIENT_TRAFFIC_SECRET_0 ";
    const char *hex = strrchr(line, ' ');
    if (strncmp(line, name, sizeof name - 1) != 0 || strlen(hex + 1) != 2 * sizeof sealer->secret) {
        return;
    }
    for (size_t i = 0; i < sizeof sealer->secret; i++) {
        const char digits[] = {hex[1 + 2 * i], hex[2 + 2 * i], '\0'};
        sealer->secret[i] = (unsigned char)strtoul(digits, NULL, 16);
    }
    sealer_begin_epoch(sealer);
    sealer->ready = true;
}

static inline void make_nonce(unsigned char nonce[IV_BYTES], const struct sealer *sealer)
{
    memcpy(nonce, sealer->iv, IV_BYTES);
    for (size_t i = 0; i < 8; i++) {
        nonce[IV_BYTES - 1 - i] ^= (unsigned char)(sealer->sequence >> 8 * i);
    }
}

/* Writes one record to `out`, which has MAX_RECORD + 5 bytes; returns its length. */
static inline size_t seal(struct sealer *sealer, unsigned char *out, uint8_t type,
                          const void *content, size_t len)
{
    size_t total = len + 1 + TAG_BYTES;
    const unsigned char header[5] = {23, 3, 3, (unsigned char)(total >> 8), (unsigned char)total};
    unsigned char nonce[IV_BYTES];
    int written = 0;
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    REQUIRE(total <= MAX_RECORD && cipher != NULL);
    make_nonce(nonce, sealer);
    memcpy(out, header, sizeof header);
    REQUIRE(EVP_EncryptInit_ex(cipher, EVP_aes_128_gcm(), NULL, sealer->key, nonce) == 1);
    REQUIRE(EVP_EncryptUpdate(cipher, NULL, &written, header, sizeof header) == 1);
    REQUIRE(EVP_EncryptUpdate(cipher, out + 5, &written, content, (int)len) == 1);
    REQUIRE(EVP_EncryptUpdate(cipher, out + 5 + len, &written, &type, 1) == 1);
    REQUIRE(EVP_EncryptFinal_ex(cipher, out + 5 + len + 1, &written) == 1);
    REQUIRE(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, out + 5 + len + 1) == 1);
    EVP_CIPHER_CTX_free(cipher);
    sealer->sequence++;
    return 5 + total;
}

#endif
