/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glob - shell-like patterns over names.
 *
 * `*` matches within one segment between slashes.  `**` matches across slashes; between two slashes
 * it also matches no segment at all.  `?`, `[...]` and `\` are special, `{a,b}` is not.  Matching
 * works on bytes.  A pattern must match the whole subject.
 *
 * The rules are those of PCRE2's converter (pcre2_pattern_convert), which also decides whether a
 * text is a valid glob.  Globs without a set are matched here, in one pass that backtracks only to
 * the last star, because backtracking to an earlier star cannot help.  PCRE2 matches the others.
 *
 * Threads:  many threads may use a compiled glob at once, each with its own matcher.
 * Memory:   a glob with a set owns its compiled form; moor_glob_release() frees it.
 * Limits:   a pattern has 1 to MOOR_GLOB_MAX_BYTES bytes.  A match ends when the matcher's budget
 *           is exhausted; for globs with a set also after a fixed number of steps.
 */
#ifndef MOOR_POLICY_BASE_GLOB_H
#define MOOR_POLICY_BASE_GLOB_H

#include "policy/base/error.h"
#include "policy/base/matcher.h"
#include "policy/base/slice.h"

/* Maximum length of a glob in bytes. */
#define MOOR_GLOB_MAX_BYTES 512

/* How a glob is matched, by the special characters in it. */
enum moor_glob_kind {
    MOOR_GLOB_LITERAL, /* no special character: compared byte by byte */
    MOOR_GLOB_STARS,   /* `*`, `?` or `\`: matched here */
    MOOR_GLOB_SETS     /* `[...]` as well: matched by PCRE2 */
};

struct moor_glob {
    struct moor_slice text; /* the pattern as written; borrowed */
    enum moor_glob_kind kind;
    uint32_t charge; /* internal: steps for each item that PCRE2 tries */
    void *code;      /* internal: the compiled form of MOOR_GLOB_SETS, else NULL */
};

/* Globs of which one must match. */
struct moor_glob_list {
    struct moor_glob *items; /* borrowed */
    size_t count;
};

/* Compiles `text`, which must outlive the glob.  Returns -1 with the reason and column in `err`. */
int moor_glob_compile(struct moor_glob *out, struct moor_slice text,
                      struct moor_error *err) MOOR_MUST_CHECK;

/* Frees the compiled form. */
void moor_glob_release(struct moor_glob *glob);

/* Returns the memory of the compiled form in bytes; 0 for globs without a set. */
size_t moor_glob_size(const struct moor_glob *glob);

/*
 * Returns whether the glob matches the whole of `subject`.  A match that exceeds its limit or finds
 * no memory counts as no match; callers arrange their rules so that this is the stricter result.
 */
bool moor_glob_match(const struct moor_glob *glob, struct moor_slice subject,
                     struct moor_matcher *matcher);

/* Estimates the maximum number of steps of a match with a subject of `len` bytes. */
uint64_t moor_glob_cost(const struct moor_glob *glob, size_t len);

/* Returns whether at least one of the globs matches the whole of `subject`. */
bool moor_glob_list_match(const struct moor_glob_list *globs, struct moor_slice subject,
                          struct moor_matcher *matcher);

/* Releases each glob; the array remains with its owner. */
void moor_glob_list_release(struct moor_glob_list *globs);

#endif
