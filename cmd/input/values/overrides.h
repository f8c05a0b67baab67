/* SPDX-License-Identifier: Apache-2.0 */
/*
 * overrides - Helm parameters of Argo CD, which replace single members of the values beside them.
 *
 * A parameter `controller.image.tag` is the member `tag` of the mapping `controller.image`.  The
 * values are walked twice: with the document of the values, for the images that no parameter
 * changes, and with that of the parameters, for those that result from both.
 *
 * Threads:  one list, one thread at a time.
 * Memory:   in the caller's arena.
 * Limits:   MOOR_VALUES_MAX_MEMBERS parameters of one mapping, and as many members of it.
 */
#ifndef MOOR_CMD_INPUT_VALUES_OVERRIDES_H
#define MOOR_CMD_INPUT_VALUES_OVERRIDES_H

#include "cmd/input/values/mapping.h"

/* One parameter. */
struct moor_values_override {
    struct moor_slice mapping; /* path of its mapping in the values */
    size_t order;
    bool is_taken; /* the walk joined it with members of the values */
    struct moor_values_member member;
};

/* All parameters of one source. */
struct moor_values_overrides {
    struct moor_values_override *items;
    size_t count;
    size_t room;
    struct moor_values_override *others; /* parameters without a part of an image */
    size_t other_count;
    size_t other_room;
    struct moor_slice
        registry;          /* `global.imageRegistry` of the parameters, or else of the values */
    bool is_joined;        /* the walk returns what results; else what no parameter changes */
    bool is_same_document; /* offsets in the values are offsets in the parameters' document */
};

/* Adds a parameter.  Returns -1 if the arena is full. */
int moor_values_overrides_add(struct moor_values_overrides *out,
                              const struct moor_values_override *item, struct moor_arena *arena,
                              struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Sorts the parameters by their mapping, which moor_values_overrides_apply() needs.  Of several
 * with one name, the last one is kept, as in Helm.
 */
void moor_values_overrides_sort(struct moor_values_overrides *overrides);

/*
 * Replaces the members of the mapping at `path` in the values, as `is_joined` says.  Returns -1 if
 * a limit is exceeded or the arena is full.
 */
int moor_values_overrides_apply(struct moor_values_mapping *mapping,
                                struct moor_values_overrides *overrides, struct moor_slice path,
                                struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

#endif
