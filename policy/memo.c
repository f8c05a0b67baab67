/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/memo.h"

/* Maximum number of slots to try: it bounds the cost of texts that are made to share a hash. */
#define MAX_PROBES 8

/* A Pod with sidecars, or a Workflow with a hundred steps, repeats few images many times. */
int moor_memo_init(struct moor_memo *out, const struct moor_object *object,
                   struct moor_arena *arena, struct moor_error *err)
{
    *out = (struct moor_memo){.images = object->images};
    if (object->image_count < 2) {
        return 0;
    }
    size_t slots = 4;
    while (slots < object->image_count) {
        slots *= 2;
    }
    out->slots = moor_arena_alloc(arena, slots * sizeof *out->slots);
    if (out->slots == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu images",
                              object->image_count);
    }
    out->mask = slots - 1;
    return 0;
}

/*
 * The multiplier is 2^64 divided by the golden ratio, as in Fibonacci hashing. A client that finds
 * collisions gains little: MAX_PROBES bounds the search, and a miss only classifies the image
 * again.
 */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 32;
}

static size_t hash_of(struct moor_slice text)
{
    uint64_t hash = text.len;
    uint64_t word = 0;
    size_t at = 0;
    for (; at + sizeof word <= text.len; at += sizeof word) {
        memcpy(&word, text.ptr + at, sizeof word);
        hash = mix(hash, word);
    }
    word = 0;
    if (at < text.len) {
        memcpy(&word, text.ptr + at, text.len - at);
    }
    return (size_t)mix(hash, word);
}

/*
 * Hashing and comparing are charged to the steps of the request, because their cost grows with its
 * texts.
 */
size_t moor_memo_find(struct moor_memo *memo, size_t index, struct moor_matcher *matcher)
{
    struct moor_slice text = memo->images[index].text;
    if (memo->slots == NULL) {
        return index;
    }
    size_t slot = hash_of(text);
    (void)moor_matcher_take(matcher, moor_matcher_compare_cost(text, text));
    for (unsigned probe = 0; probe < MAX_PROBES; probe++) {
        uint32_t *found = &memo->slots[(slot + probe) & memo->mask];
        if (*found == 0) {
            *found = (uint32_t)index + 1;
            return index;
        }
        struct moor_slice other = memo->images[*found - 1].text;
        (void)moor_matcher_take(matcher, moor_matcher_compare_cost(other, text));
        if (moor_slice_equal(other, text)) {
            return *found - 1;
        }
    }
    return index;
}
