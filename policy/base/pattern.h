/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern - regular expressions over tags, compiled once.
 *
 * The syntax is PCRE2's, over bytes: no UTF-8, no Unicode properties.  A pattern matches the whole
 * subject or nothing, whatever it says about its ends.  It may be written to be slow: a match is
 * given up at a limit, and the caller learns of it.  PCRE2's interpreter matches; no machine code
 * is generated, which would need memory that is writable and executable.
 *
 * Threads:  a compiled pattern may be used by any number of threads at once, each with a matcher.
 * Memory:   a pattern owns its compiled form; moor_pattern_release() gives it back.
 * Limits:   1 to MOOR_PATTERN_MAX_BYTES as written, MOOR_PATTERN_MAX_COMPILED compiled;
 *           in a match the limits of matcher.h, as PCRE2 counts them; the budget of the matcher, to
 *           which each item that is tried is charged.
 */
#ifndef MOOR_POLICY_BASE_PATTERN_H
#define MOOR_POLICY_BASE_PATTERN_H

#include "policy/base/error.h"
#include "policy/base/matcher.h"
#include "policy/base/slice.h"

#define MOOR_PATTERN_MAX_BYTES    512
#define MOOR_PATTERN_MAX_COMPILED ((size_t)16 * 1024)

struct moor_pattern {
    struct moor_slice text; /* as written; borrowed */
    void *code;             /* the compiled form */
    uint32_t charge;        /* matching steps for each item that is tried */
};

enum moor_pattern_result {
    MOOR_PATTERN_NO_MATCH,
    MOOR_PATTERN_MATCH,
    MOOR_PATTERN_GAVE_UP /* at a limit, past the budget, or without memory: nothing is known */
};

/* Compiles `text`, which must outlive the pattern.  Returns -1 with the reason in `err`. */
int moor_pattern_compile(struct moor_pattern *out, struct moor_slice text,
                         struct moor_error *err) MOOR_MUST_CHECK;
void moor_pattern_release(struct moor_pattern *pattern);

/* The memory that the compiled form takes, in bytes. */
size_t moor_pattern_size(const struct moor_pattern *pattern);

/* Whether the pattern matches the whole of `subject`. */
enum moor_pattern_result moor_pattern_match(const struct moor_pattern *pattern,
                                            struct moor_slice subject,
                                            struct moor_matcher *matcher);

/* Whether a text is a glob, which PCRE2's converter decides.  Returns -1 with the reason. */
int moor_pattern_check_glob(struct moor_slice text, struct moor_error *err) MOOR_MUST_CHECK;

/* The same as for patterns for a glob, which the converter translates; for globs with sets. */
int moor_pattern_compile_glob(struct moor_pattern *out, struct moor_slice text,
                              struct moor_error *err) MOOR_MUST_CHECK;
enum moor_pattern_result moor_pattern_match_glob(const struct moor_pattern *pattern,
                                                 struct moor_slice subject,
                                                 struct moor_matcher *matcher);

#endif
