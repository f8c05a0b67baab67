/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subject - what a value of a document is to `check`: an object of Kubernetes that holds images, a
 * file of another tool, or something that is not evaluated and why.
 *
 * Threads:  pure, any thread.
 * Memory:   borrows from the policy.
 */
#ifndef MOOR_CMD_CHECK_SUBJECT_H
#define MOOR_CMD_CHECK_SUBJECT_H

#include "cmd/input/documents.h"
#include "cmd/input/formats.h"
#include "cmd/input/manifest.h"
#include "policy/rules/policy.h"

enum moor_subject_type {
    MOOR_SUBJECT_NOTHING,      /* null */
    MOOR_SUBJECT_OBJECT,       /* an object of a kind that holds images */
    MOOR_SUBJECT_PLAIN_KIND,   /* an object of a kind of Kubernetes that holds none */
    MOOR_SUBJECT_UNKNOWN_KIND, /* an object of a kind that nothing is known of */
    MOOR_SUBJECT_OTHER         /* not an object of Kubernetes: a file of `format`, or neither */
};

struct moor_subject {
    enum moor_subject_type type;
    size_t offset;                 /* of the value in the document */
    const struct moor_kind *kind;  /* of an OBJECT */
    enum moor_input_format format; /* of an OTHER; MOOR_INPUT_FORMAT_COUNT: none */
};

/*
 * Determines what `value` is; `is_item` if it is an item of a list.  Returns -1 if kubectl or the
 * API server would reject it as it stands: `err` has the reason, `out->offset` leads to the cause.
 */
int moor_subject_classify(struct moor_subject *out, const struct moor_policy *policy,
                          const struct moor_document *document, const struct moor_manifest *value,
                          bool is_item, struct moor_error *err) MOOR_MUST_CHECK;

#endif
