/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spans - the scalars of a YAML document that can contain a `#` which begins no comment.
 *
 * libyaml drops comments.  They are found in the bytes of the file instead, and the spans tell a
 * comment from a `#` in quotes or in a block scalar.
 *
 * Threads:  one list, one thread at a time.
 * Memory:   owns its array; moor_spans_clear() keeps the array for the next document.
 */
#ifndef MOOR_CMD_INPUT_SPANS_H
#define MOOR_CMD_INPUT_SPANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A scalar from its first character to the position after its last one; all numbers from 1. */
struct moor_span {
    uint32_t line;
    uint32_t column;
    uint32_t end_line;
    uint32_t end_column;
    bool is_block; /* a block scalar: its first line can end with a comment */
};

/* A list of spans that do not overlap, in the order of the file. */
struct moor_spans {
    struct moor_span *items;
    size_t count;
    size_t room;
    bool failed; /* memory was short: the list is incomplete */
};

/* Frees the list; the result is an empty list. */
void moor_spans_release(struct moor_spans *spans);

/* Empties the list and forgets an earlier failure. */
void moor_spans_clear(struct moor_spans *spans);

/* Adds a span, which begins after all others. */
void moor_spans_add(struct moor_spans *spans, const struct moor_span *span);

/* Returns the span that contains the character at this position, or NULL. */
const struct moor_span *moor_spans_find(const struct moor_spans *spans, uint32_t line,
                                        uint32_t column);

#endif
