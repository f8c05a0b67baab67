/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build_requirements - makes the requirements of a part of the policy: what its keys say over what
 * was before.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_FILE_BUILD_REQUIREMENTS_H
#define MOOR_POLICY_FILE_BUILD_REQUIREMENTS_H

#include "policy/file/diagnostics.h"
#include "policy/file/schema.h"
#include "policy/rules/policy.h"

/* The levels in `given`, where not given those in `before`. */
struct moor_requirements moor_build_requirements(const struct moor_schema_requirements *given,
                                                 struct moor_requirements before);

/*
 * Warns of a `warn` or `audit` that is below `levels.enforce`: it has no effect.  `ignore` says so
 * itself, and is passed over where `may_ignore`.
 */
void moor_build_check_requirements(const struct moor_schema_requirements *given,
                                   struct moor_requirements requirements, bool may_ignore,
                                   struct moor_diagnostics *diagnostics);

#endif
