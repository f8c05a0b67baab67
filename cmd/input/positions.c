/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/positions.h"

#include <stdlib.h>

void moor_positions_release(struct moor_positions *positions)
{
    free(positions->items);
    *positions = (struct moor_positions){0};
}

void moor_positions_clear(struct moor_positions *positions)
{
    positions->count = 0;
    positions->failed = false;
}

static bool reserve(struct moor_positions *positions)
{
    if (positions->count < positions->room) {
        return true;
    }
    size_t room = positions->room == 0 ? 256 : positions->room * 2;
    struct moor_position_at *grown = realloc(positions->items, room * sizeof *grown);
    if (grown == NULL) {
        positions->failed = true;
        return false;
    }
    positions->items = grown;
    positions->room = room;
    return true;
}

/* An error is only recorded: the caller adds thousands of positions and checks once. */
void moor_positions_add(struct moor_positions *positions, size_t offset,
                        struct moor_position position)
{
    if (reserve(positions)) {
        /*
         * 32 bits suffice, because MOOR_YAML_DOCUMENT_MAX_BYTES limits the JSON that has the
         * offsets.
         */
        positions->items[positions->count++] =
            (struct moor_position_at){(uint32_t)offset, position};
    }
}

/* Returns the index of the first position at or after `offset`. */
static size_t first_from(const struct moor_positions *positions, size_t offset)
{
    size_t low = 0;
    size_t high = positions->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (positions->items[middle].offset < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void moor_positions_add_range(struct moor_positions *positions, const struct moor_positions *from,
                              size_t start, size_t end, size_t offset)
{
    /*
     * Both lists are sorted by offset, and the copy is appended at the end, so that the result is
     * sorted too.
     */
    for (size_t i = first_from(from, start); i < from->count && from->items[i].offset < end; i++) {
        moor_positions_add(positions, from->items[i].offset - start + offset,
                           from->items[i].position);
    }
}

void moor_positions_truncate(struct moor_positions *positions, size_t offset)
{
    positions->count = first_from(positions, offset);
}

struct moor_position moor_positions_find(const struct moor_positions *positions, size_t offset)
{
    /*
     * Offsets inside a value have no position of their own, so that the last one before them
     * counts.
     */
    size_t behind = first_from(positions, offset + 1);
    return behind > 0 ? positions->items[behind - 1].position : (struct moor_position){0};
}
