/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build - builds a policy from the records of its file: defaults, inheritance, compiled globs, and
 * the checks that concern more than one key.
 *
 * Threads:  pure, any thread.
 * Memory:   everything is in the policy's arena except compiled globs; nothing points into the
 * tree.
 */
#ifndef MOOR_POLICY_FILE_BUILD_H
#define MOOR_POLICY_FILE_BUILD_H

#include "policy/file/diagnostics.h"
#include "policy/file/schema.h"
#include "policy/rules/policy.h"

/*
 * Fills `policy` from its file and the built-in repositories.  The policy is zeroed except for its
 * arena, and the caller can release it in any case.  A policy with errors in `diagnostics`, old or
 * new, must not be used.  Returns -1 only if there is no memory.
 */
int moor_build_policy(struct moor_policy *policy, const struct moor_schema_policy *schema,
                      const struct moor_key_list *builtin, struct moor_diagnostics *diagnostics,
                      struct moor_error *err) MOOR_MUST_CHECK;

#endif
