/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_set - the images of an old object, for finding those that an UPDATE leaves unchanged.
 *
 * Threads:  many threads may read a set at once.
 * Memory:   the set is in the caller's arena and borrows the object's images.
 */
#ifndef MOOR_POLICY_OBJECT_IMAGE_SET_H
#define MOOR_POLICY_OBJECT_IMAGE_SET_H

#include "policy/base/arena.h"
#include "policy/base/error.h"
#include "policy/object/object.h"

/* The images of an old object, sorted for lookups. */
struct moor_image_set {
    const struct moor_object_image **sorted;
    size_t count; /* number of images */
};

/* Collects the images of `object`, which must outlive the set.  The cost is n log n. */
int moor_image_set_init(struct moor_image_set *out, const struct moor_object *object,
                        struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Returns whether the set has an image with the same text, expression, field and name.  If a name
 * occurs several times in the old object, each of its images counts.
 */
bool moor_image_set_has(const struct moor_image_set *set, const struct moor_object_image *image);

/* Returns the cost of a lookup of this image in matching steps. */
uint64_t moor_image_set_cost(const struct moor_image_set *set,
                             const struct moor_object_image *image);

#endif
