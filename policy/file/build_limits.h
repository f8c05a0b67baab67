/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build_limits - limits the number of globs of a policy file before any of them is compiled.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_FILE_BUILD_LIMITS_H
#define MOOR_POLICY_FILE_BUILD_LIMITS_H

#include "policy/file/diagnostics.h"
#include "policy/file/schema.h"

/* Maximum number of globs in a policy file, over all its lists. */
#define MOOR_BUILD_MAX_GLOBS 4096

/*
 * Reports an error if the file has more than MOOR_BUILD_MAX_GLOBS globs.  Returns whether the limit
 * is kept; otherwise the policy must not be built.
 */
bool moor_build_check_globs(const struct moor_schema_policy *schema,
                            struct moor_diagnostics *diagnostics);

#endif
