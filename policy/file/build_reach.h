/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build_reach - finds environments and globs of a policy that cannot take effect.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates only a matcher.
 */
#ifndef MOOR_POLICY_FILE_BUILD_REACH_H
#define MOOR_POLICY_FILE_BUILD_REACH_H

#include "policy/file/diagnostics.h"
#include "policy/file/schema.h"
#include "policy/rules/policy.h"

/*
 * Reports environments that no request can be in, and warns about globs without effect because an
 * earlier environment matches the same namespaces.  `list` has the records from which `policy` was
 * built.  Returns -1 only if there is no memory.
 */
int moor_build_check_reach(const struct moor_policy *policy, const struct moor_key_list *list,
                           struct moor_diagnostics *diagnostics,
                           struct moor_error *err) MOOR_MUST_CHECK;

#endif
