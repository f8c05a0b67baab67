/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build_requirements - builds requirements from the keys of a part of the policy.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_FILE_BUILD_REQUIREMENTS_H
#define MOOR_POLICY_FILE_BUILD_REQUIREMENTS_H

#include "policy/file/diagnostics.h"
#include "policy/file/schema.h"
#include "policy/rules/policy.h"

/* Returns the requirements of `given`, and those of `before` where a key is absent. */
struct moor_requirements moor_build_requirements(const struct moor_schema_requirements *given,
                                                 struct moor_requirements before);

/*
 * Warns about a `warn` or `audit` below `requirements.enforce`, which has no effect.  `ignore`
 * has no effect on purpose, and is accepted if `may_ignore`.
 */
void moor_build_check_requirements(const struct moor_schema_requirements *given,
                                   struct moor_requirements requirements, bool may_ignore,
                                   struct moor_diagnostics *diagnostics);

#endif
