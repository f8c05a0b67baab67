/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ignore_glob - matches a path with a pattern of gitignore(5).
 *
 * `*` matches within one segment of the path, `?` one character of it, and `[...]` one of a set
 * with ranges and classes such as `[:alpha:]`.  `**` matches any number of segments if it is a
 * whole segment of the pattern; elsewhere it is `*`.  `\` escapes the next character.  These are
 * the rules of git's wildmatch with WM_PATHNAME.  policy/base/glob.h has other rules for `**`.
 *
 * The matcher keeps one point to return to for the last `*` and one for the last `**`.  Earlier
 * points cannot help, so the work is at most the product of both lengths.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_CMD_INPUT_IGNORE_GLOB_H
#define MOOR_CMD_INPUT_IGNORE_GLOB_H

#include "policy/base/slice.h"

#include <stdbool.h>

/* Returns whether `glob` matches the whole of `path`.  A set without an end matches nothing. */
bool moor_ignore_glob_match(struct moor_slice glob, struct moor_slice path);

#endif
