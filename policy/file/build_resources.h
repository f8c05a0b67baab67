/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build_resources - makes the custom resources and the placeholders of a policy.
 *
 * Threads:  pure, any thread.
 * Memory:   everything is in the policy's arena, compiled globs apart; nothing points into the
 * tree.
 */
#ifndef MOOR_POLICY_FILE_BUILD_RESOURCES_H
#define MOOR_POLICY_FILE_BUILD_RESOURCES_H

#include "policy/file/diagnostics.h"
#include "policy/file/schema.h"
#include "policy/rules/policy.h"

/*
 * Fills the policy's custom resources: the file's, and the well-known ones that it does not
 * replace.
 */
int moor_build_resources(struct moor_policy *policy, const struct moor_key_list *list,
                         struct moor_diagnostics *diagnostics,
                         struct moor_error *err) MOOR_MUST_CHECK;

/* Fills the policy's placeholders; those given replace the usual one. */
int moor_build_placeholders(struct moor_policy *policy, const struct moor_key_value *value,
                            struct moor_error *err) MOOR_MUST_CHECK;

#endif
