/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/policy_digest.h"

#include "policy/file/show.h"

#include <openssl/evp.h>

/* A part is an entry of at most 1 MiB, whose escapes take four bytes for one. */
#define PART_MAX_BYTES ((size_t)8 * 1024 * 1024)

struct hash {
    EVP_MD_CTX *md;
    bool has_failed;
};

static void take(void *context, struct moor_slice part)
{
    struct hash *hash = context;
    hash->has_failed |= EVP_DigestUpdate(hash->md, part.ptr, part.len) != 1;
}

static void free_hash(struct hash *hash)
{
    EVP_MD_CTX_free(hash->md);
}

static void write_hex(char *out, size_t size, const unsigned char *bytes, unsigned len)
{
    size_t at = (size_t)snprintf(out, size, "sha256:");
    for (unsigned i = 0; i < len && at + 2 < size; i++) {
        at += (size_t)snprintf(out + at, size - at, "%02x", bytes[i]);
    }
}

/*
 * The digest is one of the normalized policy: comments and the order of keys do not change it.
 * With the same version of tagmoor, an equal digest means equal decisions.
 */
int moor_policy_digest(struct moor_policy *policy, struct moor_error *err)
{
    __attribute__((cleanup(free_hash))) struct hash hash = {.md = EVP_MD_CTX_new()};
    __attribute__((cleanup(moor_buf_release))) struct moor_buf part;
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    moor_buf_init(&part, PART_MAX_BYTES);
    if (hash.md == NULL || EVP_DigestInit_ex(hash.md, EVP_sha256(), NULL) != 1) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for SHA-256");
    }
    if (moor_policy_show_parts(&part, policy, take, &hash, err) != 0) {
        return -1;
    }
    if (hash.has_failed || EVP_DigestFinal_ex(hash.md, bytes, &len) != 1) {
        return moor_error_set(err, MOOR_ERROR_SYSTEM, "libcrypto has no SHA-256");
    }
    write_hex(policy->digest, sizeof policy->digest, bytes, len);
    return 0;
}
