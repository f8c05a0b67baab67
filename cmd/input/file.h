/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file - reads whole files as bytes, up to a limit.
 *
 * Threads:  any thread; the file is the only state.
 * Memory:   appends to the caller's buffer, whose maximum is the limit.
 */
#ifndef MOOR_CMD_INPUT_FILE_H
#define MOOR_CMD_INPUT_FILE_H

#include "policy/base/buf.h"
#include "policy/base/error.h"

#include <stdbool.h>

/* Returns the name of the file at `path` for messages: `-` is "standard input". */
const char *moor_file_name(const char *path);

/*
 * A path as messages show it.  Only the end of a long path is shown, so that the message has room
 * for the reason.  Use it as `moor_file_shown(path).text`.
 */
struct moor_file_shown {
    char text[160];
};

struct moor_file_shown moor_file_shown(const char *path);

/*
 * Returns whether `path` leads to a regular file.  Opening another one, such as a pipe, can wait
 * for ever.
 */
bool moor_file_is_regular(const char *path);

/*
 * Appends the content of the file at `path` to `out`; `-` is standard input.  Returns -1 with the
 * path and the reason in `err` if the file cannot be read or exceeds the buffer's maximum.
 */
int moor_file_read(struct moor_buf *out, const char *path, struct moor_error *err) MOOR_MUST_CHECK;

#endif
