/* SPDX-License-Identifier: Apache-2.0 */
/*
 * selection - decides which files and folders a search leaves out.
 *
 * Rules come from three places: the patterns of --exclude, the `.tagmoorignore` file of each folder
 * above and below an operand, and the defaults (node_modules, vendor, .terraform and hidden
 * folders).  The first of these, in this order, that has a matching rule decides; a deeper
 * `.tagmoorignore` comes before a higher one.  A negated rule includes a path, also against the
 * defaults.  Patterns of --exclude are compared with the path as reports show it.
 *
 * The folders above an operand begin at the top of the Git work tree that contains it, or at the
 * current directory if that is higher or there is no work tree.  Outside of both, they begin at the
 * operand.  Like Git, this takes `..` out of a path without a look at links.
 *
 * Threads:  one selection, one thread at a time.
 * Memory:   owns the rules; a folder lives as long as its selection.
 * Limits:   those of ignore.h for each list.  Each file above operands is read once.
 */
#ifndef MOOR_CMD_INPUT_SELECTION_H
#define MOOR_CMD_INPUT_SELECTION_H

#include "cmd/input/ignore.h"
#include "cmd/input/relative.h"

#define MOOR_SELECTION_FILE ".tagmoorignore"

/* A folder with a `.tagmoorignore` file. */
struct moor_selection_folder {
    const struct moor_selection_folder *above; /* the next folder above that has one, or NULL */
    struct moor_selection_folder *next;        /* internal: all folders of the selection */
    const struct moor_ignore *ignore;
    size_t prefix;   /* length of what precedes `lead` and the rest of a path below the folder */
    char *lead;      /* way from the folder to the operand, with a slash; NULL: it is below that */
    size_t absolute; /* length of the folder's absolute path, if there is a `lead` */
};

/* The rules of one search.  All members are internal. */
struct moor_selection {
    struct moor_ignore defaults;
    struct moor_ignore excludes;
    bool *is_used; /* for each pattern of --exclude: it matched something */
    struct moor_selection_list *lists;
    struct moor_selection_folder *folders;
    struct moor_relative here; /* the current directory */
    bool has_here;             /* it is known */
    struct moor_buf operand;   /* absolute path of the current operand */
    struct moor_buf path;      /* scratch space */
};

/* An operand, with the rules of the folders above it. */
struct moor_selection_operand {
    const char *path;
    bool is_folder;
    bool is_forced; /* the patterns of --exclude apply to the folders above it too, and so do the
                       defaults */
    const struct moor_selection_folder *folder; /* result: the deepest folder above, or NULL */
    const struct moor_ignore_rule *excluded;    /* result: the rule that excludes it, or NULL */
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
 * Reads the `.tagmoorignore` files of the folders above an operand, and sets its results.  Returns
 * -1 with the reason if one cannot be read or is too large.
 */
int moor_selection_enter_above(struct moor_selection *selection,
                               struct moor_selection_operand *operand,
                               struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Returns the rule that excludes `path`, which was found in a folder below `folder` (or NULL), or
 * NULL if the path is searched.
 */
const struct moor_ignore_rule *moor_selection_find(struct moor_selection *selection,
                                                   const struct moor_selection_folder *folder,
                                                   const char *path, bool is_folder);

/* Returns whether the pattern of --exclude at this index matched anything that was looked at. */
bool moor_selection_is_used(const struct moor_selection *selection, size_t index);

#endif
