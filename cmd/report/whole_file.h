/* SPDX-License-Identifier: Apache-2.0 */
/*
 * whole_file - replaces a file completely, or leaves it unchanged.
 *
 * The content is written to a temporary file, which is renamed at the end.  A full disk or a killed
 * command then never destroys the previous report or baseline.  Permissions and links of an
 * existing file are kept.  In a directory such as /tmp, links of other users are not followed.  A
 * terminal, a pipe, or a file in a read-only directory is written directly.
 *
 * Threads:  main thread only.
 * Memory:   two names, released by moor_whole_file_end().
 */
#ifndef MOOR_CMD_REPORT_WHOLE_FILE_H
#define MOOR_CMD_REPORT_WHOLE_FILE_H

#include "policy/base/error.h"

#include <stdbool.h>
#include <stdio.h>

/* A file that is being written. */
struct moor_whole_file {
    FILE *out;        /* the stream to write to */
    const char *path; /* the path of the user; borrowed */
    char *target;     /* the path with links resolved */
    char *beside;     /* the temporary file; NULL: the target itself */
};

/* Starts writing `path`.  Returns -1 with the path and the reason if it cannot be written. */
int moor_whole_file_begin(struct moor_whole_file *file, const char *path,
                          struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Ends the writing.  With `keep`, the content replaces the file.  Without `keep`, or if the content
 * could not be written completely, the file is unchanged.  Returns -1 if writing failed.
 */

int moor_whole_file_end(struct moor_whole_file *file, bool keep,
                        struct moor_error *err) MOOR_MUST_CHECK;

#endif
