/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vap_environments - which requests a ValidatingAdmissionPolicy evaluates.
 *
 * Match conditions leave out mirror Pods, other environments, controllers whose images cannot get
 * the decision, and updates that cannot introduce an image.  Labels of a namespace are known only
 * in variables, so an environment that depends on labels is found there.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_POLICY_EXPORT_VAP_ENVIRONMENTS_H
#define MOOR_POLICY_EXPORT_VAP_ENVIRONMENTS_H

#include "policy/export/vap_levels.h"

/* Returns whether an environment of the policy is selected by labels. */
bool moor_vap_uses_labels(const struct moor_policy *policy);

/* Appends `matchConditions`. */
int moor_vap_append_conditions(struct moor_buf *out, const struct moor_vap_case *asked,
                               struct moor_error *err) MOOR_MUST_CHECK;

/* Appends the variables `isEnvironment`, if it is needed, and `isBuiltinUpdate`. */
int moor_vap_append_selection(struct moor_buf *out, const struct moor_vap_case *asked,
                              struct moor_error *err) MOOR_MUST_CHECK;

/* Appends the variable `isController`, if it is needed, after those of vap_images.h. */
int moor_vap_append_controller(struct moor_buf *out, const struct moor_vap_case *asked,
                               struct moor_error *err) MOOR_MUST_CHECK;

#endif
