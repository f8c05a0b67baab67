/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/positions.h"

#include <stdlib.h>

void moor_places_release(struct moor_places *places)
{
    free(places->items);
    *places = (struct moor_places){0};
}

void moor_places_clear(struct moor_places *places)
{
    places->count = 0;
    places->failed = false;
}

static bool reserve(struct moor_places *places)
{
    if (places->count < places->room) {
        return true;
    }
    size_t room = places->room == 0 ? 256 : places->room * 2;
    struct moor_place_at *grown = realloc(places->items, room * sizeof *grown);
    if (grown == NULL) {
        places->failed = true;
        return false;
    }
    places->items = grown;
    places->room = room;
    return true;
}

void moor_places_add(struct moor_places *places, size_t offset, struct moor_place place)
{
    if (reserve(places)) {
        places->items[places->count++] = (struct moor_place_at){(uint32_t)offset, place};
    }
}

/* The index of the first place at or behind `offset`. */
static size_t first_from(const struct moor_places *places, size_t offset)
{
    size_t low = 0;
    size_t high = places->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (places->items[middle].offset < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void moor_places_add_range(struct moor_places *places, const struct moor_places *from, size_t start,
                           size_t end, size_t offset)
{
    for (size_t i = first_from(from, start); i < from->count && from->items[i].offset < end; i++) {
        moor_places_add(places, from->items[i].offset - start + offset, from->items[i].place);
    }
}

void moor_places_truncate(struct moor_places *places, size_t offset)
{
    places->count = first_from(places, offset);
}

struct moor_place moor_places_find(const struct moor_places *places, size_t offset)
{
    size_t behind = first_from(places, offset + 1);
    return behind > 0 ? places->items[behind - 1].place : (struct moor_place){0};
}
