/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial - evaluates one image as if a user created a workload with it.
 *
 * `tagmoor explain` and `tagmoor test` ask about images without a manifest.  The trial builds the
 * request that the webhook would receive, so that both give the webhook's decision.
 *
 * Threads:  as the workspace: one at a time.
 * Memory:   borrows everything; the verdict borrows from the trial and from the workspace's arena,
 *           which the caller resets.
 */
#ifndef MOOR_CMD_TRIAL_H
#define MOOR_CMD_TRIAL_H

#include "policy/judge.h"

/* The request to simulate.  An empty member is unknown, and exemptions that require it do not
 * match. */
struct moor_trial {
    struct moor_slice image;
    struct moor_slice environment; /* empty: the environment of the namespace */
    struct moor_slice namespace;   /* both empty: the default environment */
    struct moor_slice kind;        /* `Kind` or `Kind.group`; empty: Pod */
    struct moor_slice name;        /* name of the object */
    struct moor_slice container;
    struct moor_slice user;
    struct moor_slice group; /* one group of the user */
    enum moor_field field;
    /* Internal. */
    struct moor_object_image held;
    struct moor_request request;
};

/* Returns -1 if the kind is not known to contain images, or if the evaluation fails. */
int moor_trial_judge(struct moor_verdict *out, struct moor_trial *trial,
                     const struct moor_policy *policy, int64_t now,
                     struct moor_workspace *workspace, struct moor_error *err) MOOR_MUST_CHECK;

#endif
