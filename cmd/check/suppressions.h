/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suppressions - decides whether a finding is suppressed by a comment or by an annotation.
 *
 * Both need a reason.  Without one, the finding stays and the suppression is an input error.  The
 * webhook does not know suppressions: an exemption is the policy's.
 *
 * A suppression that suppresses nothing is reported, because it would hide a later finding.  This
 * needs a document that was evaluated.  Suppressions in the output of a renderer are not reported,
 * because another output may need them.  Neither are comments after a document with an error.
 *
 * Threads:  one at a time.
 * Memory:   owns its lists; the reasons are valid until the next object.
 * Limits:   those of ignore_comments and ignore_annotations; MOOR_SUPPRESSIONS_MAX_ERRORS errors of
 *           a file are reported.
 */
#ifndef MOOR_CMD_CHECK_SUPPRESSIONS_H
#define MOOR_CMD_CHECK_SUPPRESSIONS_H

#include "cmd/check/ignore_annotations.h"
#include "cmd/check/ignore_comments.h"
#include "cmd/input/documents.h"
#include "cmd/report/report.h"

#define MOOR_SUPPRESSIONS_MAX_ERRORS 20

/* The suppressions of the current file and object. */
struct moor_suppressions {
    bool is_off; /* set by the caller: --no-suppressions */
    /* Internal. */
    struct moor_ignore_comments comments;
    struct moor_ignore_annotations annotations;
    size_t errors;     /* reported errors of the file */
    size_t passed;     /* comments whose line was evaluated, or is after a document */
    bool is_certain;   /* unused suppressions can be told, because the whole file is understood */
    bool is_evaluated; /* the last document was evaluated */
};

void moor_suppressions_init(struct moor_suppressions *out);
void moor_suppressions_release(struct moor_suppressions *suppressions);

/*
 * Starts a file with this text, which must outlive its findings.  `is_rendered` means the output of
 * a renderer, whose other outputs may need a suppression that this one does not.
 */
void moor_suppressions_file(struct moor_suppressions *suppressions, struct moor_slice text,
                            bool is_rendered);

/*
 * Starts an object; `json` is empty for a file that is not JSON or YAML.  Returns -1 if its
 * annotations cannot be read.
 */
int moor_suppressions_object(struct moor_suppressions *suppressions, struct moor_slice json,
                             struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Sets the suppression of `finding`, whose cause is at `offset` in the current object, or reports a
 * suppression without a reason.  `base` is the offset of the object in the document.
 */
void moor_suppressions_apply(struct moor_suppressions *suppressions, struct moor_report *report,
                             const struct moor_document *document, size_t base, size_t offset,
                             struct moor_report_finding *finding);

/*
 * Reports the unused annotations of the current object, which was evaluated.  `base` is the offset
 * of the object in the document.
 */
void moor_suppressions_end_object(struct moor_suppressions *suppressions,
                                  struct moor_report *report, const struct moor_document *document,
                                  size_t base);

/* Reports the unused comments of a document, if it was evaluated. */
void moor_suppressions_end_document(struct moor_suppressions *suppressions,
                                    struct moor_report *report,
                                    const struct moor_document *document, bool is_evaluated);

/* Reports the unused comments after the last document. */
void moor_suppressions_end_file(struct moor_suppressions *suppressions, struct moor_report *report,
                                struct moor_slice file);

#endif
