/* SPDX-License-Identifier: Apache-2.0 */
/*
 * matcher - counts the work of matching, and holds its scratch memory.
 *
 * Globs, patterns and lookups count their work in the matcher, in one unit: the step.  A step is
 * about a nanosecond on a current CPU; the number of steps of each operation was measured once.
 * The count depends on the policy and the input alone, never on time or machine, so that a request
 * gets the same answer everywhere.  Beyond its budget a matcher is exhausted: nothing matches, and
 * the caller discards the results since moor_matcher_begin().
 *
 * Threads:  a matcher belongs to one thread at a time.
 * Memory:   the scratch memory is kept between matches; matching calls no malloc() after it has
 *           grown.
 * Limits:   a new matcher has no budget and is never exhausted.  A single match of a pattern is
 *           limited to 20,000 steps and a depth of 1,000 as PCRE2 counts them, and a single match
 *           of a glob to 100,000 steps.
 */
#ifndef MOOR_POLICY_BASE_MATCHER_H
#define MOOR_POLICY_BASE_MATCHER_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdint.h>

struct moor_matcher {
    uint64_t steps;  /* steps since the budget was set */
    uint64_t budget; /* limit of `steps`; beyond it the matcher is exhausted */
    void *data;      /* internal: PCRE2's match data */
    void *patterns;  /* internal: PCRE2's match context, with the limits of patterns */
    void *globs;     /* internal: the same with the limits of globs */
    uint64_t charge; /* internal: steps for each item of the pattern that is being matched */
};

/* Returns a matcher for one thread, or NULL if there is no memory. */
struct moor_matcher *moor_matcher_new(void) MOOR_MUST_CHECK;
/* Frees the matcher; NULL is allowed. */
void moor_matcher_free(struct moor_matcher *matcher);

/* Starts counting at 0 with a new budget; UINT64_MAX means no budget. */
static inline void moor_matcher_begin(struct moor_matcher *matcher, uint64_t budget)
{
    matcher->steps = 0;
    matcher->budget = budget;
}

/* Returns whether the work has exceeded the budget. */
static inline bool moor_matcher_is_exhausted(const struct moor_matcher *matcher)
{
    return matcher->steps > matcher->budget;
}

/* Counts `steps`.  Returns whether the budget covers them. */
static inline bool moor_matcher_take(struct moor_matcher *matcher, uint64_t steps)
{
    matcher->steps += steps;
    return matcher->steps <= matcher->budget;
}

/* Returns the cost of comparing two texts: memcmp() is fast, and skipped if the lengths differ. */
static inline uint64_t moor_matcher_compare_cost(struct moor_slice left, struct moor_slice right)
{
    return left.len == right.len ? 8 + left.len / 16 : 4;
}

#endif
