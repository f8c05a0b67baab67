/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bounds - limits for reading an object; internal to the reader.
 *
 * An object beyond the limits is read to its end, but no more of it is kept.  The reader sets
 * `is_too_large`, and the object is denied.
 *
 * Threads:  an object belongs to one thread at a time.
 * Memory:   allocates nothing.
 * Limits:   MOOR_OBJECT_MAX_COMPARISONS; the reader leaves a part of the arena free.
 */
#ifndef MOOR_POLICY_OBJECT_BOUNDS_H
#define MOOR_POLICY_OBJECT_BOUNDS_H

#include "policy/object/object.h"

/* The reader leaves one part in this many of the arena for the rest of the request. */
#define MOOR_OBJECT_RESERVE         4

/*
 * Maximum number of comparisons of a member's name with the names that are read.  The 256 KiB of
 * annotations that the API server allows need fewer, however many entries a policy has.
 */
#define MOOR_OBJECT_MAX_COMPARISONS 16000000

/* Returns whether more of the object may be kept; sets `is_too_large` if not. */
bool moor_object_has_room(struct moor_object *object, const struct moor_arena *arena);

/* Counts `count` comparisons of a name.  Sets `is_too_large` and returns false at the limit. */
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
