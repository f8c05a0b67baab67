/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nearest - finds the word that was probably meant.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 * Limits:   words over MOOR_NEAREST_MAX_BYTES are near to nothing.
 */
#ifndef MOOR_POLICY_BASE_NEAREST_H
#define MOOR_POLICY_BASE_NEAREST_H

#include "policy/base/slice.h"

#define MOOR_NEAREST_MAX_BYTES 32

/*
 * Letters to insert, drop, replace or swap with their neighbour to make one word of the other, case
 * apart; SIZE_MAX where a word is too long.
 */
size_t moor_nearest_distance(struct moor_slice left, struct moor_slice right);

/* Whether `written` is near enough to `known` to suggest it: the longer, the more may differ. */
bool moor_nearest_is_close(struct moor_slice written, struct moor_slice known, size_t distance);

/* The nearest word so far; start with `{0}`. */
struct moor_nearest {
    const char *word; /* NULL: none was close enough */
    size_t distance;
};

/* Takes `known` where it is close to `written`, and closer than what was taken before. */
void moor_nearest_try(struct moor_nearest *best, struct moor_slice written, const char *known);

#endif
