/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glob - shell-like patterns over names.
 *
 * `*` matches within one segment between slashes; `**` crosses them wherever it stands, and
 * between slashes it may also stand for no segment at all; `?`, `[...]` and `\` are special,
 * `{a,b}` is not.  What is matched are bytes.  A pattern matches the whole subject or nothing.
 *
 * The rules are those of PCRE2's converter (pcre2_pattern_convert), which decides what is a glob.
 * Globs without a set are matched here: one pass that returns to the last star alone, because an
 * earlier star cannot help.  Globs with a set are matched by PCRE2.
 *
 * Threads:  a compiled glob may be used by any number of threads at once, each with a matcher.
 * Memory:   a glob with a set owns a compiled form; moor_glob_release() gives it back.
 * Limits:   a pattern has 1 to MOOR_GLOB_MAX_BYTES; matching ends with the budget of the matcher,
 *           for globs with a set also at a fixed number of steps.
 */
#ifndef MOOR_POLICY_BASE_GLOB_H
#define MOOR_POLICY_BASE_GLOB_H

#include "policy/base/error.h"
#include "policy/base/matcher.h"
#include "policy/base/slice.h"

#define MOOR_GLOB_MAX_BYTES 512

enum moor_glob_kind {
    MOOR_GLOB_LITERAL, /* nothing special is in it */
    MOOR_GLOB_STARS,   /* `*`, `?`, `\` */
    MOOR_GLOB_SETS     /* `[...]` too */
};

struct moor_glob {
    struct moor_slice text; /* the pattern as written; borrowed */
    enum moor_glob_kind kind;
    uint32_t charge; /* internal: of the compiled form */
    void *code;      /* internal: the compiled form of MOOR_GLOB_SETS, else NULL */
};

struct moor_glob_list {
    struct moor_glob *items; /* borrowed */
    size_t count;
};

/* Compiles `text`, which must outlive the glob.  Returns -1 with the reason and column in `err`. */
int moor_glob_compile(struct moor_glob *out, struct moor_slice text,
                      struct moor_error *err) MOOR_MUST_CHECK;
void moor_glob_release(struct moor_glob *glob);

/* The memory that the compiled form takes, in bytes; 0 for most globs. */
size_t moor_glob_size(const struct moor_glob *glob);

/*
 * Whether the glob matches the whole of `subject`.  A match that hits its limit, or finds no
 * memory, does not match: callers arrange their rules so that this is the stricter answer.
 */
bool moor_glob_match(const struct moor_glob *glob, struct moor_slice subject,
                     struct moor_matcher *matcher);

/* An estimate of the steps that a match with a subject of `len` bytes takes at most. */
uint64_t moor_glob_cost(const struct moor_glob *glob, size_t len);

/* Whether one of the globs matches the whole of `subject`. */
bool moor_glob_list_match(const struct moor_glob_list *globs, struct moor_slice subject,
                          struct moor_matcher *matcher);

/* Releases each glob; the array stays with its owner. */
void moor_glob_list_release(struct moor_glob_list *globs);

#endif
