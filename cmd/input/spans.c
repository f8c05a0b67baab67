/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/spans.h"

#include <stdlib.h>

void moor_spans_release(struct moor_spans *spans)
{
    free(spans->items);
    *spans = (struct moor_spans){0};
}

void moor_spans_clear(struct moor_spans *spans)
{
    spans->count = 0;
    spans->failed = false;
}

/* An error is only recorded: the reader checks it once a document. */
void moor_spans_add(struct moor_spans *spans, const struct moor_span *span)
{
    if (spans->count == spans->room) {
        size_t room = spans->room == 0 ? 64 : spans->room * 2;
        struct moor_span *grown = reallocarray(spans->items, room, sizeof *grown);
        if (grown == NULL) {
            spans->failed = true;
            return;
        }
        spans->items = grown;
        spans->room = room;
    }
    spans->items[spans->count++] = *span;
}

static bool is_before(uint32_t line, uint32_t column, uint32_t other_line, uint32_t other_column)
{
    return line < other_line || (line == other_line && column < other_column);
}

const struct moor_span *moor_spans_find(const struct moor_spans *spans, uint32_t line,
                                        uint32_t column)
{
    size_t low = 0;
    size_t high = spans->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct moor_span *span = &spans->items[middle];
        if (is_before(line, column, span->line, span->column)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    /*
     * Spans do not overlap and come in the order of the file, so only the last one before the
     * position can contain it.
     */
    const struct moor_span *last = low > 0 ? &spans->items[low - 1] : NULL;
    return last != NULL && is_before(line, column, last->end_line, last->end_column) ? last : NULL;
}
