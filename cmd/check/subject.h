/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subject - classifies a value of a document for `check`: a Kubernetes object with images, a file
 * of another tool, or a value that is not evaluated.
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

/* The kinds of values. */
enum moor_subject_type {
    MOOR_SUBJECT_NOTHING,      /* null */
    MOOR_SUBJECT_OBJECT,       /* an object of a kind with images */
    MOOR_SUBJECT_FORMAT,       /* an object of a kind that is a format, such as HelmRelease */
    MOOR_SUBJECT_PLAIN_KIND,   /* an object of a built-in kind without images */
    MOOR_SUBJECT_UNKNOWN_KIND, /* an object of an unknown kind */
    MOOR_SUBJECT_OTHER         /* not a Kubernetes object: a file of `format`, or neither */
};

/* A classified value. */
struct moor_subject {
    enum moor_subject_type type;
    size_t offset;                 /* position of the value in the document, in bytes */
    const struct moor_kind *kind;  /* for OBJECT */
    enum moor_input_format format; /* for FORMAT, OTHER; MOOR_INPUT_FORMAT_COUNT: unknown */
};

/*
 * Classifies `value`, which is an item of a list if `is_item` is true.  Returns -1 if kubectl or
 * the API server would reject it: `err` has the reason, and `out->offset` the position of the
 * cause.
 */
int moor_subject_classify(struct moor_subject *out, const struct moor_policy *policy,
                          const struct moor_document *document, const struct moor_manifest *value,
                          bool is_item, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Returns whether a document that is neither an object nor of another format is likely to be Helm
 * values: it is YAML with the sign of an image.
 */
bool moor_subject_is_values(const struct moor_document *document,
                            const struct moor_manifest *value);

#endif
