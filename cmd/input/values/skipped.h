/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skipped - where images are that were recognized, but not read.
 *
 * Threads:  one list, one thread at a time.
 * Memory:   in the caller's arena.
 * Limits:   MOOR_SKIPPED_MAX positions; the caller's counters have the others.
 */
#ifndef MOOR_CMD_INPUT_VALUES_SKIPPED_H
#define MOOR_CMD_INPUT_VALUES_SKIPPED_H

#include "policy/base/arena.h"

#include <stdbool.h>

#define MOOR_SKIPPED_MAX 4096

/* An image that was not read. */
struct moor_skipped {
    bool is_untagged; /* its tag is set elsewhere; else another program fills it in */
    size_t offset;    /* in the object, as of other images */
};

/* The positions, in the order of the text. */
struct moor_skipped_list {
    struct moor_skipped *items;
    size_t count;
    size_t room; /* internal */
};

/* Adds a position.  It is left out if the list or the arena is full. */
void moor_skipped_add(struct moor_skipped_list *list, bool is_untagged, size_t offset,
                      struct moor_arena *arena);

#endif
