/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lines - the lines of an input, one at a time, each within a limit.
 *
 * A line ends with a newline, or with a carriage return and a newline; the last one may lack its
 * end.
 *
 * Threads:  one input, one thread at a time.
 * Memory:   a buffer of fixed size, whatever comes; a line lives until the next call.
 * Limits:   MOOR_LINES_MAX_BYTES a line, without its end.
 */
#ifndef MOOR_CMD_INPUT_LINES_H
#define MOOR_CMD_INPUT_LINES_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdbool.h>

#define MOOR_LINES_MAX_BYTES ((size_t)64 * 1024)

struct moor_lines {
    int fd;
    uint32_t number; /* of the line that was given or refused last, from 1 */
    /* Internal: what was read and not given yet, and how much of that has no newline in it. */
    char bytes[MOOR_LINES_MAX_BYTES + 2];
    size_t start;
    size_t searched;
    size_t end;
    bool has_ended;
};

/* Starts reading the lines of `fd`. */
void moor_lines_init(struct moor_lines *lines, int fd);

/*
 * The next line, without its end.  Returns 1; 0 behind the last; -1 with MOOR_ERROR_LIMIT where the
 * line is too long: the next call goes on behind it; -1 with MOOR_ERROR_SYSTEM where the input
 * cannot be read.
 */
int moor_lines_next(struct moor_lines *lines, struct moor_slice *out,
                    struct moor_error *err) MOOR_MUST_CHECK;

#endif
