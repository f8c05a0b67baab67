/* SPDX-License-Identifier: Apache-2.0 */
/*
 * re2 - the globs and patterns of a policy as regular expressions of RE2.
 *
 * The API server matches with Go's regexp, whose syntax is RE2's.  A pattern of PCRE2 is used as it
 * is written if it has only constructs that mean the same in both.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_POLICY_EXPORT_RE2_H
#define MOOR_POLICY_EXPORT_RE2_H

#include "policy/base/buf.h"
#include "policy/base/error.h"
#include "policy/base/glob.h"

/* Appends a regular expression that matches exactly this text anywhere: special bytes escaped. */
void moor_re2_literal(struct moor_buf *out, struct moor_slice text);

/*
 * Appends an expression that matches what the glob matches.  It is not anchored.  Returns -1 for a
 * set that RE2 cannot express: a range over the slash, which a glob never crosses.
 */
int moor_re2_glob(struct moor_buf *out, struct moor_slice glob,
                  struct moor_error *err) MOOR_MUST_CHECK;

/* Appends one anchored expression for all globs: `(?s)^(?:a|b)$`.  Fails as moor_re2_glob() does.
 */
int moor_re2_globs(struct moor_buf *out, const struct moor_glob_list *globs,
                   struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Checks that RE2 knows every construct of a pattern that PCRE2 compiles.  Returns -1 with the
 * construct in `err`, and its offset in `err->column`, counted from 1.
 */
int moor_re2_check(struct moor_slice pattern, struct moor_error *err) MOOR_MUST_CHECK;

#endif
