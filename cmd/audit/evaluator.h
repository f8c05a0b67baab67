/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evaluator - evaluates the request of an audit event as the webhook would have.
 *
 * The request is read by the webhook's decoder and evaluated by the policy's judge.  An event lacks
 * the old object, which decides what images of an update are new.  The images of the old object
 * come from an earlier event.  Without one, an image whose text is not in the patch is unchanged,
 * and any other image may be new or not: if the decision is the same either way, it is certain, and
 * otherwise the event is undecided.
 *
 * Threads:  one evaluator, one thread at a time.
 * Memory:   a workspace (policy/workspace.h), and the old objects.
 * Limits:   those of review_decode and judge; `max_bytes` of old objects.
 */
#ifndef MOOR_CMD_AUDIT_EVALUATOR_H
#define MOOR_CMD_AUDIT_EVALUATOR_H

#include "cmd/audit/old_objects.h"
#include "cmd/audit/review.h"
#include "policy/judge.h"

/* Maximum length of a review: an object of a line, and the rest of the request. */
#define MOOR_EVALUATOR_MAX_BODY ((size_t)9 * 1024 * 1024)

/* Why the decision about an event is not known. */
enum moor_undecided {
    MOOR_UNDECIDED_NOT,          /* it is known */
    MOOR_UNDECIDED_NO_OBJECT,    /* the level of the event is below Request */
    MOOR_UNDECIDED_TRUNCATED,    /* the API server removed the objects of a large event */
    MOOR_UNDECIDED_PATCH_FAILED, /* a patch failed, so that its result exists nowhere */
    MOOR_UNDECIDED_OLD_UNKNOWN,  /* no earlier event has the old object */
    MOOR_UNDECIDED_OLD_LOST,     /* the old object fell out of the table */
    MOOR_UNDECIDED_OLD_LATER,    /* the events are not in order */
    MOOR_UNDECIDED_MALFORMED,    /* the webhook's decoder does not accept the object */
    MOOR_UNDECIDED_TOO_LARGE     /* the object does not fit the memory of a request */
};

/* The number of reasons. */
#define MOOR_UNDECIDED_COUNT (MOOR_UNDECIDED_TOO_LARGE + 1)

/* An evaluator for one policy. */
struct moor_evaluator {
    const struct moor_policy *policy;
    struct moor_workspace workspace;
    struct moor_old_objects old;
    struct moor_request request; /* the last request and verdict; they borrow from the review */
    struct moor_verdict verdict;
};

/* Prepares an evaluator.  Returns -1 if there is no memory. */
int moor_evaluator_init(struct moor_evaluator *out, const struct moor_policy *policy,
                        size_t max_bytes, struct moor_error *err) MOOR_MUST_CHECK;
void moor_evaluator_release(struct moor_evaluator *evaluator);

/*
 * Reads the request in `body`, a review.  Returns MOOR_UNDECIDED_NOT, or the reason for which the
 * request cannot be evaluated.
 */
enum moor_undecided moor_evaluator_read(struct moor_evaluator *evaluator, struct moor_slice body);

/* Forgets the request that was read, whose texts are in its body: call it before the body ends. */
void moor_evaluator_clear(struct moor_evaluator *evaluator);

/*
 * Evaluates the request that was read, which is that of `source`; `key` is the key of its object.
 * Returns MOOR_UNDECIDED_NOT and sets the verdict, or the reason for which there is none.
 */
enum moor_undecided moor_evaluator_run(struct moor_evaluator *evaluator,
                                       const struct moor_review_source *source,
                                       struct moor_slice key,
                                       const struct moor_judge_context *context);

/*
 * Keeps the images of the object that was read for later events, if the event stored or showed it.
 * If the event stored an object that could not be read, the previous one is forgotten.
 */
void moor_evaluator_learn(struct moor_evaluator *evaluator, const struct moor_review_source *source,
                          struct moor_slice key);

/* Returns the reason as in outputs: "old-object-unknown". */
const char *moor_undecided_name(enum moor_undecided reason);

/* Returns a sentence about the reason. */
const char *moor_undecided_text(enum moor_undecided reason);

#endif
