/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build_exemptions - builds the exemptions of a policy.
 *
 * Threads:  pure, any thread.
 * Memory:   everything is in the policy's arena except compiled globs; nothing points into the
 * tree.
 */
#ifndef MOOR_POLICY_FILE_BUILD_EXEMPTIONS_H
#define MOOR_POLICY_FILE_BUILD_EXEMPTIONS_H

#include "policy/file/diagnostics.h"
#include "policy/file/schema.h"
#include "policy/rules/policy.h"

/*
 * Fills the policy's exemptions.  The environments and custom resources must be built before, as
 * exemptions refer to them.  Returns -1 only if there is no memory.
 */
int moor_build_exemptions(struct moor_policy *policy, const struct moor_key_list *list,
                          struct moor_diagnostics *diagnostics,
                          struct moor_error *err) MOOR_MUST_CHECK;

#endif
