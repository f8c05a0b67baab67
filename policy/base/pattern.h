/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern - regular expressions over tags, compiled once.
 *
 * The syntax is PCRE2's, over bytes, without UTF-8 and Unicode properties.  A pattern must match
 * the whole subject, with or without `^` and `$` in it.  A pattern can be slow: PCRE2 gives up at a
 * limit, and the caller is informed.  PCRE2's interpreter does the matching.  Its JIT compiler is
 * not used, because it needs memory that is both writable and executable.
 *
 * Threads:  many threads may use a compiled pattern at once, each with its own matcher.
 * Memory:   a pattern owns its compiled form; moor_pattern_release() frees it.
 * Limits:   1 to MOOR_PATTERN_MAX_BYTES bytes as written, MOOR_PATTERN_MAX_COMPILED compiled.
 *           A match has the limits of matcher.h, and the matcher's budget, which pays for each item
 *           of the pattern that is tried.
 */
#ifndef MOOR_POLICY_BASE_PATTERN_H
#define MOOR_POLICY_BASE_PATTERN_H

#include "policy/base/error.h"
#include "policy/base/matcher.h"
#include "policy/base/slice.h"

/* Maximum length of a pattern, and of its compiled form, in bytes. */
#define MOOR_PATTERN_MAX_BYTES    512
#define MOOR_PATTERN_MAX_COMPILED ((size_t)16 * 1024)

struct moor_pattern {
    struct moor_slice text; /* the pattern as written; borrowed */
    void *code;             /* the compiled form */
    uint32_t charge;        /* steps for each item that is tried */
    uint32_t line;          /* position in a file, for the owner's messages; 0: unknown */
    uint32_t column;
};

enum moor_pattern_result {
    MOOR_PATTERN_NO_MATCH,
    MOOR_PATTERN_MATCH,
    MOOR_PATTERN_GAVE_UP /* a limit, the budget or memory was exhausted: the result is unknown */
};

/* Compiles `text`, which must outlive the pattern.  Returns -1 with the reason in `err`. */
int moor_pattern_compile(struct moor_pattern *out, struct moor_slice text,
                         struct moor_error *err) MOOR_MUST_CHECK;
/* Frees the compiled form. */
void moor_pattern_release(struct moor_pattern *pattern);

/* Returns the memory of the compiled form in bytes. */
size_t moor_pattern_size(const struct moor_pattern *pattern);

/* Matches the pattern against the whole of `subject`. */
enum moor_pattern_result moor_pattern_match(const struct moor_pattern *pattern,
                                            struct moor_slice subject,
                                            struct moor_matcher *matcher);

/* Checks that `text` is a valid glob for PCRE2's converter.  Returns -1 with the reason. */
int moor_pattern_check_glob(struct moor_slice text, struct moor_error *err) MOOR_MUST_CHECK;

/* Compiles a glob with PCRE2's converter; needed for globs with sets.  The text must outlive it. */
int moor_pattern_compile_glob(struct moor_pattern *out, struct moor_slice text,
                              struct moor_error *err) MOOR_MUST_CHECK;
/* Matches a compiled glob against the whole of `subject`. */
enum moor_pattern_result moor_pattern_match_glob(const struct moor_pattern *pattern,
                                                 struct moor_slice subject,
                                                 struct moor_matcher *matcher);

#endif
