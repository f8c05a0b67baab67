/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vap_levels - the variables of a ValidatingAdmissionPolicy that compare levels with requirements.
 *
 * They take `variables.classified` (vap_tags.h) and end in `variables.bad`: the records of images
 * for which an environment makes one decision, with their level `v` and class `c`.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_POLICY_EXPORT_VAP_LEVELS_H
#define MOOR_POLICY_EXPORT_VAP_LEVELS_H

#include "policy/export/vap_case.h"

/* Returns whether an image of a user's request can get this decision; the second: unchanged. */
bool moor_vap_can_decide(const struct moor_vap_case *asked, bool unchanged);

/* Returns whether a controller request can get this decision. */
bool moor_vap_can_decide_controller(const struct moor_vap_case *asked);

/* Appends the variables.  Returns -1 with the position of a text that CEL cannot express. */
int moor_vap_append_levels(struct moor_buf *out, const struct moor_vap_case *asked,
                           struct moor_error *err) MOOR_MUST_CHECK;

#endif
