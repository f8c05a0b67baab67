/* SPDX-License-Identifier: Apache-2.0 */
/*
 * selection - decides which files and folders a search leaves out.
 *
 * Rules come from three places: the patterns of --exclude, the `.tagmoorignore` file of each folder
 * from the current directory down, and the defaults (node_modules, vendor, .terraform and hidden
 * folders).  The first of these, in this order, that has a matching rule decides; a deeper
 * `.tagmoorignore` comes before a higher one.  A negated rule includes a path, also against the
 * defaults.  Patterns of --exclude are compared with the path as reports show it.
 *
 * Threads:  one selection, one thread at a time.
 * Memory:   owns the rules; a folder lives as long as its selection.
 * Limits:   those of ignore.h for each list.
 */
#ifndef MOOR_CMD_INPUT_SELECTION_H
#define MOOR_CMD_INPUT_SELECTION_H

#include "cmd/input/ignore.h"

#define MOOR_SELECTION_FILE ".tagmoorignore"

/* A folder with a `.tagmoorignore` file. */
struct moor_selection_folder {
    const struct moor_selection_folder *above; /* the next folder above that has one, or NULL */
    struct moor_selection_folder *next;        /* internal: all folders of the selection */
    struct moor_ignore ignore;
    size_t prefix; /* length of the folder's path with its slash, in paths below it */
};

/* The rules of one search.  All members are internal. */
struct moor_selection {
    struct moor_ignore defaults;
    struct moor_ignore excludes;
    struct moor_selection_folder *folders;
};

/*
 * Prepares the rules: `excludes` has `count` patterns.  Returns -1 if memory is short, or if a
 * pattern is none.
 */
int moor_selection_init(struct moor_selection *out, const char *const *excludes, size_t count,
                        struct moor_error *err) MOOR_MUST_CHECK;
void moor_selection_release(struct moor_selection *selection);

/*
 * Reads the `.tagmoorignore` file of `directory` into a new folder in `*out`, below `above`.
 * Returns -1 with the reason if it cannot be read or is too large.
 */
int moor_selection_enter(const struct moor_selection_folder **out, struct moor_selection *selection,
                         const char *directory, const struct moor_selection_folder *above,
                         struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Reads the `.tagmoorignore` files of the folders above `operand`, from the current directory down.
 * Absolute paths and paths with `..` have no such folders.  `*out` receives the deepest one, or
 * NULL.
 */
int moor_selection_enter_above(const struct moor_selection_folder **out,
                               struct moor_selection *selection, const char *operand,
                               struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Returns the rule that excludes `path`, which was found in a folder below `folder` (or NULL), or
 * NULL if the path is searched.
 */
const struct moor_ignore_rule *moor_selection_find(const struct moor_selection *selection,
                                                   const struct moor_selection_folder *folder,
                                                   const char *path, bool is_folder);

#endif
