/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vap_exemptions - the exemptions of a policy as expressions of CEL.
 *
 * Conditions on the request become a variable for each exemption, `exemption0`; conditions on the
 * image stay in the expression.  CEL has no clock: exemptions that have ended are left out, and
 * the others apply until the policy is exported again.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_POLICY_EXPORT_VAP_EXEMPTIONS_H
#define MOOR_POLICY_EXPORT_VAP_EXEMPTIONS_H

#include "policy/export/vap_case.h"

/* Returns whether an exemption can apply in the environment. */
bool moor_vap_has_exemptions(const struct moor_vap_case *asked);

/*
 * Appends a variable for each exemption that has conditions on the request.  `with_controllers`
 * means that there is a variable `isController`.
 */
int moor_vap_append_exemptions(struct moor_buf *out, const struct moor_vap_case *asked,
                               bool with_controllers, struct moor_error *err) MOOR_MUST_CHECK;

/* Appends the requirement that exemptions lower the image `i` to; 5 without an exemption. */
int moor_vap_append_exempted(struct moor_buf *out, const struct moor_vap_case *asked,
                             struct moor_error *err) MOOR_MUST_CHECK;

#endif
