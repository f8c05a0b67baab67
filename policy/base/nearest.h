/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nearest - finds the known word that is closest to a misspelled one, for suggestions.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 * Limits:   a word over MOOR_NEAREST_MAX_BYTES is close to no other.
 */
#ifndef MOOR_POLICY_BASE_NEAREST_H
#define MOOR_POLICY_BASE_NEAREST_H

#include "policy/base/slice.h"

/* Maximum length of a word in bytes. */
#define MOOR_NEAREST_MAX_BYTES 32

/*
 * Returns the number of letters to insert, remove, replace or swap with a neighbour to turn one
 * word into the other, ignoring case.  Returns SIZE_MAX if a word is too long.
 */
size_t moor_nearest_distance(struct moor_slice left, struct moor_slice right);

/*
 * Returns a number that moor_nearest_distance() is never less than, in the time that it takes to
 * read both words once.
 */
size_t moor_nearest_least_distance(struct moor_slice left, struct moor_slice right);

/* Returns whether `written` is close enough to suggest `known`; longer words may differ more. */
bool moor_nearest_is_close(struct moor_slice written, struct moor_slice known, size_t distance);

/* The closest word so far; initialize with `{0}`. */
struct moor_nearest {
    const char *word; /* NULL if no word was close enough */
    size_t distance;  /* distance of `word`, as moor_nearest_distance() gives it */
};

/* Keeps `known` if it is close to `written`, and closer than the word that was kept before. */
void moor_nearest_try(struct moor_nearest *best, struct moor_slice written, const char *known);

#endif
