/* SPDX-License-Identifier: Apache-2.0 */
/*
 * matcher - counts the work of matching, and holds the scratch memory for it.
 *
 * Globs, patterns and lookups count what they do in one unit, the step, in the matcher that they
 * are given.  A step is about a nanosecond of a current CPU; what takes how many was measured once.
 * The count depends on the policy and the input alone, never on time or machine.  Past its budget a
 * matcher is exhausted: nothing matches any more, and the caller discards what it has found out
 * since.
 *
 * Threads:  one matcher, one thread at a time.
 * Memory:   the scratch memory is kept from match to match, so that matching costs no malloc once
 *           it has grown.
 * Limits:   a new matcher has no budget: it is never exhausted.  A single match of a pattern has
 *           20,000 steps and a depth of 1,000 as PCRE2 counts them, one of a glob 100,000 steps.
 */
#ifndef MOOR_POLICY_BASE_MATCHER_H
#define MOOR_POLICY_BASE_MATCHER_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdint.h>

struct moor_matcher {
    uint64_t steps;  /* taken since the budget was set */
    uint64_t budget; /* exhausted where `steps` is greater */
    void *data;      /* internal: PCRE2's match data */
    void *patterns;  /* internal: PCRE2's match context, with the limits of patterns */
    void *globs;     /* internal: the same with the limits of globs */
    uint64_t charge; /* internal: steps for each item of the pattern that is being matched */
};

/* For one thread.  NULL if there is no memory. */
struct moor_matcher *moor_matcher_new(void) MOOR_MUST_CHECK;
void moor_matcher_free(struct moor_matcher *matcher);

/* Sets the steps to 0 and the budget; UINT64_MAX for no budget. */
static inline void moor_matcher_begin(struct moor_matcher *matcher, uint64_t budget)
{
    matcher->steps = 0;
    matcher->budget = budget;
}

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

/* What it costs to compare two texts: memcmp() is fast, and not called for different lengths. */
static inline uint64_t moor_matcher_compare_cost(struct moor_slice left, struct moor_slice right)
{
    return left.len == right.len ? 8 + left.len / 16 : 4;
}

#endif
