/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files - lists the files that a command's operands name; directories are searched recursively.
 *
 * A file operand is always returned.  A directory yields manifests (*.yaml, *.yml, *.json) and
 * files of the requested formats, sorted by name.  A directory operand without any of these is an
 * error, and so is such a path that is not a regular file.  Symbolic links are followed.  Each
 * directory is searched once, however many links lead to it, so that a loop ends.  `.git` is
 * skipped.
 *
 * A file is returned once, under the first of its paths: its identity is its directory and its name
 * there.  A link under another name is another file, because kubectl applies both and because the
 * name can decide the format.
 *
 * Threads:  one list, one thread at a time.
 * Memory:   owns the paths; the last path that was returned is valid until the next call.
 * Limits:   memory only: the names of one directory per level, and one name per returned file.
 */
#ifndef MOOR_CMD_INPUT_FILES_H
#define MOOR_CMD_INPUT_FILES_H

#include "policy/base/error.h"

#include <stdbool.h>
#include <sys/types.h>

/* A list of files.  All members are internal. */
struct moor_files {
    unsigned
        formats; /* formats accepted in directories beside manifests: bits of moor_input_format */

    struct moor_files_waiting {
        char *path;
        bool is_operand;
        dev_t device; /* the directory in which it was found; unset for operands */
        ino_t inode;
    } * waiting; /* a stack: the next path is the last item */

    size_t count;
    size_t room;
    struct moor_files_seen *marks; /* directories and files seen, newest first */
    void *tree;                    /* index of `marks` by tsearch() */
    char *current;
    char *searched; /* the directory operand being searched, or NULL */
    size_t found;   /* files to evaluate in that directory */
};

/*
 * Starts a list with `count` operands, which are copied.  Files of `formats` in directories are
 * returned beside manifests.  Returns -1 if memory is short.
 */
int moor_files_init(struct moor_files *out, char *const *operands, size_t count, unsigned formats,
                    struct moor_error *err) MOOR_MUST_CHECK;
void moor_files_release(struct moor_files *files);

/*
 * Returns 1 with the next path in `*path` (`-` for standard input), and 0 at the end.  Returns -1
 * with the reason in `err` if a file or directory cannot be read; the next call then continues with
 * the following path.
 */
int moor_files_next(struct moor_files *files, const char **path,
                    struct moor_error *err) MOOR_MUST_CHECK;

#endif
