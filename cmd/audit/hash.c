/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <time.h>

#include "cmd/audit/hash.h"

/* Constants of MurmurHash64A, whose author placed it in the public domain. */
#define MULTIPLIER UINT64_C(0xc6a4a7935bd1e995)
#define SHIFT      47

uint64_t moor_hash_seed(void)
{
    uint64_t seed = 0;
    struct timespec now = {0};
    FILE *source = fopen("/dev/urandom", "re");
    if (source != NULL) {
        seed = fread(&seed, sizeof seed, 1, source) == 1 ? seed : 0;
        (void)fclose(source);
    }
    /* Without the device, as in an empty root, the time is better than a constant. */
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return seed ^ ((uint64_t)now.tv_nsec * MULTIPLIER);
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    word *= MULTIPLIER;
    word ^= word >> SHIFT;
    return (hash ^ (word * MULTIPLIER)) * MULTIPLIER;
}

uint64_t moor_hash(uint64_t seed, struct moor_slice text)
{
    /*
     * The length is mixed in, because the last bytes are padded with zeros: texts that end with
     * zero bytes would otherwise collide.
     */
    uint64_t hash = seed ^ (text.len * MULTIPLIER);
    size_t at = 0;
    for (; at + sizeof(uint64_t) <= text.len; at += sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, text.ptr + at, sizeof word);
        hash = mix(hash, word);
    }
    if (at < text.len) {
        uint64_t word = 0;
        memcpy(&word, text.ptr + at, text.len - at);
        hash = mix(hash, word);
    }
    hash ^= hash >> SHIFT;
    hash *= MULTIPLIER;
    hash ^= hash >> SHIFT;
    /* Zero is a free place in the tables of hashes. */
    return hash != 0 ? hash : 1;
}
