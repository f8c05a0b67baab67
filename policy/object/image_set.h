/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_set - the images of an old object, to look up which images an UPDATE leaves unchanged.
 *
 * Threads:  a set, once made, may be read by any number of threads.
 * Memory:   in the caller's arena; the set borrows the object's images.
 */
#ifndef MOOR_POLICY_OBJECT_IMAGE_SET_H
#define MOOR_POLICY_OBJECT_IMAGE_SET_H

#include "policy/base/arena.h"
#include "policy/base/error.h"
#include "policy/object/object.h"

/* The images of an old object, ready for asking many times whether one was there. */
struct moor_image_set {
    const struct moor_object_image **sorted;
    size_t count;
};

/* Collects the images of `object` (which must outlive the set).  Costs n log n once. */
int moor_image_set_init(struct moor_image_set *out, const struct moor_object *object,
                        struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Whether the set has this image by the same expression, in the same kind of field, under the same
 * name.  Where a name stands twice in the old object, any of its images counts.
 */
bool moor_image_set_has(const struct moor_image_set *set, const struct moor_object_image *image);

/* What asking for this image costs, in matching steps. */
uint64_t moor_image_set_cost(const struct moor_image_set *set,
                             const struct moor_object_image *image);

#endif
