/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memo - finds out which images of an object have the same text, so that each text is matched once.
 *
 * Threads:  one memo, one thread at a time.
 * Memory:   in the arena of the request: 4 to 8 bytes an image.
 * Limits:   a text is compared with MAX_PROBES others at most: texts that are made to share a hash
 *           are matched again, and cost no more than that.
 */
#ifndef MOOR_POLICY_MEMO_H
#define MOOR_POLICY_MEMO_H

#include "policy/base/arena.h"
#include "policy/base/matcher.h"
#include "policy/object/object.h"

struct moor_memo {
    const struct moor_object_image *images;
    uint32_t *slots; /* a hash table of places in `images`, counted from 1; NULL for one image */
    size_t mask;
};

int moor_memo_init(struct moor_memo *out, const struct moor_object *object,
                   struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * The place of the image that was asked for first of those with the text of the image at `place`:
 * `place` itself for a text that was not asked for before.
 */
size_t moor_memo_find(struct moor_memo *memo, size_t place, struct moor_matcher *matcher);

#endif
