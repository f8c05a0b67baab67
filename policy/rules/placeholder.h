/* SPDX-License-Identifier: Apache-2.0 */
/*
 * placeholder - recognizes texts that a tool or controller replaces by an image later.
 *
 * Threads:  pure, any thread with a matcher, which counts the comparisons.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_RULES_PLACEHOLDER_H
#define MOOR_POLICY_RULES_PLACEHOLDER_H

#include "policy/object/kinds.h"
#include "policy/rules/policy.h"

/*
 * Returns whether `text` is a placeholder in an object of `kind`: one of the policy's, or, in a
 * custom resource, a text with a variable.  In a template, a mutating webhook or an operator
 * replaces the placeholder.  In a Pod, a placeholder was not replaced, and the caller denies it.
 */
bool moor_placeholder_is(const struct moor_policy *policy, const struct moor_kind *kind,
                         struct moor_slice text, struct moor_matcher *matcher);

/* Returns whether the text has a variable, `{{...}}` or `$(...)`; no valid reference has one. */
bool moor_placeholder_has_variable(struct moor_slice text);

/* Returns whether the text is empty or has only whitespace. */
bool moor_placeholder_is_blank(struct moor_slice text);

#endif
