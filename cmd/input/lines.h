/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lines - reads the lines of an input one at a time, each within a limit.
 *
 * A line ends with a newline, or with a carriage return and a newline.  The last line may lack an
 * end.
 *
 * Threads:  one input, one thread at a time.
 * Memory:   a buffer of fixed size for any input; a line is valid until the next call.
 * Limits:   MOOR_LINES_MAX_BYTES a line, without its end.
 */
#ifndef MOOR_CMD_INPUT_LINES_H
#define MOOR_CMD_INPUT_LINES_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdbool.h>

#define MOOR_LINES_MAX_BYTES ((size_t)64 * 1024)

/* A reader of lines.  The caller owns the file descriptor. */
struct moor_lines {
    int fd;
    uint32_t number; /* number of the last line, from 1 */
    /* Internal: the bytes that were read, and how many of these contain no newline. */
    char bytes[MOOR_LINES_MAX_BYTES + 2];
    size_t start;
    size_t searched;
    size_t end;
    bool has_ended;
};

/* Starts reading the lines of `fd`.  Nothing is read before the first moor_lines_next(). */
void moor_lines_init(struct moor_lines *lines, int fd);

/*
 * Reads the next line, without its end, into `*out`.  Returns 1, or 0 after the last line.  Returns
 * -1 with MOOR_ERROR_LIMIT if the line is too long; the next call then continues with the following
 * line.  Returns -1 with MOOR_ERROR_SYSTEM if the input cannot be read.
 */
int moor_lines_next(struct moor_lines *lines, struct moor_slice *out,
                    struct moor_error *err) MOOR_MUST_CHECK;

#endif
