/* SPDX-License-Identifier: Apache-2.0 */
/*
 * review_decode - reads the bytes of an AdmissionReview into a request.
 *
 * Follows admission.k8s.io/v1.  Members that no decision needs are skipped; the members of a
 * request may come in any order.
 *
 * Threads:  pure, any thread.
 * Memory:   strings with escapes and objects are allocated from the arena; all others borrow from
 *           the body.
 * Limits:   those of json_reader and object.
 */
#ifndef MOOR_WEBHOOK_ADMISSION_REVIEW_DECODE_H
#define MOOR_WEBHOOK_ADMISSION_REVIEW_DECODE_H

#include "policy/object/request.h"
#include "policy/rules/policy.h"

/*
 * Decodes `body` into `*out`, and its uid, as it is written in the body, into `*uid`.  Of `policy`
 * only the kinds matter: they tell where images are.
 */
int moor_review_decode(struct moor_request *out, struct moor_slice *uid, struct moor_slice body,
                       const struct moor_policy *policy, struct moor_arena *arena,
                       struct moor_error *err) MOOR_MUST_CHECK;

#endif
