/* SPDX-License-Identifier: Apache-2.0 */
/*
 * positions - where the values of a JSON text stand in the file that it was made from.
 *
 * Threads:  one list, one thread at a time.
 * Memory:   owns its array; moor_positions_clear() keeps it for the next text.
 * Limits:   JSON texts of less than 4 GiB.
 */
#ifndef MOOR_CMD_INPUT_POSITIONS_H
#define MOOR_CMD_INPUT_POSITIONS_H

#include "policy/base/error.h"

#include <stdbool.h>

struct moor_position {
    uint32_t line;     /* from 1; 0: unknown */
    uint32_t column;   /* from 1, in characters */
    uint32_t width;    /* in characters; 1 where the value ends on another line */
    bool is_elsewhere; /* a tag says that the value is another one: `!reset`, `!reference` */
};

struct moor_positions {
    struct moor_position_at {
        uint32_t offset; /* of the value's first byte in the JSON text; ascending */
        struct moor_position position;
    } * items;

    size_t count;
    size_t room;
    bool failed; /* there was no memory for one: the list is not whole */
};

void moor_positions_release(struct moor_positions *positions);
void moor_positions_clear(struct moor_positions *positions);

/* Adds the position of the value that begins at `offset`, behind those of all others. */
void moor_positions_add(struct moor_positions *positions, size_t offset,
                        struct moor_position position);

/* Adds those of `from` that lie in [start, end) there, moved so that `start` comes to `offset`. */
void moor_positions_add_range(struct moor_positions *positions, const struct moor_positions *from,
                              size_t start, size_t end, size_t offset);

/* Forgets all from `offset` on. */
void moor_positions_truncate(struct moor_positions *positions, size_t offset);

/* The position of the value at `offset`, or of the last one before it. */
struct moor_position moor_positions_find(const struct moor_positions *positions, size_t offset);

#endif
