/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_metrics - the metrics of the policy in force: its digest, its modes and its exemptions.
 *
 * Every exemption of the policy in force has a series of its uses, from 0, so that increase() also
 * sees the first use.  An exemption that a reload removed keeps its series, because a counter that
 * disappears would lose its history.
 *
 * Threads:  moor_policy_metrics_count_use(): any thread.  moor_policy_metrics_write(): one at a
 *           time.
 * Limits:   MOOR_METRICS_MAX_EXEMPTIONS names over all reloads; the others are counted as `other`.
 *           The text has at most MOOR_POLICY_METRICS_MAX_BYTES.
 */
#ifndef MOOR_WEBHOOK_OBSERVE_POLICY_METRICS_H
#define MOOR_WEBHOOK_OBSERVE_POLICY_METRICS_H

#include "policy/rules/policy.h"
#include "webhook/observe/name_table.h"

#include "policy/base/buf.h"

#define MOOR_METRICS_MAX_ENVIRONMENTS 64  /* environments of a policy, and over all its reloads */
#define MOOR_METRICS_MAX_EXEMPTIONS   256 /* exemptions of a policy, and over all its reloads */

/* Each line: the name of the family, its labels with names of 63 bytes, and 20 digits. */
#define MOOR_POLICY_METRICS_MAX_BYTES \
    ((size_t)160 * (MOOR_METRICS_MAX_ENVIRONMENTS + 2 * MOOR_METRICS_MAX_EXEMPTIONS + 16))

/* Uses of exemptions by name; the last counter is that of `other`. */
struct moor_policy_metrics {
    struct moor_name_table exemptions;
    atomic_uint_fast64_t uses[MOOR_METRICS_MAX_EXEMPTIONS + 1];
};

/* Initializes a struct that is all zero.  Returns -1 if there is no memory. */
int moor_policy_metrics_init(struct moor_policy_metrics *metrics,
                             struct moor_error *err) MOOR_MUST_CHECK;
void moor_policy_metrics_release(struct moor_policy_metrics *metrics);

/* Counts a request in which an exemption changed a decision. */
void moor_policy_metrics_count_use(struct moor_policy_metrics *metrics,
                                   const struct moor_exemption *exemption);

/* Appends all families of the policy. */
void moor_policy_metrics_write(struct moor_buf *out, struct moor_policy_metrics *metrics,
                               const struct moor_policy *policy);

#endif
