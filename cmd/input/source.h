/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source - holds the bytes of one input and finds its lines.
 *
 * Threads:  one source, one thread at a time.
 * Memory:   owns the bytes, in a buffer that is reused from input to input.
 * Limits:   MOOR_SOURCE_MAX_BYTES.  A search continues at the last position, so that positions in
 *           the order of the text cost one pass in total.
 */
#ifndef MOOR_CMD_INPUT_SOURCE_H
#define MOOR_CMD_INPUT_SOURCE_H

#include "cmd/input/positions.h"
#include "policy/base/buf.h"

#define MOOR_SOURCE_MAX_BYTES ((size_t)1024 * 1024 * 1024)

/* The bytes of one input. */
struct moor_source {
    struct moor_buf bytes;
    bool keeps_input; /* standard input will be read again, so a copy is kept */
    /* Internal: the copy of standard input, and the last position. */
    struct moor_buf input;
    bool has_input;
    size_t line_start;
    uint32_t line;
    size_t offset;
    uint32_t column;
};

/* Prepares a source without bytes. */
void moor_source_init(struct moor_source *source);
void moor_source_release(struct moor_source *source);

/*
 * Reads the file at `path`, or standard input for `-`, in place of the previous input.  Returns -1
 * with the path and the reason in `err` if the file cannot be read or is too large.
 */
int moor_source_read(struct moor_source *source, const char *path,
                     struct moor_error *err) MOOR_MUST_CHECK;

/* Replaces the input by a copy of `text`. */
void moor_source_set(struct moor_source *source, struct moor_slice text);

/* Returns the position of the byte at `offset`, with the width of the `len` bytes there. */
struct moor_position moor_source_position(struct moor_source *source, size_t offset, size_t len);

/* Returns the line of this number without its end.  The line is empty if absent or very long. */
struct moor_slice moor_source_line(struct moor_source *source, uint32_t line);

/* Returns the number of characters in `text`, which is UTF-8. */
uint32_t moor_source_characters(struct moor_slice text);

#endif
