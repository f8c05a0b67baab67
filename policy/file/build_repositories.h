/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build_repositories - builds the entries for repositories of a policy.
 *
 * Threads:  pure, any thread.
 * Memory:   everything is in the policy's arena except compiled globs; nothing points into the
 * tree.
 */
#ifndef MOOR_POLICY_FILE_BUILD_REPOSITORIES_H
#define MOOR_POLICY_FILE_BUILD_REPOSITORIES_H

#include "policy/file/diagnostics.h"
#include "policy/file/schema.h"
#include "policy/rules/policy.h"

/*
 * Fills the policy's repositories: the file's, then the built-in ones, so that the file's entries
 * take precedence.  Returns -1 only if there is no memory.
 */
int moor_build_repositories(struct moor_policy *policy, const struct moor_key_list *list,
                            const struct moor_key_list *builtin,
                            struct moor_diagnostics *diagnostics,
                            struct moor_error *err) MOOR_MUST_CHECK;

#endif
