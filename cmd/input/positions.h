/* SPDX-License-Identifier: Apache-2.0 */
/*
 * positions - maps the values of a JSON text to the file that the text was converted from.
 *
 * Threads:  one list, one thread at a time.
 * Memory:   owns its array; moor_positions_clear() keeps the array for the next text.
 * Limits:   JSON texts of less than 4 GiB.
 */
#ifndef MOOR_CMD_INPUT_POSITIONS_H
#define MOOR_CMD_INPUT_POSITIONS_H

#include "policy/base/error.h"

#include <stdbool.h>

/* A position in a file. */
struct moor_position {
    uint32_t line;     /* from 1; 0: unknown */
    uint32_t column;   /* from 1, in characters */
    uint32_t width;    /* in characters; 1 if the value ends on another line */
    bool is_elsewhere; /* a tag (`!reset`, `!reference`) replaces the value */
};

/* A list of positions, in the order of the JSON text. */
struct moor_positions {
    struct moor_position_at {
        uint32_t offset; /* offset of the value in the JSON text; ascending */
        struct moor_position position;
    } * items;

    size_t count;
    size_t room;
    bool failed; /* memory was short: the list is incomplete */
};

/* Frees the list; the result is an empty list. */
void moor_positions_release(struct moor_positions *positions);

/* Empties the list and forgets an earlier failure. */
void moor_positions_clear(struct moor_positions *positions);

/* Adds the position of the value at `offset`, which must not be below an earlier offset. */
void moor_positions_add(struct moor_positions *positions, size_t offset,
                        struct moor_position position);

/* Adds the positions of `from` in [start, end), moved so that `start` becomes `offset`. */
void moor_positions_add_range(struct moor_positions *positions, const struct moor_positions *from,
                              size_t start, size_t end, size_t offset);

/* Removes all positions at and after `offset`. */
void moor_positions_truncate(struct moor_positions *positions, size_t offset);

/* Returns the position of the value at `offset`, or the last position before it. */
struct moor_position moor_positions_find(const struct moor_positions *positions, size_t offset);

#endif
