/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file - whole files as bytes, within a limit.
 *
 * Threads:  pure but for the file, any thread.
 * Memory:   appends to the caller's buffer, whose maximum is the limit.
 */
#ifndef MOOR_CMD_INPUT_FILE_H
#define MOOR_CMD_INPUT_FILE_H

#include "policy/base/buf.h"
#include "policy/base/error.h"

/* What messages call the file at `path`. */
const char *moor_file_name(const char *path);

/*
 * The path as a message shows it: of a long one only the end, so that the message has room for the
 * reason.  Read it as `moor_file_shown(path).text`.
 */
struct moor_file_shown {
    char text[160];
};

struct moor_file_shown moor_file_shown(const char *path);

/* Reads the file at `path`, `-` being standard input, into `out`. */
int moor_file_read(struct moor_buf *out, const char *path, struct moor_error *err) MOOR_MUST_CHECK;

#endif
