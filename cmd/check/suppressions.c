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

void moor_suppressions_file(struct moor_suppressions *suppressions, struct moor_slice text,
                            bool is_rendered)
{
    suppressions->errors = 0;
    suppressions->passed = 0;
    suppressions->is_certain = !is_rendered;
    suppressions->is_evaluated = false;
    /*
     * Only the counts are reset, so that the lists keep their memory.  A Dockerfile has no object,
     * so the annotations of the previous file must end here and not with the next object.
     */
    suppressions->comments.count = 0;
    suppressions->annotations.count = 0;
    /*
     * Comments are read from the whole file at once, because libyaml does not pass them to a
     * reader.
     */
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
    /* Without the limit, a file with a comment on every line could fill the report with errors. */
    if (++suppressions->errors <= MOOR_SUPPRESSIONS_MAX_ERRORS) {
        (void)moor_error_set(&err, MOOR_ERROR_VALUE,
                             "a suppression without a reason has no effect: write '%s'", form);
        moor_report_add_input_error(report, file, &err);
    }
}

/*
 * The finding stays in the report with its reason: reviewers must be able to see what a change
 * suppresses.
 */
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
        annotation->is_used = true;
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
    /*
     * Both forms are applied even if one is enough, so that neither is reported as unused.  The
     * comment comes last and its reason is shown, because it is nearer to the image.
     */
    report->failed = report->failed || suppressions->comments.failed;
    apply_annotation(suppressions, report, document, base, offset, finding);
    if (comment == NULL) {
        return;
    }
    if (comment->reason.len > 0) {
        set(finding, MOOR_SUPPRESSION_COMMENT, comment->reason);
        comment->is_used = true;
    } else if (!comment->is_reported) {
        comment->is_reported = true;
        report_error(suppressions, report, document->path,
                     (struct moor_position){.line = comment->line, .column = comment->column},
                     "# tagmoor: ignore REASON");
    }
}

/* --- unused suppressions ---------------------------------------------------------------------- */

static void add_unused(struct moor_report *report, struct moor_slice file,
                       struct moor_position position, struct moor_slice reason)
{
    struct moor_buf text;
    moor_buf_init(&text, reason.len + 64);
    moor_buf_append_text(&text, "this suppression suppresses nothing");
    moor_buf_append_text(&text, reason.len > 0 ? ": " : "");
    moor_buf_append(&text, reason);
    report->failed |= text.failed;
    moor_report_add_unused(report, file, &position, moor_buf_slice(&text));
    moor_buf_release(&text);
}

void moor_suppressions_end_object(struct moor_suppressions *suppressions,
                                  struct moor_report *report, const struct moor_document *document,
                                  size_t base)
{
    const struct moor_ignore_annotations *annotations = &suppressions->annotations;
    /*
     * An annotation without a reason was reported as an error before, so it is not reported as
     * unused.
     */
    for (size_t i = 0; i < annotations->count && suppressions->is_certain; i++) {
        const struct moor_ignore_annotation *item = &annotations->items[i];
        if (!item->is_used && !item->is_reported) {
            add_unused(report, document->path,
                       moor_document_position(document, base + item->offset), item->reason);
        }
    }
}

/* Returns the last line of the document that has a value. */
static uint32_t last_line(const struct moor_document *document)
{
    const struct moor_positions *positions = document->positions;
    const struct moor_spans *spans = document->spans;
    if (document->is_whole) {
        return UINT32_MAX;
    }
    /*
     * A position is where a value begins.  A block scalar ends lines later, which only its span
     * tells, and a comment in that text belongs to this document.
     */
    uint32_t line = positions != NULL && positions->count > 0
                        ? positions->items[positions->count - 1].position.line
                        : 0;
    uint32_t span = spans->count > 0 ? spans->items[spans->count - 1].end_line : 0;
    return line > span ? line : span;
}

/* Reports the unused comments for the lines up to `last`.  `spans` tell what is no comment. */
static void pass_comments(struct moor_suppressions *suppressions, struct moor_report *report,
                          struct moor_slice file, const struct moor_spans *spans, uint32_t last)
{
    const struct moor_ignore_comments *comments = &suppressions->comments;
    uint32_t line = 0; /* line of the last comment, whose text has the others there */
    for (; suppressions->passed < comments->count; suppressions->passed++) {
        const struct moor_ignore_comment *item = &comments->items[suppressions->passed];
        bool is_one = spans == NULL || moor_ignore_comment_is_one(item, spans);
        /*
         * Comments are sorted by line.  This one is for a line of a later document, whose spans are
         * needed to decide whether it is a comment at all.
         */
        if (item->target > last) {
            return;
        }
        is_one = is_one && item->line != line;
        line = is_one ? item->line : line;
        if (suppressions->is_evaluated && is_one && !item->is_used && !item->is_reported) {
            struct moor_position position = {item->line, item->column, 1, false};
            add_unused(report, file, position, item->reason);
        }
    }
}

void moor_suppressions_end_document(struct moor_suppressions *suppressions,
                                    struct moor_report *report,
                                    const struct moor_document *document, bool is_evaluated)
{
    /*
     * A document without spans is JSON, which has no comments.  The flag stays false until the next
     * file, because moor_suppressions_end_file() passes the comments of all documents.
     */
    suppressions->is_certain &= document->spans != NULL || document->is_whole;
    suppressions->is_evaluated = is_evaluated;
    if (suppressions->is_certain) {
        pass_comments(suppressions, report, document->path, document->spans, last_line(document));
    }
}

void moor_suppressions_end_file(struct moor_suppressions *suppressions, struct moor_report *report,
                                struct moor_slice file)
{
    if (suppressions->is_certain) {
        pass_comments(suppressions, report, file, NULL, UINT32_MAX);
    }
}
