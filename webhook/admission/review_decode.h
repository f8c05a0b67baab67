/* SPDX-License-Identifier: Apache-2.0 */
/*
 * review_decode - decodes an AdmissionReview into a request.
 *
 * Follows admission.k8s.io/v1.  Members that no decision depends on are skipped; the members of a
 * request may appear in any order.
 *
 * Threads:  pure, any thread.
 * Memory:   strings with escapes and objects are allocated from the arena; everything else borrows
 *           from the body.
 * Limits:   those of json_reader and object.
 */
#ifndef MOOR_WEBHOOK_ADMISSION_REVIEW_DECODE_H
#define MOOR_WEBHOOK_ADMISSION_REVIEW_DECODE_H

#include "policy/object/request.h"
#include "policy/rules/policy.h"

/*
 * Decodes `body` into `*out`, and its uid into `*uid`, as written in the body.  Only the kinds of
 * `policy` are used: they define where images are.  Returns -1 if the body is not a valid review or
 * if memory runs out (MOOR_ERROR_MEMORY).
 */
int moor_review_decode(struct moor_request *out, struct moor_slice *uid, struct moor_slice body,
                       const struct moor_policy *policy, struct moor_arena *arena,
                       struct moor_error *err) MOOR_MUST_CHECK;

#endif
