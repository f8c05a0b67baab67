/* SPDX-License-Identifier: Apache-2.0 */
/*
 * whole_file - a file that is there whole, or is what it was before.
 *
 * It is written beside and takes its name in the end: a full disk, or a command that is killed,
 * costs nobody the report or the baseline of yesterday.  Rights of a file that was there stay, and
 * so do links to it; in a directory such as /tmp, a link that somebody else made is not followed.
 * What is no file (a terminal, a pipe), or stands where no other file can be
 * made, is written as it stands.
 *
 * Threads:  the main thread alone.
 * Memory:   two names, released by moor_whole_file_end().
 */
#ifndef MOOR_CMD_REPORT_WHOLE_FILE_H
#define MOOR_CMD_REPORT_WHOLE_FILE_H

#include "policy/base/error.h"

#include <stdbool.h>
#include <stdio.h>

struct moor_whole_file {
    FILE *out;        /* to write to */
    const char *path; /* as the user wrote it; borrowed */
    char *target;     /* what it names in the end */
    char *beside;     /* what is written; NULL: the target itself */
};

/* Begins to write `path`. */
int moor_whole_file_begin(struct moor_whole_file *file, const char *path,
                          struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Ends it: with `keep`, what was written takes the name; without, or where not all of it could be
 * written, nothing has changed.
 */
int moor_whole_file_end(struct moor_whole_file *file, bool keep,
                        struct moor_error *err) MOOR_MUST_CHECK;

#endif
