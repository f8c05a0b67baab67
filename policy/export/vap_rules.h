/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vap_rules - the resources that an exported ValidatingAdmissionPolicy matches.
 *
 * They are the built-in kinds, and the custom resources whose images the policy finds
 * (vap_images.h).
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_POLICY_EXPORT_VAP_RULES_H
#define MOOR_POLICY_EXPORT_VAP_RULES_H

#include "policy/base/buf.h"
#include "policy/rules/policy.h"

/* Appends the `resourceRules`: a rule for each group of resources. */
void moor_vap_append_resources(struct moor_buf *out, const struct moor_policy *policy);

#endif
