/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files - the files that a command's operands name, directories searched in depth, sorted by name.
 *
 * A file that is named is always given; of a directory, manifests (*.yaml, *.yml, *.json) and files
 * of the formats that are asked for.  A directory that is named and holds none of these is an
 * error, as is such a file that is not a regular file.  Symbolic links are followed; each directory
 * is searched once, however many links lead to it, so that a loop ends.  `.git` is not searched.
 *
 * A file is given once, under the first of its paths: it is known by the directory that it stands
 * in, however that is written, and its name there.  A link under another name is another file: it
 * is one for whoever applies it, and the name can decide what is read as what.
 *
 * Threads:  one list, one thread at a time.
 * Memory:   owns the paths; the last one given lives until the next call.
 * Limits:   memory: one directory's names at a time for each level, and a name for each file given.
 */
#ifndef MOOR_CMD_INPUT_FILES_H
#define MOOR_CMD_INPUT_FILES_H

#include "policy/base/error.h"

#include <stdbool.h>
#include <sys/types.h>

struct moor_files {
    unsigned formats; /* taken from directories beside manifests: bits of moor_input_format */

    struct moor_files_waiting {
        char *path;
        bool is_operand;
        dev_t device; /* of the directory in which it was found; not of operands */
        ino_t inode;
    } * waiting; /* the next one last */

    size_t count;
    size_t room;
    struct moor_files_seen *marks; /* what was searched and given; the last one first */
    void *tree;                    /* of these, by tsearch() */
    char *current;
    char *searched; /* the directory that is named and searched now, or NULL */
    size_t found;   /* files in it that are wanted */
};

/* Starts with these operands; of directories, files of `formats` are given beside manifests. */
int moor_files_init(struct moor_files *out, char *const *operands, size_t count, unsigned formats,
                    struct moor_error *err) MOOR_MUST_CHECK;
void moor_files_release(struct moor_files *files);

/*
 * The next file.  Returns 1 with its path (`-` where an operand says so), 0 at the end, -1 where a
 * file or directory cannot be read: the next call goes on behind it.
 */
int moor_files_next(struct moor_files *files, const char **path,
                    struct moor_error *err) MOOR_MUST_CHECK;

#endif
