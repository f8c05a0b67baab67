/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk - finds the images in all mappings of Helm values.
 *
 * Reads the JSON once and keeps, for each open mapping, the members that name parts of images.  A
 * mapping is joined to images when it ends (mapping.h).  `global.imageRegistry` is read first,
 * because it applies to the whole text.
 *
 * Threads:  one list of images, one thread at a time.
 * Memory:   in the caller's arena.
 * Limits:   MOOR_VALUES_MAX_DEPTH nested lists and mappings, beyond which the values are an error.
 */
#ifndef MOOR_CMD_INPUT_VALUES_WALK_H
#define MOOR_CMD_INPUT_VALUES_WALK_H

#include "cmd/input/values/found.h"
#include "cmd/input/values/overrides.h"

#define MOOR_VALUES_MAX_DEPTH 200

/* Helm values. */
struct moor_values {
    struct moor_slice json;
    size_t offset;          /* offset of the values in the document, for positions */
    struct moor_slice path; /* path of the values in their object; empty for a file of values */
    struct moor_slice key;  /* key of the string that has the values, or empty */
    struct moor_values_overrides *overrides; /* parameters beside the values, or NULL */
};

/*
 * Adds the images of `values` to `found`.  Returns -1 with the offset in the document in `err` if a
 * limit is exceeded or the arena is full.
 */
int moor_values_walk(struct moor_values_found *found, const struct moor_values *values,
                     struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

#endif
