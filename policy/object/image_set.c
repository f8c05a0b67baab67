/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/object/image_set.h"

#include <stdlib.h>

/* By length first, which is cheaper than by bytes; the order itself has no meaning. */
static int compare_slices(struct moor_slice left, struct moor_slice right)
{
    if (left.len != right.len) {
        return left.len < right.len ? -1 : 1;
    }
    return left.len == 0 ? 0 : memcmp(left.ptr, right.ptr, left.len);
}

/* Any total order works if two images are equal exactly when one is the other, unchanged. */
static int compare(const struct moor_object_image *left, const struct moor_object_image *right)
{
    if (left->field != right->field) {
        return left->field < right->field ? -1 : 1;
    }
    if (left->expression != right->expression) {
        return left->expression < right->expression ? -1 : 1;
    }
    int names = compare_slices(left->name, right->name);
    return names != 0 ? names : compare_slices(left->text, right->text);
}

static int compare_entries(const void *left, const void *right)
{
    return compare(*(const struct moor_object_image *const *)left,
                   *(const struct moor_object_image *const *)right);
}

/* Sorting once avoids a quadratic cost for an UPDATE of an object with thousands of images. */
int moor_image_set_init(struct moor_image_set *out, const struct moor_object *object,
                        struct moor_arena *arena, struct moor_error *err)
{
    *out = (struct moor_image_set){0};
    if (object->image_count == 0) {
        return 0;
    }
    out->sorted = moor_arena_alloc(arena, object->image_count * sizeof(void *));
    if (out->sorted == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu old images",
                              object->image_count);
    }
    for (size_t i = 0; i < object->image_count; i++) {
        out->sorted[i] = &object->images[i];
    }
    out->count = object->image_count;
    qsort(out->sorted, out->count, sizeof(void *), compare_entries);
    return 0;
}

/*
 * A search takes the logarithm of the count; each comparison reads the name and the text, 16 bytes
 * a step.
 */
uint64_t moor_image_set_cost(const struct moor_image_set *set,
                             const struct moor_object_image *image)
{
    uint64_t comparisons = 0;
    for (size_t count = set->count; count > 0; count /= 2) {
        comparisons++;
    }
    return comparisons * (4 + image->name.len / 16 + image->text.len / 16);
}

bool moor_image_set_has(const struct moor_image_set *set, const struct moor_object_image *image)
{
    return set->count > 0 &&
           bsearch(&image, set->sorted, set->count, sizeof(void *), compare_entries) != NULL;
}
