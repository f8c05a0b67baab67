/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge_environment - which environment of the policy a request is in; private to the judge, which
 * declares the part that others may ask.
 *
 * Threads:  pure, any thread with a matcher.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_JUDGE_ENVIRONMENT_H
#define MOOR_POLICY_JUDGE_ENVIRONMENT_H

#include "policy/judge.h"

/*
 * Sets the verdict's environment and its source: the one that the URL path names, where a name that
 * the policy lacks gives the default one; without a name in the path, the namespace's.
 */
void moor_judge_choose_environment(struct moor_verdict *verdict, const struct moor_policy *policy,
                                   struct moor_matcher *matcher);

#endif
