/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vap_case - what one ValidatingAdmissionPolicy is written for, and the globs in it.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_POLICY_EXPORT_VAP_CASE_H
#define MOOR_POLICY_EXPORT_VAP_CASE_H

#include "policy/base/buf.h"
#include "policy/decision.h"
#include "policy/rules/policy.h"

/* A decision of an environment, for which a policy is written. */
struct moor_vap_case {
    const struct moor_policy *policy;
    const struct moor_environment *environment;
    enum moor_decision decision; /* what the cluster does: after the mode has been applied */
    int64_t now;                 /* exemptions that have ended are left out */
    struct moor_matcher *matcher;
};

/* Appends whether a user or namespace matches: globs become one expression. */
int moor_vap_append_globs(struct moor_buf *out, const char *subject,
                          const struct moor_glob_list *globs,
                          struct moor_error *err) MOOR_MUST_CHECK;

#endif
