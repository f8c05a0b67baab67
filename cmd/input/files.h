/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files - lists the files that a command's operands name; directories are searched recursively.
 *
 * A file operand is always returned, unless exclusions are forced on operands.  A directory yields
 * manifests (*.yaml, *.yml, *.json) and files of the requested formats, sorted by name.  A
 * directory operand without any of these is an error, and so is such a path that is not a regular
 * file. Symbolic links are followed.  Each directory is searched once, however many links lead to
 * it, so that a loop ends.  `.git` is skipped.  An excluded path is skipped too, and so is
 * a file of a format that was not requested, such as a Dockerfile; both are returned, so that they
 * can be counted.
 *
 * A directory with a Chart.yaml is a Helm chart, and one with a kustomization file is a
 * kustomization.  Both are returned before their files.  The folder `templates` of a chart is not
 * searched, because templates are not YAML.  A chart in the folder `charts` of another one is a
 * part of that one and is not returned.
 *
 * A file is returned once, under the first of its paths: its identity is its directory and its name
 * there.  A link under another name is another file, because kubectl applies both and because the
 * name can decide the format.
 *
 * Threads:  one list, one thread at a time.
 * Memory:   owns the paths; the last item that was returned is valid until the next call.
 * Limits:   memory only: the names of one directory per level, and one name per returned file.
 */
#ifndef MOOR_CMD_INPUT_FILES_H
#define MOOR_CMD_INPUT_FILES_H

#include "cmd/input/selection.h"

#include <sys/types.h>

/* The types of paths. */
enum moor_files_type {
    MOOR_FILES_FILE,
    MOOR_FILES_EXCLUDED,     /* a file or folder that a rule excludes */
    MOOR_FILES_UNREAD,       /* a file whose name tells a format that was not requested */
    MOOR_FILES_CHART,        /* the directory of a Helm chart */
    MOOR_FILES_KUSTOMIZATION /* the directory of a kustomization */
};

/* A path that was found. */
struct moor_files_item {
    enum moor_files_type type;
    const char *path;       /* `-` for standard input */
    bool is_operand;        /* the user named it, so it is meant to be evaluated */
    bool is_in_chart;       /* a file of a Helm chart, which can hold values */
    struct moor_slice rule; /* for EXCLUDED: the pattern */
};

/* The selection of files in directories. */
struct moor_files_choice {
    unsigned formats;            /* formats accepted in directories beside manifests: bits of
                                    moor_input_format */
    const char *const *excludes; /* patterns of --exclude; borrowed during moor_files_init() */
    size_t exclude_count;
    bool forces_excludes; /* operands can be excluded like the files of a directory */
};

/* A list of files.  All members are internal. */
struct moor_files {
    unsigned formats;
    bool forces_excludes;
    struct moor_selection selection;

    struct moor_files_waiting {
        char *path;
        enum moor_files_type type; /* FILE: a path that was not visited yet */
        bool is_operand;
        bool is_in_chart;
        dev_t device; /* the directory in which it was found; unset for operands */
        ino_t inode;
        const struct moor_selection_folder *folder; /* the rules at that directory */
    } * waiting;                                    /* a stack: the next path is the last item */

    size_t count;
    size_t room;
    struct moor_files_seen *marks; /* directories and files seen, newest first */
    void *tree;                    /* index of `marks` by tsearch() */
    char *current;
    char *searched; /* the directory operand being searched, or NULL */
    size_t found;   /* files to evaluate in that directory */
};

/*
 * Starts a list with `count` operands, which are copied.  Returns -1 if memory is short or a
 * pattern of --exclude is invalid.
 */
int moor_files_init(struct moor_files *out, char *const *operands, size_t count,
                    const struct moor_files_choice *choice, struct moor_error *err) MOOR_MUST_CHECK;
void moor_files_release(struct moor_files *files);

/*
 * Returns 1 with the next item in `*out`, and 0 at the end.  Returns -1 with the reason in `err`
 * and the path in `*out` if a file or directory cannot be read; the next call then continues with
 * the following path.
 */
int moor_files_next(struct moor_files *files, struct moor_files_item *out,
                    struct moor_error *err) MOOR_MUST_CHECK;

#endif
