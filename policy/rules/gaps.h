/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gaps - what a policy admits although it denies mutable tags elsewhere, as a list for an auditor.
 *
 * Two kinds: what the policy itself asks less of (an environment, a field, unchanged images,
 * controllers, exemptions), and what no policy can evaluate, because no request shows the image.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_POLICY_RULES_GAPS_H
#define MOOR_POLICY_RULES_GAPS_H

#include "policy/base/buf.h"
#include "policy/rules/policy.h"

/* Appends the list; `now` is the time by which exemptions are over, in seconds since 1970. */
void moor_policy_append_gaps(struct moor_buf *out, const struct moor_policy *policy, int64_t now);

#endif
