/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/scan/unnamed.h"

#include "cmd/scan/workloads.h"

#include <stdlib.h>

/* The candidates of the namespaces are often the same accounts, which are listed once. */
static bool is_same_answer(const struct moor_operators_answer *left,
                           const struct moor_operators_answer *right)
{
    bool is_same = left->count == right->count && left->total == right->total;
    for (size_t i = 0; is_same && i < left->count; i++) {
        is_same = left->users[i].doubt == right->users[i].doubt &&
                  strcmp(left->users[i].name, right->users[i].name) == 0;
    }
    return is_same;
}

struct moor_scan_operator *moor_unnamed_get(struct moor_unnamed *unnamed, struct moor_arena *arena,
                                            const struct moor_object *object,
                                            const struct moor_operators_answer *answer)
{
    for (size_t i = 0; i < unnamed->count; i++) {
        struct moor_scan_operator *at = &unnamed->items[i];
        /* The group counts too: two operators can each define a kind of the same name. */
        if (moor_slice_equal(at->owner_group, object->owner_group) &&
            moor_slice_equal(at->owner_kind, object->owner_kind) &&
            is_same_answer(&at->found, answer)) {
            return at;
        }
    }
    struct moor_scan_operator made = {.found = *answer};
    struct moor_scan_operator *grown = moor_arena_grow(
        arena, unnamed->items, unnamed->count, &unnamed->room, unnamed->count + 1, sizeof *grown);
    if (grown == NULL ||
        /*
         * The names are copied, because the page of the API server is released before the report.
         */
        moor_arena_copy(arena, &made.owner_group, object->owner_group, NULL) != 0 ||
        moor_arena_copy(arena, &made.owner_kind, object->owner_kind, NULL) != 0) {
        return NULL;
    }
    /* The list is changed last, so that it stays valid if a copy fails. */
    unnamed->items = grown;
    grown[unnamed->count] = made;
    return &grown[unnamed->count++];
}

/* A total order, so that two scans of one cluster can be compared line by line. */
static int by_owner(const void *left, const void *right)
{
    const struct moor_scan_operator *a = left;
    const struct moor_scan_operator *b = right;
    int order = moor_workloads_compare(a->owner_group, b->owner_group);
    order = order != 0 ? order : moor_workloads_compare(a->owner_kind, b->owner_kind);
    if (order != 0) {
        return order;
    }
    for (size_t i = 0; i < a->found.count && i < b->found.count; i++) {
        order = strcmp(a->found.users[i].name, b->found.users[i].name);
        if (order != 0) {
            return order;
        }
    }
    return (a->found.count > b->found.count) - (a->found.count < b->found.count);
}

void moor_unnamed_sort(struct moor_unnamed *unnamed)
{
    if (unnamed->count > 1) {
        qsort(unnamed->items, unnamed->count, sizeof *unnamed->items, by_owner);
    }
}
