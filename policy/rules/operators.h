/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operators - finds the controller of a policy that creates Pods from custom resources of a group.
 *
 * An operator replaces the variables of a custom resource, such as `{{workflow.parameters.image}}`,
 * when it creates a Pod.  If the policy names this operator under `controllers.users`, nothing
 * denies the image in its place.
 *
 * Threads:  pure, any thread with a matcher, which counts the comparisons.
 * Memory:   the text borrows from the policy.
 */
#ifndef MOOR_POLICY_RULES_OPERATORS_H
#define MOOR_POLICY_RULES_OPERATORS_H

#include "policy/base/matcher.h"
#include "policy/rules/policy.h"

/*
 * Returns the item of `controllers.users` that names the operator for custom resources of `group`,
 * or an empty text if there is none.  The operators of Argo and Tekton are recognized by the names
 * of their service accounts.  For any other group the first item counts that is not built in.
 */
struct moor_slice moor_operator_of(const struct moor_policy *policy, struct moor_slice group,
                                   struct moor_matcher *matcher);

#endif
