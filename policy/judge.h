/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge - evaluates an admission request against a policy and gives the verdict.
 *
 * All decisions are made here; the webhook and the command line show them.  The requirement for an
 * image is determined in the order that tagmoor-policy(5) documents: environment, entry of its
 * `images`, field, unchanged images, controller requests, exemption.
 *
 * Running workloads are not disrupted: an unchanged image, and an image of a controller request,
 * satisfies `any` even if it is not a valid reference, because a runtime has already accepted it.
 *
 * Threads:  one workspace, one thread at a time.
 * Memory:   the verdict borrows from the policy, the request and the workspace's arena.
 * Limits:   an object is denied if it has more than MOOR_OBJECT_MAX_IMAGES images, if its texts do
 *           not fit the arena, or if it takes more than MOOR_COST_MAX_STEPS matching steps, which
 *           are counted the same everywhere.  Images with the same text are matched once.
 */
#ifndef MOOR_POLICY_JUDGE_H
#define MOOR_POLICY_JUDGE_H

#include "policy/verdict.h"
#include "policy/workspace.h"

/* The facts about an evaluation that are not in the request. */
struct moor_judge_context {
    struct moor_slice environment; /* name in the URL path, or empty */
    int64_t now;                   /* seconds since 1970; decides which exemptions have expired */
};

/*
 * Evaluates `request` against `policy`.  Returns -1 only if memory or its limit is exhausted. There
 * is no verdict then, and the caller must deny the request.
 */
int moor_judge(struct moor_verdict *out, const struct moor_policy *policy,
               const struct moor_request *request, const struct moor_judge_context *context,
               struct moor_workspace *workspace, struct moor_error *err) MOOR_MUST_CHECK;

#endif
