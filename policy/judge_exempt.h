/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge_exempt - applies the policy's exemptions to the images of one request.
 *
 * The exemptions that apply to the request are selected once, when the first image needs one; so
 * are those that would apply, but have ended.  Most requests need neither.
 *
 * Threads:  one workspace, one thread at a time.
 * Memory:   the lists are in the workspace's arena.
 * Limits:   the matching of both lists counts against the budget of the request.
 */
#ifndef MOOR_POLICY_JUDGE_EXEMPT_H
#define MOOR_POLICY_JUDGE_EXEMPT_H

#include "policy/verdict.h"
#include "policy/workspace.h"

/* The exemptions of one request; all zero but for the first four members at first. */
struct moor_judge_exemptions {
    const struct moor_policy *policy;
    struct moor_verdict *verdict;
    struct moor_workspace *workspace;
    bool is_builtin; /* the user is a controller of Kubernetes itself */
    /* Internal. */
    bool has_active;                   /* `active` is selected */
    bool has_ended;                    /* `ended` is selected */
    struct moor_exemption_list active; /* exemptions that apply */
    struct moor_exemption_list ended;  /* exemptions that would apply, but have ended */
};

/*
 * Applies the exemption that lowers `requirements` for the image, and notes it in the verdict; an
 * exemption without effect is not noted, because it could be removed.  If the image stays denied,
 * notes an ended exemption that would have prevented it.  Returns -1 if memory is short.
 */
int moor_judge_exempt(struct moor_judge_exemptions *exemptions, struct moor_image_verdict *image,
                      struct moor_requirements requirements,
                      struct moor_error *err) MOOR_MUST_CHECK;

#endif
