/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build_annotations - builds the list of annotations that name images.
 *
 * Threads:  pure, any thread.
 * Memory:   everything is in the policy's arena; nothing points into the tree.
 */
#ifndef MOOR_POLICY_FILE_BUILD_ANNOTATIONS_H
#define MOOR_POLICY_FILE_BUILD_ANNOTATIONS_H

#include "policy/file/diagnostics.h"
#include "policy/file/schema.h"
#include "policy/rules/policy.h"

/*
 * Fills the policy's image annotations: the file's, then the built-in ones.  Returns -1 only if
 * there is no memory.
 */
int moor_build_annotations(struct moor_policy *policy, const struct moor_key_value *value,
                           struct moor_diagnostics *diagnostics,
                           struct moor_error *err) MOOR_MUST_CHECK;

#endif
