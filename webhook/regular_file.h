/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regular_file - reads files that the server reloads while it runs.
 *
 * Only regular files are read, because opening a FIFO or a device could block the server forever.
 *
 * Threads:  any thread.
 * Memory:   appends to the caller's buffer; the maximum of the buffer is the limit.
 */
#ifndef MOOR_WEBHOOK_REGULAR_FILE_H
#define MOOR_WEBHOOK_REGULAR_FILE_H

#include "policy/base/buf.h"

#include <sys/stat.h>

#define MOOR_REGULAR_FILE_WHY_BYTES 256

/*
 * Opens a file for reading.  Returns 0 and the status of the file; the caller closes `*fd`.
 * Otherwise returns an errno: EISDIR for a directory, ESPIPE for any other object that is not a
 * regular file.
 */
int moor_regular_file_open(int *fd, struct stat *status, const char *path) MOOR_MUST_CHECK;

/* Reads the whole file.  Returns 0 or an errno; EFBIG if the file is larger than `out->max`. */
int moor_regular_file_read(struct moor_buf *out, const char *path) MOOR_MUST_CHECK;

/*
 * Returns whether a later attempt may succeed without a change of the file, for example after a
 * lack of descriptors or memory.
 */
bool moor_regular_file_is_transient(int code);

/* Writes the meaning of such an errno for the file at `path`, and returns `why`. */
const char *moor_regular_file_explain(char why[MOOR_REGULAR_FILE_WHY_BYTES], int code,
                                      const char *path);

#endif
