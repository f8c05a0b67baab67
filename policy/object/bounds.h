/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bounds - what reading one object may take; private to the reader.
 *
 * An object that needs more is read to its end, but nothing more of it is kept: `is_too_large` is
 * set, and the judge denies the object.
 *
 * Threads:  one object, one thread at a time.
 * Memory:   allocates nothing.
 * Limits:   MOOR_OBJECT_MAX_COMPARISONS; a part of the arena stays free.
 */
#ifndef MOOR_POLICY_OBJECT_BOUNDS_H
#define MOOR_POLICY_OBJECT_BOUNDS_H

#include "policy/object/object.h"

/* The part of the arena, one in so many, for what else a request needs: other texts, verdicts. */
#define MOOR_OBJECT_RESERVE         4

/*
 * Of keys with those that are read.  The annotations that the API server takes, 256 KiB of them,
 * need less, however many a policy reads.
 */
#define MOOR_OBJECT_MAX_COMPARISONS 16000000

/* Whether there is room to keep more of the object. */
bool moor_object_has_room(struct moor_object *object, const struct moor_arena *arena);

/* Whether a key may be compared with `count` others. */
static inline bool moor_object_may_compare(struct moor_object *object, size_t count)
{
    object->comparisons += count;
    if (object->comparisons <= MOOR_OBJECT_MAX_COMPARISONS) {
        return true;
    }
    object->is_too_large = true;
    return false;
}

#endif
