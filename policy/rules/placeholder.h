/* SPDX-License-Identifier: Apache-2.0 */
/*
 * placeholder - texts that stand in for an image until something fills it in.
 *
 * Threads:  pure, any thread with a matcher, to which comparing is charged.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_RULES_PLACEHOLDER_H
#define MOOR_POLICY_RULES_PLACEHOLDER_H

#include "policy/object/kinds.h"
#include "policy/rules/policy.h"

/*
 * Whether `text` is a placeholder in an object of `kind`: one of the policy's, or, in a custom
 * resource, a text with a variable.  In a template a mutating webhook or an operator replaces it;
 * in a Pod it is left over.
 */
bool moor_placeholder_is(const struct moor_policy *policy, const struct moor_kind *kind,
                         struct moor_slice text, struct moor_matcher *matcher);

/* Whether the text has a variable: `{{...}}` or `$(...)`.  No image reference has one. */
bool moor_placeholder_has_variable(struct moor_slice text);

/* Whether the text is empty or only blanks. */
bool moor_placeholder_is_blank(struct moor_slice text);

#endif
