/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regular_file - reads the files that the server reads again while it runs.
 *
 * Only regular files are read: opening a FIFO or a device could keep the server waiting for ever.
 *
 * Threads:  any thread; pure but for the file.
 * Memory:   appends to the caller's buffer, whose maximum is the limit.
 */
#ifndef MOOR_WEBHOOK_REGULAR_FILE_H
#define MOOR_WEBHOOK_REGULAR_FILE_H

#include "policy/base/buf.h"

#include <sys/stat.h>

#define MOOR_REGULAR_FILE_WHY_BYTES 256

/*
 * Opens the file for reading.  Returns 0 with `*fd`, which the caller closes, and its status; else
 * an errno: EISDIR for a directory, ESPIPE for what is no file at all.
 */
int moor_regular_file_open(int *fd, struct stat *status, const char *path) MOOR_MUST_CHECK;

/* Reads the whole file.  Returns 0 or an errno; EFBIG if it is larger than `out->max`. */
int moor_regular_file_read(struct moor_buf *out, const char *path) MOOR_MUST_CHECK;

/* Whether a later try may succeed although the file stays as it is: no descriptors, no memory, … */
bool moor_regular_file_is_transient(int code);

/* What a code of the above means for the file at `path`; returns `why`. */
const char *moor_regular_file_explain(char why[MOOR_REGULAR_FILE_WHY_BYTES], int code,
                                      const char *path);

#endif
