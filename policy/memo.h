/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memo - finds images of an object with the same text, so that each text is classified only once.
 *
 * Threads:  a memo belongs to one thread at a time.
 * Memory:   in the request's arena: 4 to 8 bytes an image.
 * Limits:   a text is compared with at most MAX_PROBES others.  Texts that are made to share a hash
 *           are classified again, which costs no more than without a memo.
 */
#ifndef MOOR_POLICY_MEMO_H
#define MOOR_POLICY_MEMO_H

#include "policy/base/arena.h"
#include "policy/base/matcher.h"
#include "policy/object/object.h"

/* A hash table of texts. */
struct moor_memo {
    const struct moor_object_image *images; /* the object's images */
    uint32_t *slots; /* indexes of images, counted from 1; NULL for a single image */
    size_t mask;     /* number of slots, a power of two, minus 1 */
};

/* Prepares a memo for the images of `object`.  Returns -1 if the arena is full. */
int moor_memo_init(struct moor_memo *out, const struct moor_object *object,
                   struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Returns the index of the first image that was looked up with the same text as image `index`; that
 * is `index` itself for a new text.
 */
size_t moor_memo_find(struct moor_memo *memo, size_t index, struct moor_matcher *matcher);

#endif
