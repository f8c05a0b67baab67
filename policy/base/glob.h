/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glob - shell-like patterns over names, compiled once by PCRE2's own converter.
 *
 * `*` matches within one segment between slashes; `**` crosses them wherever it stands, and
 * between slashes it may also stand for no segment at all; `?`, `[...]` and `\` are special,
 * `{a,b}` is not.  What is matched are bytes.  A pattern matches the whole subject or nothing.
 *
 * Threads:  a compiled glob may be used by any number of threads at once, each with a matcher.
 * Memory:   a glob owns its compiled form; moor_glob_release() gives it back.  A matcher is the
 *           scratch memory of matching: one for each thread, made once.
 * Limits:   a pattern has 1 to MOOR_GLOB_MAX_BYTES; matching stops at a fixed number of steps.
 */
#ifndef MOOR_POLICY_BASE_GLOB_H
#define MOOR_POLICY_BASE_GLOB_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

#define MOOR_GLOB_MAX_BYTES 512

struct moor_matcher;

struct moor_glob {
    struct moor_slice text; /* the pattern as written; borrowed */
    void *code;             /* the compiled pattern; NULL where `text` has nothing special in it */
};

struct moor_glob_list {
    struct moor_glob *items; /* borrowed */
    size_t count;
};

/* Scratch memory for one thread, for globs and patterns.  NULL where there is no memory. */
struct moor_matcher *moor_matcher_new(void) MOOR_MUST_CHECK;
void moor_matcher_free(struct moor_matcher *matcher);

/* Compiles `text`, which must outlive the glob.  Returns -1 with the reason and column in `err`. */
int moor_glob_compile(struct moor_glob *out, struct moor_slice text,
                      struct moor_error *err) MOOR_MUST_CHECK;
void moor_glob_release(struct moor_glob *glob);

/* The memory that the compiled form takes, in bytes. */
size_t moor_glob_size(const struct moor_glob *glob);

/*
 * Whether the glob matches the whole of `subject`.  A match that hits its limit, or finds no
 * memory, does not match: callers arrange their rules so that this is the stricter answer.
 */
bool moor_glob_match(const struct moor_glob *glob, struct moor_slice subject,
                     struct moor_matcher *matcher);

/* Whether one of the globs matches the whole of `subject`. */
bool moor_glob_list_match(const struct moor_glob_list *globs, struct moor_slice subject,
                          struct moor_matcher *matcher);

/* Releases each glob; the array is whoever's it was. */
void moor_glob_list_release(struct moor_glob_list *globs);

#endif
