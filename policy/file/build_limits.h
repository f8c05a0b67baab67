/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build_limits - counts the globs of a policy file before any of them is compiled.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_FILE_BUILD_LIMITS_H
#define MOOR_POLICY_FILE_BUILD_LIMITS_H

#include "policy/file/diagnostics.h"
#include "policy/file/schema.h"

/* Of a policy's file, in all its lists. */
#define MOOR_BUILD_MAX_GLOBS 4096

/*
 * Reports globs past MOOR_BUILD_MAX_GLOBS.  Returns whether there are none: the others are not
 * built.
 */
bool moor_build_check_globs(const struct moor_schema_policy *schema,
                            struct moor_diagnostics *diagnostics);

#endif
