/* SPDX-License-Identifier: Apache-2.0 */
/*
 * review - an AdmissionReview in, an AdmissionReview out: bytes to bytes.
 *
 * Follows admission.k8s.io/v1 as kube-apiserver checks it: always HTTP 200 with apiVersion, kind
 * and the uid byte for byte, never a patch, a denial as code 403 with reason Forbidden.  What is no
 * AdmissionReview of that version is answered with HTTP 400 and a line of text that holds nothing
 * of the request.
 *
 * Threads:  one struct moor_review, one thread at a time; any number of them side by side.
 * Memory:   owns its workspace and the answer; both are reused by the next review.
 * Limits:   those of json_reader, object and judge.  Where one of them is reached the answer is a
 *           denial, or HTTP 400 or 500 where there is no uid to answer to: never an admission.
 */
#ifndef MOOR_WEBHOOK_ADMISSION_REVIEW_H
#define MOOR_WEBHOOK_ADMISSION_REVIEW_H

#include "policy/base/buf.h"
#include "policy/json/writer.h"
#include "policy/judge.h"
#include "policy/object/request.h"
#include "policy/rules/policy.h"

/* Where the parts of an answer are built before they are escaped. */
struct moor_review_scratch {
    struct moor_buf text;
    struct moor_buf list; /* JSON that becomes a string */
};

struct moor_review {
    struct moor_workspace workspace;
    struct moor_request request;        /* of the last review; borrows from its body */
    struct moor_verdict verdict;        /* of the last review; meaningful where `is_judged` */
    bool is_judged;                     /* there is a verdict, and so something to log */
    int status;                         /* HTTP: 200, 400 or 500 */
    struct moor_buf answer;             /* JSON where the status is 200, else a line of text */
    struct moor_review_scratch scratch; /* internal */
    struct moor_slice uid;              /* internal: as it stands in the body, with its escapes */
};

int moor_review_init(struct moor_review *out, struct moor_error *err) MOOR_MUST_CHECK;
void moor_review_release(struct moor_review *review);

/*
 * Answers the review in `body` by `policy`.  `environment` is the name in the URL path, empty where
 * there was none; `now` is the time in seconds since 1970.  Sets everything in `review`, which
 * borrows from `body` until moor_review_reset().
 */
void moor_review_answer(struct moor_review *review, const struct moor_policy *policy,
                        struct moor_slice environment, struct moor_slice body, int64_t now);

/* Forgets the last review and keeps the memory.  moor_review_answer() begins with it. */
void moor_review_reset(struct moor_review *review);

/* Appends the answer to `verdict`; `uid` is the JSON string's bytes between its quotes. */
void moor_review_encode(struct moor_buf *out, const struct moor_verdict *verdict,
                        struct moor_slice uid, struct moor_review_scratch *scratch);

/* Writes what was built in `scratch` as a string, and clears it; where it failed, so does `json`.
 */
void moor_review_write_scratch(struct moor_json_writer *json, struct moor_buf *scratch);

/* Writes the member `auditAnnotations`: what the audit log is told of a judged request. */
void moor_review_write_annotations(struct moor_json_writer *json,
                                   const struct moor_verdict *verdict,
                                   struct moor_review_scratch *scratch);

#endif
