/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_review - an ImageReview in, an ImageReview out: bytes to bytes.
 *
 * Follows imagepolicy.k8s.io/v1alpha1, which the API server's plugin ImagePolicyWebhook posts: the
 * images of a Pod and its namespace, and nothing else.  The same judge gives the verdict, but it
 * cannot spare what it is not told of: there is no user, so what controllers carry out is held to
 * the environment's levels; no operation and no old object, so an image that was there before is
 * judged as a new one; no names, so every image counts as one of `containers`, with its place in
 * the review's list.  It is meant for policies that ask for `any` or `digest`, not for a cluster in
 * which something already runs on rolling tags.  Annotations are not read: whoever makes the Pod
 * writes them.  There are no warnings in it either: what is only warned about stands in the audit
 * annotations.
 *
 * Threads, memory: as in review.h.
 * Limits:   those of json_reader, object and judge.  Where memory fails the answer is a denial.
 */
#ifndef MOOR_WEBHOOK_ADMISSION_IMAGE_REVIEW_H
#define MOOR_WEBHOOK_ADMISSION_IMAGE_REVIEW_H

#include "webhook/admission/review.h"

/* As moor_review_answer(), for an ImageReview in `body`. */
void moor_image_review_answer(struct moor_review *review, const struct moor_policy *policy,
                              struct moor_slice environment, struct moor_slice body, int64_t now);

/* Whether `body` calls itself an ImageReview; it may still be a wrong one. */
bool moor_image_review_is_one(struct moor_slice body);

#endif
