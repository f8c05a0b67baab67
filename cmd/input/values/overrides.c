/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/values/overrides.h"

#include <stdlib.h>

int moor_values_overrides_add(struct moor_values_overrides *out,
                              const struct moor_values_override *item, struct moor_arena *arena,
                              struct moor_error *err)
{
    struct moor_values_override *items =
        moor_arena_grow(arena, out->items, out->count, &out->room, out->count + 1, sizeof *items);
    if (items == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for parameters");
    }
    out->items = items;
    items[out->count] = *item;
    items[out->count].order = out->count;
    out->count++;
    if (moor_slice_is(item->mapping, "global") &&
        moor_slice_is(item->member.name, "imageRegistry")) {
        out->registry = item->member.text;
    }
    return 0;
}

static int compare(struct moor_slice left, struct moor_slice right)
{
    size_t shorter = left.len < right.len ? left.len : right.len;
    int order = shorter > 0 ? memcmp(left.ptr, right.ptr, shorter) : 0;
    return order != 0 ? order : (left.len > right.len) - (left.len < right.len);
}

static int by_mapping(const void *left, const void *right)
{
    const struct moor_values_override *a = left;
    const struct moor_values_override *b = right;
    int order = compare(a->mapping, b->mapping);
    return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

void moor_values_overrides_sort(struct moor_values_overrides *overrides)
{
    if (overrides->count > 1) {
        qsort(overrides->items, overrides->count, sizeof *overrides->items, by_mapping);
    }
}

/* Returns the parameters of the mapping at `path`, and their number in `*count`. */
static struct moor_values_override *find(size_t *count,
                                         const struct moor_values_overrides *overrides,
                                         struct moor_slice path)
{
    size_t first = 0;
    size_t end = overrides->count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        bool is_before = compare(overrides->items[middle].mapping, path) < 0;
        first = is_before ? middle + 1 : first;
        end = is_before ? end : middle;
    }
    while (end < overrides->count && moor_slice_equal(overrides->items[end].mapping, path)) {
        end++;
    }
    *count = end - first;
    return *count > 0 ? overrides->items + first : NULL;
}

/* Returns the first parameter with a part of the same image as `member`, or NULL. */
static const struct moor_values_override *of_same_image(const struct moor_values_override *items,
                                                        size_t count,
                                                        const struct moor_values_member *member)
{
    for (size_t i = 0; i < count; i++) {
        if (moor_slice_equal(items[i].member.key.prefix, member->key.prefix)) {
            return &items[i];
        }
    }
    return NULL;
}

static bool is_replaced(const struct moor_values_override *items, size_t count,
                        const struct moor_values_member *member)
{
    for (size_t i = 0; i < count; i++) {
        if (moor_slice_equal(items[i].member.name, member->name)) {
            return true;
        }
    }
    return false;
}

/* Appends the members of the values whose images no parameter changes. */
static size_t keep_unchanged(struct moor_values_member *out,
                             const struct moor_values_mapping *mapping,
                             const struct moor_values_override *items, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < mapping->count; i++) {
        if (of_same_image(items, count, &mapping->members[i]) == NULL) {
            out[kept++] = mapping->members[i];
        }
    }
    return kept;
}

/*
 * Appends the parameters, and the members of the values that they leave in the same image.  Those
 * get the position of the parameter if they are in another document.
 */
static size_t join(struct moor_values_member *out, const struct moor_values_mapping *mapping,
                   struct moor_values_override *items, size_t count, bool is_same_document)
{
    size_t joined = count;
    bool is_changed = false;
    for (size_t i = 0; i < mapping->count; i++) {
        struct moor_values_member member = mapping->members[i];
        const struct moor_values_override *item = of_same_image(items, count, &member);
        is_changed = is_changed || item != NULL;
        if (item == NULL || is_replaced(items, count, &member)) {
            continue;
        }
        if (!is_same_document) {
            member.offset = item->member.offset;
            member.is_text = member.is_text || member.text.len > 0;
        }
        out[joined++] = member;
    }
    for (size_t i = 0; is_changed && i < count; i++) {
        out[i] = items[i].member;
        items[i].is_taken = true;
    }
    return is_changed ? joined : 0;
}

int moor_values_overrides_apply(struct moor_values_mapping *mapping,
                                struct moor_values_overrides *overrides, struct moor_slice path,
                                struct moor_arena *arena, struct moor_error *err)
{
    size_t count = 0;
    struct moor_values_override *items = find(&count, overrides, path);
    if (count == 0) {
        mapping->count = overrides->is_joined ? 0 : mapping->count;
        return 0;
    }
    if (mapping->count > MOOR_VALUES_MAX_MEMBERS || count > MOOR_VALUES_MAX_MEMBERS) {
        return moor_error_set(err, MOOR_ERROR_LIMIT,
                              "a mapping has more than %d members with parts of images",
                              MOOR_VALUES_MAX_MEMBERS);
    }
    struct moor_values_member *members =
        moor_arena_alloc(arena, (mapping->count + count) * sizeof *members);
    if (members == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for parameters");
    }
    mapping->count = overrides->is_joined
                         ? join(members, mapping, items, count, overrides->is_same_document)
                         : keep_unchanged(members, mapping, items, count);
    mapping->members = members;
    return 0;
}
