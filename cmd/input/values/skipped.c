/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/values/skipped.h"

void moor_skipped_add(struct moor_skipped_list *list, bool is_untagged, size_t offset,
                      struct moor_arena *arena)
{
    /*
     * The counts of `found` are exact; this list only has the positions for the report, so that a
     * full list and missing memory are no errors.
     */
    if (list->count == MOOR_SKIPPED_MAX) {
        return;
    }
    struct moor_skipped *items = moor_arena_grow(arena, list->items, list->count, &list->room,
                                                 list->count + 1, sizeof *items);
    if (items != NULL) {
        list->items = items;
        items[list->count++] = (struct moor_skipped){is_untagged, offset};
    }
}
