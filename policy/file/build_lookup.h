/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build_lookup - builds the indexes that find the globs of a policy for a name.
 *
 * Threads:  pure, any thread.
 * Memory:   everything is in the policy's arena.
 */
#ifndef MOOR_POLICY_FILE_BUILD_LOOKUP_H
#define MOOR_POLICY_FILE_BUILD_LOOKUP_H

#include "policy/base/error.h"
#include "policy/rules/policy.h"

/* Fills the policy's indexes from its globs, which must be complete.  Returns -1 without memory. */
int moor_build_lookups(struct moor_policy *policy, struct moor_error *err) MOOR_MUST_CHECK;

#endif
