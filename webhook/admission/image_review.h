/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_review - answers an ImageReview: request body in, response body out.
 *
 * Follows imagepolicy.k8s.io/v1alpha1, which the API server's plugin ImagePolicyWebhook posts.  The
 * review contains the images of a Pod and its namespace, and nothing else.  Therefore:
 *
 *   - There is no user, so controller requests have to meet the environment's requirements.
 *   - There is no operation and no old object, so every image is evaluated as new.
 *   - There are no names, so every image counts as one of `containers`, and its path has the
 *     position in the review's list.
 *
 * The plugin is suitable for policies that require `any` or `digest`, not for a cluster that
 * already runs rolling tags.  Annotations are not read, because the author of the Pod writes them.
 * The response has no warnings; they are in the audit annotations.
 *
 * Threads, memory: as in review.h.
 * Limits:   those of json_reader, object and judge.  If memory runs out, the answer is a denial.
 */
#ifndef MOOR_WEBHOOK_ADMISSION_IMAGE_REVIEW_H
#define MOOR_WEBHOOK_ADMISSION_IMAGE_REVIEW_H

#include "webhook/admission/review.h"

/* Answers the ImageReview in `body`, like moor_review_answer(). */
void moor_image_review_answer(struct moor_review *review, const struct moor_policy *policy,
                              struct moor_slice environment, struct moor_slice body, int64_t now);

/* Returns whether the `kind` of `body` is ImageReview; the review may still be invalid. */
bool moor_image_review_is_one(struct moor_slice body);

#endif
