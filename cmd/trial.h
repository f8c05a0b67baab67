/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial - one image before the judge, as if a person created a workload with it.
 *
 * Threads:  as the workspace: one at a time.
 * Memory:   borrows everything; the verdict borrows from the trial and from the workspace's arena,
 *           which the caller resets.
 */
#ifndef MOOR_CMD_TRIAL_H
#define MOOR_CMD_TRIAL_H

#include "policy/judge.h"

/* What is empty is not known: exemptions that ask for it do not match. */
struct moor_trial {
    struct moor_slice image;
    struct moor_slice environment; /* empty: the namespace's */
    struct moor_slice namespace;   /* both empty: the default environment */
    struct moor_slice kind;        /* `Kind` or `Kind.group`; empty: Pod */
    struct moor_slice name;        /* of the object */
    struct moor_slice container;
    struct moor_slice user;
    struct moor_slice group; /* of the user */
    enum moor_field field;
    /* Internal. */
    struct moor_object_image held;
    struct moor_request request;
};

/* Returns -1 where the kind is not known to hold images, and where the judge gives no verdict. */
int moor_trial_judge(struct moor_verdict *out, struct moor_trial *trial,
                     const struct moor_policy *policy, int64_t now,
                     struct moor_workspace *workspace, struct moor_error *err) MOOR_MUST_CHECK;

#endif
