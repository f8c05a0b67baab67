/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build - makes a policy of what its file says: defaults, inheritance, compiled globs, and the
 * checks that need more than one key.
 *
 * Threads:  pure, any thread.
 * Memory:   everything is in the policy's arena, compiled globs apart; nothing points into the
 * tree.
 */
#ifndef MOOR_POLICY_FILE_BUILD_H
#define MOOR_POLICY_FILE_BUILD_H

#include "policy/file/diagnostics.h"
#include "policy/file/schema.h"
#include "policy/rules/policy.h"

/*
 * Fills `policy` from its file and the built-in repositories.  It is zeroed but for its arena, and
 * can be released whatever comes of it; with errors in `reports`, now or from before, it is not fit
 * for use.  Returns -1 only without memory.
 */
int moor_build_policy(struct moor_policy *policy, const struct moor_schema_policy *schema,
                      const struct moor_key_list *builtin, struct moor_diagnostics *diagnostics,
                      struct moor_error *err) MOOR_MUST_CHECK;

#endif
