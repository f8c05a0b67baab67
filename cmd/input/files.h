/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files - the files that a command's operands name, directories searched in depth, sorted by name.
 *
 * A file that is named is always given; of a directory those that `wants` accepts.  Symbolic links
 * are followed; each directory is searched once, however many links lead to it, so that a loop
 * ends.  `.git` is not searched.
 *
 * Threads:  one list, one thread at a time.
 * Memory:   owns the paths; the last one given lives until the next call.
 * Limits:   memory: one directory's names at a time for each level.
 */
#ifndef MOOR_CMD_INPUT_FILES_H
#define MOOR_CMD_INPUT_FILES_H

#include "policy/base/error.h"

#include <stdbool.h>
#include <sys/types.h>

struct moor_files {
    bool (*wants)(const void *context, const char *path);
    const void *context;

    struct moor_files_waiting {
        char *path;
        bool is_operand;
    } * waiting; /* the next one last */

    size_t count;
    size_t room;

    struct moor_files_seen {
        dev_t device;
        ino_t inode;
    } * seen; /* directories */

    size_t seen_count;
    size_t seen_room;
    char *current;
};

/* Starts with these operands; `wants` says which files of directories are given. */
int moor_files_init(struct moor_files *out, char *const *operands, size_t count,
                    bool (*wants)(const void *context, const char *path), const void *context,
                    struct moor_error *err) MOOR_MUST_CHECK;
void moor_files_release(struct moor_files *files);

/*
 * The next file.  Returns 1 with its path (`-` where an operand says so), 0 at the end, -1 where a
 * file or directory cannot be read: the next call goes on behind it.
 */
int moor_files_next(struct moor_files *files, const char **path,
                    struct moor_error *err) MOOR_MUST_CHECK;

#endif
