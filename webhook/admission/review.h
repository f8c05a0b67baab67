/* SPDX-License-Identifier: Apache-2.0 */
/*
 * review - answers an AdmissionReview: request body in, response body out.
 *
 * Follows admission.k8s.io/v1 as kube-apiserver checks it.  The response has HTTP status 200,
 * apiVersion, kind and the uid byte for byte, and never a patch.  A denial has code 403 and reason
 * Forbidden.  A body that is not an AdmissionReview of that version is answered with HTTP 400 and a
 * line of text without request data.
 *
 * Threads:  one struct moor_review for each thread.
 * Memory:   owns its workspace and the answer; the next review reuses both.
 * Limits:   those of json_reader, object and judge.  If one is exceeded, the answer is a denial, or
 *           HTTP 400 or 500 if there is no uid to answer to.  It is never an admission.
 */
#ifndef MOOR_WEBHOOK_ADMISSION_REVIEW_H
#define MOOR_WEBHOOK_ADMISSION_REVIEW_H

#include "policy/base/buf.h"
#include "policy/json/writer.h"
#include "policy/judge.h"
#include "policy/object/request.h"
#include "policy/rules/policy.h"

/* Buffers for parts of an answer before they are escaped. */
struct moor_review_scratch {
    struct moor_buf text;
    struct moor_buf list; /* JSON that becomes a string */
};

/* State of one thread that answers reviews: the last request, its verdict and its answer. */
struct moor_review {
    struct moor_workspace workspace;
    struct moor_request request;        /* last request; borrows from its body */
    struct moor_verdict verdict;        /* last verdict; valid if `is_judged` */
    bool is_judged;                     /* the last review has a verdict */
    int status;                         /* HTTP: 200, 400 or 500 */
    struct moor_buf answer;             /* JSON if the status is 200, else a line of text */
    struct moor_review_scratch scratch; /* internal */
    struct moor_slice uid;              /* internal: bytes in the body, with escapes */
};

/*
 * Initializes a review.  Returns -1 if there is no memory.  Release it with moor_review_release().
 */
int moor_review_init(struct moor_review *out, struct moor_error *err) MOOR_MUST_CHECK;
void moor_review_release(struct moor_review *review);

/*
 * Answers the review in `body` according to `policy`.  `environment` is the name in the URL path,
 * empty if there is none.  `now` is the time in seconds since 1970.  Sets all members of `review`,
 * which borrows from `body` until moor_review_reset().
 */
void moor_review_answer(struct moor_review *review, const struct moor_policy *policy,
                        struct moor_slice environment, struct moor_slice body, int64_t now);

/* Forgets the last review and keeps the memory.  moor_review_answer() calls it first. */
void moor_review_reset(struct moor_review *review);

/*
 * Appends the response for `verdict`.  `uid` is the content of the JSON string, without its quotes.
 */
void moor_review_encode(struct moor_buf *out, const struct moor_verdict *verdict,
                        struct moor_slice uid, struct moor_review_scratch *scratch);

/*
 * Writes the content of `scratch` as a JSON string and clears `scratch`.  If building `scratch`
 * failed, `json` fails too.
 */
void moor_review_write_scratch(struct moor_json_writer *json, struct moor_buf *scratch);

/* Writes the member `auditAnnotations`: the decision and its reasons for the audit log. */
void moor_review_write_annotations(struct moor_json_writer *json,
                                   const struct moor_verdict *verdict,
                                   struct moor_review_scratch *scratch);

/*
 * Writes the members `exemption` and `endedExemption` of an image, each with its end; the log has
 * the same.
 */
void moor_review_write_exemptions(struct moor_json_writer *json,
                                  const struct moor_image_verdict *image);

#endif
