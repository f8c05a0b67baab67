/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build_cost - warns if a policy can need more matching steps than a request may take (cost.h).
 *
 * Threads:  pure, any thread.
 * Memory:   allocates only a matcher.
 */
#ifndef MOOR_POLICY_FILE_BUILD_COST_H
#define MOOR_POLICY_FILE_BUILD_COST_H

#include "policy/file/diagnostics.h"
#include "policy/file/schema.h"
#include "policy/rules/policy.h"

/*
 * Warns at the costliest part of the file if requests with many images could run out of steps.
 * Returns -1 if there is no memory.
 */
int moor_build_check_cost(const struct moor_policy *policy, const struct moor_schema_policy *schema,
                          struct moor_diagnostics *diagnostics,
                          struct moor_error *err) MOOR_MUST_CHECK;

#endif
