/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/check/suppressions.h"

void moor_suppressions_init(struct moor_suppressions *out)
{
    *out = (struct moor_suppressions){0};
    moor_ignore_annotations_init(&out->annotations);
}

void moor_suppressions_release(struct moor_suppressions *suppressions)
{
    moor_ignore_comments_release(&suppressions->comments);
    moor_ignore_annotations_release(&suppressions->annotations);
}

void moor_suppressions_file(struct moor_suppressions *suppressions, struct moor_slice text)
{
    suppressions->errors = 0;
    suppressions->annotations.count = 0;
    if (!suppressions->is_off) {
        moor_ignore_comments_read(&suppressions->comments, text);
    }
}

int moor_suppressions_object(struct moor_suppressions *suppressions, struct moor_slice json,
                             struct moor_error *err)
{
    return suppressions->is_off
               ? 0
               : moor_ignore_annotations_read(&suppressions->annotations, json, err);
}

/* The finding stays, so that a forgotten reason cannot hide it. */
static void report_error(struct moor_suppressions *suppressions, struct moor_report *report,
                         struct moor_slice file, struct moor_position position, const char *form)
{
    struct moor_error err = {.line = position.line, .column = position.column};
    if (++suppressions->errors <= MOOR_SUPPRESSIONS_MAX_ERRORS) {
        (void)moor_error_set(&err, MOOR_ERROR_VALUE,
                             "a suppression without a reason has no effect: write '%s'", form);
        moor_report_add_input_error(report, file, &err);
    }
}

static void set(struct moor_report_finding *finding, enum moor_suppression suppression,
                struct moor_slice reason)
{
    finding->suppression = suppression;
    finding->justification = reason;
}

static void apply_annotation(struct moor_suppressions *suppressions, struct moor_report *report,
                             const struct moor_document *document, size_t base, size_t offset,
                             struct moor_report_finding *finding)
{
    struct moor_ignore_annotation *annotation =
        moor_ignore_annotations_find(&suppressions->annotations, offset);
    if (annotation == NULL) {
        return;
    }
    if (annotation->reason.len > 0) {
        set(finding, MOOR_SUPPRESSION_ANNOTATION, annotation->reason);
    } else if (!annotation->is_reported) {
        annotation->is_reported = true;
        report_error(suppressions, report, document->path,
                     moor_document_position(document, base + annotation->offset),
                     MOOR_IGNORE_ANNOTATION ": REASON");
    }
}

void moor_suppressions_apply(struct moor_suppressions *suppressions, struct moor_report *report,
                             const struct moor_document *document, size_t base, size_t offset,
                             struct moor_report_finding *finding)
{
    /* JSON has no comments. */
    bool can_comment = document->spans != NULL || document->is_whole;
    struct moor_ignore_comment *comment =
        can_comment && suppressions->comments.count > 0
            ? moor_ignore_comments_find(&suppressions->comments, document->spans,
                                        finding->position.line)
            : NULL;
    report->failed = report->failed || suppressions->comments.failed;
    apply_annotation(suppressions, report, document, base, offset, finding);
    if (comment == NULL) {
        return;
    }
    if (comment->reason.len > 0) {
        set(finding, MOOR_SUPPRESSION_COMMENT, comment->reason);
    } else if (!comment->is_reported) {
        comment->is_reported = true;
        report_error(suppressions, report, document->path,
                     (struct moor_position){.line = comment->line, .column = comment->column},
                     "# tagmoor: ignore REASON");
    }
}
