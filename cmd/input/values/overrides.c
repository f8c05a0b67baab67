/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/values/overrides.h"

#include <stdlib.h>

int moor_values_overrides_add(struct moor_values_overrides *out,
                              const struct moor_values_override *item, struct moor_arena *arena,
                              struct moor_error *err)
{
    bool is_other = item->member.key.part == MOOR_VALUES_NONE;
    struct moor_values_override **items = is_other ? &out->others : &out->items;
    size_t *count = is_other ? &out->other_count : &out->count;
    struct moor_values_override *grown = moor_arena_grow(
        arena, *items, *count, is_other ? &out->other_room : &out->room, *count + 1, sizeof *grown);
    if (grown == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for parameters");
    }
    *items = grown;
    grown[*count] = *item;
    grown[*count].order = *count;
    (*count)++;
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

static int by_name(const struct moor_values_override *a, const struct moor_values_override *b)
{
    int order = compare(a->mapping, b->mapping);
    return order != 0 ? order : compare(a->member.name, b->member.name);
}

static int by_place(const void *left, const void *right)
{
    const struct moor_values_override *a = left;
    const struct moor_values_override *b = right;
    int order = by_name(a, b);
    return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

/* Returns how many are left: the last one of each name. */
static size_t sort_items(struct moor_values_override *items, size_t count)
{
    size_t kept = 0;
    if (count > 1) {
        qsort(items, count, sizeof *items, by_place);
    }
    /* Helm applies parameters in their order, so that the last one of a name wins. */
    for (size_t i = 0; i < count; i++) {
        if (i + 1 == count || by_name(&items[i], &items[i + 1]) != 0) {
            items[kept++] = items[i];
        }
    }
    return kept;
}

void moor_values_overrides_sort(struct moor_values_overrides *overrides)
{
    overrides->count = sort_items(overrides->items, overrides->count);
    overrides->other_count = sort_items(overrides->others, overrides->other_count);
}

/* Returns the parameters of the mapping at `path`, and their number in `*count`. */
static struct moor_values_override *find(size_t *count, struct moor_values_override *items,
                                         size_t item_count, struct moor_slice path)
{
    /* A binary search, because each mapping of the values asks for its parameters. */
    size_t first = 0;
    size_t end = item_count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        bool is_before = compare(items[middle].mapping, path) < 0;
        first = is_before ? middle + 1 : first;
        end = is_before ? end : middle;
    }
    while (end < item_count && moor_slice_equal(items[end].mapping, path)) {
        end++;
    }
    *count = end - first;
    return *count > 0 ? items + first : NULL;
}

static bool has_name(struct moor_values_override *items, size_t item_count, struct moor_slice path)
{
    const char *dot = path.len > 0 ? memrchr(path.ptr, '.', path.len) : NULL;
    size_t start = dot != NULL ? (size_t)(dot - path.ptr) + 1 : 0;
    const struct moor_values_override key = {.mapping =
                                                 moor_slice_sub(path, 0, start > 0 ? start - 1 : 0),
                                             .member.name = moor_slice_sub(path, start, path.len)};
    size_t first = 0;
    size_t end = item_count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        bool is_before = by_name(&items[middle], &key) < 0;
        first = is_before ? middle + 1 : first;
        end = is_before ? end : middle;
    }
    return first < item_count && by_name(&items[first], &key) == 0;
}

/*
 * Returns whether a parameter is the mapping at `path`, or one around it: Helm then has a text in
 * its place.
 */
static bool is_replaced_whole(const struct moor_values_overrides *overrides, struct moor_slice path)
{
    for (size_t end = path.len; end > 0; end--) {
        struct moor_slice whole = moor_slice_sub(path, 0, end);
        bool is_step = end == path.len || path.ptr[end] == '.' || path.ptr[end] == '[';
        if (is_step && (has_name(overrides->items, overrides->count, whole) ||
                        has_name(overrides->others, overrides->other_count, whole))) {
            return true;
        }
    }
    return false;
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
    struct moor_values_override *items = find(&count, overrides->items, overrides->count, path);
    if (is_replaced_whole(overrides, path)) {
        mapping->count = 0;
        return 0;
    }
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
