/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/object/bounds.h"

/* The reserve keeps room for the verdict: a large object must be denied, not fail the request. */
bool moor_object_has_room(struct moor_object *object, const struct moor_arena *arena)
{
    if (moor_arena_left(arena) < arena->max / MOOR_OBJECT_RESERVE) {
        object->is_too_large = true;
    }
    return !object->is_too_large;
}
