/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gaps - lists what a policy admits although it denies mutable tags elsewhere, for an auditor.
 *
 * The list has two parts.  The first has the policy's own relaxations: environments, fields,
 * unchanged images, controllers and exemptions.  The second has what no policy can evaluate,
 * because no request contains the image.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_POLICY_RULES_GAPS_H
#define MOOR_POLICY_RULES_GAPS_H

#include "policy/base/buf.h"
#include "policy/rules/policy.h"

/* Appends the list.  `now`, in seconds since 1970, decides which exemptions have expired. */
void moor_policy_append_gaps(struct moor_buf *out, const struct moor_policy *policy, int64_t now);

#endif
