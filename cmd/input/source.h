/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source - the bytes of one input, and where its lines are.
 *
 * Threads:  one source, one thread at a time.
 * Memory:   owns the bytes, in a buffer that is reused from input to input.
 * Limits:   MOOR_SOURCE_MAX_BYTES.  Positions are found by going on from the last one, so that
 * asking in the order of the text costs one pass over it.
 */
#ifndef MOOR_CMD_INPUT_SOURCE_H
#define MOOR_CMD_INPUT_SOURCE_H

#include "cmd/input/positions.h"
#include "policy/base/buf.h"

#define MOOR_SOURCE_MAX_BYTES ((size_t)1024 * 1024 * 1024)

struct moor_source {
    struct moor_buf bytes;
    bool keeps_input; /* standard input will be read again: it is kept for that */
    /* Internal: standard input, and a position that was found before. */
    struct moor_buf input;
    bool has_input;
    size_t line_start;
    uint32_t line;
    size_t offset;
    uint32_t column;
};

void moor_source_init(struct moor_source *source);
void moor_source_release(struct moor_source *source);

/* Reads the file at `path`, `-` being standard input, in place of what was read before. */
int moor_source_read(struct moor_source *source, const char *path,
                     struct moor_error *err) MOOR_MUST_CHECK;

/* Takes a copy of `text` instead. */
void moor_source_set(struct moor_source *source, struct moor_slice text);

/* The position of the byte at `offset`, as wide as the `len` bytes there. */
struct moor_position moor_source_position(struct moor_source *source, size_t offset, size_t len);

/* The line of this number, without its end; empty where there is none, or a very long one. */
struct moor_slice moor_source_line(struct moor_source *source, uint32_t line);

/* How many characters of UTF-8 there are. */
uint32_t moor_source_characters(struct moor_slice text);

#endif
