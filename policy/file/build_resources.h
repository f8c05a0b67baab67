/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build_resources - builds the custom resources and the placeholders of a policy.
 *
 * Threads:  pure, any thread.
 * Memory:   everything is in the policy's arena; nothing points into the tree.
 */
#ifndef MOOR_POLICY_FILE_BUILD_RESOURCES_H
#define MOOR_POLICY_FILE_BUILD_RESOURCES_H

#include "policy/file/diagnostics.h"
#include "policy/file/schema.h"
#include "policy/rules/policy.h"

/*
 * Fills the policy's custom resources: the file's, then the well-known ones that the file does not
 * replace.  Returns -1 only if there is no memory.
 */
int moor_build_resources(struct moor_policy *policy, const struct moor_key_list *list,
                         struct moor_diagnostics *diagnostics,
                         struct moor_error *err) MOOR_MUST_CHECK;

/* Fills the policy's placeholders; the file's replace the default one. */
int moor_build_placeholders(struct moor_policy *policy, const struct moor_key_value *value,
                            struct moor_error *err) MOOR_MUST_CHECK;

#endif
