/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build_environments - makes the environments of a policy.
 *
 * Threads:  pure, any thread.
 * Memory:   everything is in the policy's arena, compiled globs apart; nothing points into the
 * tree.
 */
#ifndef MOOR_POLICY_FILE_BUILD_ENVIRONMENTS_H
#define MOOR_POLICY_FILE_BUILD_ENVIRONMENTS_H

#include "policy/file/diagnostics.h"
#include "policy/file/schema.h"
#include "policy/rules/policy.h"

/*
 * Fills the policy's environments, whose mode is `policy->mode` where they have none.
 */
int moor_build_environments(struct moor_policy *policy, const struct moor_key_list *list,
                            struct moor_diagnostics *diagnostics,
                            struct moor_error *err) MOOR_MUST_CHECK;

#endif
