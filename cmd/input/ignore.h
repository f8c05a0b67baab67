/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ignore - lists of patterns in the syntax of gitignore(5) that exclude files and folders.
 *
 * Each line is a pattern.  A pattern with a slash at its start or in its middle is compared with
 * the path below the folder of the list; another one with the name alone, at any depth.  A slash at
 * the end restricts the pattern to folders.  `!` re-includes what an earlier pattern excludes.
 * Blanks at the end of a line do not count unless `\` escapes them, and lines that begin with `#`
 * are comments.  The last pattern that matches decides.
 *
 * Threads:  one list, one thread at a time; moor_ignore_find() is pure.
 * Memory:   a list owns a copy of its text.
 * Limits:   MOOR_IGNORE_MAX_BYTES of text in a list, and MOOR_IGNORE_MAX_RULES patterns.
 */
#ifndef MOOR_CMD_INPUT_IGNORE_H
#define MOOR_CMD_INPUT_IGNORE_H

#include "policy/base/buf.h"
#include "policy/base/error.h"

#include <stdbool.h>

#define MOOR_IGNORE_MAX_BYTES ((size_t)256 * 1024)
#define MOOR_IGNORE_MAX_RULES 4096

/* One pattern. */
struct moor_ignore_rule {
    struct moor_slice text; /* as written, without blanks at its end */
    struct moor_slice glob; /* without `!`, and without slashes at its start and end */
    bool is_negated;
    bool is_for_folders; /* matches folders only */
    bool has_path;       /* compared with the path, not with the name alone */
};

/* A list of patterns. */
struct moor_ignore {
    char *text;
    struct moor_ignore_rule *rules;
    size_t count;
};

/* Parses the lines of `text` into `*out`.  Returns -1 if memory is short or a limit is exceeded. */
int moor_ignore_parse(struct moor_ignore *out, struct moor_slice text,
                      struct moor_error *err) MOOR_MUST_CHECK;
void moor_ignore_release(struct moor_ignore *ignore);

/* Returns whether the rule matches `path`, which is relative to the folder of its list. */
bool moor_ignore_matches(const struct moor_ignore_rule *rule, struct moor_slice path,
                         bool is_folder);

/*
 * Returns the last rule of the list that matches `path`, which is relative to the folder of the
 * list, or NULL.  A negated rule means that the path is included.  Folders above `path` are not
 * considered: a caller does not search an excluded folder.
 */
const struct moor_ignore_rule *moor_ignore_find(const struct moor_ignore *ignore,
                                                struct moor_slice path, bool is_folder);

#endif
