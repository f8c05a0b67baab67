/* SPDX-License-Identifier: Apache-2.0 */
/* The report as one JSON object, a line per finding; tagmoor-output(5) documents the members. */
#include "cmd/report/formats.h"

#include "cmd/report/json_output.h"

#define LINES 2 /* levels with one line per item: the object and its lists */

/* The position in the output of a renderer, whose line the finding's file does not have. */
static void put_rendered(struct moor_json_writer *json, const struct moor_report_finding *finding)
{
    moor_json_output_object(json, "rendered");
    moor_json_output_member(json, "by", finding->rendered_by);
    moor_json_output_member(json, "template", finding->template);
    moor_json_member_u64(json, "line", finding->rendered.line);
    moor_json_member_u64(json, "column", finding->rendered.column);
    moor_json_object_end(json);
}

static void put_suppression(struct moor_json_writer *json,
                            const struct moor_report_finding *finding)
{
    moor_json_output_object(json, "suppression");
    moor_json_member_text(json, "source", moor_suppression_name(finding->suppression));
    moor_json_output_member(json, "reason", finding->justification);
    moor_json_object_end(json);
}

static void put_finding(struct moor_json_writer *json, const struct moor_report_finding *finding)
{
    const struct moor_position *position = &finding->position;
    moor_json_object_begin(json);
    moor_json_output_member(json, "file", finding->file);
    moor_json_member_u64(json, "line", position->line);
    moor_json_member_u64(json, "column", position->column);
    /* The column after the value, as `endColumn` of SARIF. */
    moor_json_member_u64(json, "endColumn", position->column + position->width);
    /*
     * Files with several documents repeat paths, so that the path alone does not identify the
     * image.
     */
    moor_json_member_u64(json, "document", finding->document);
    moor_json_output_member(json, "kind", finding->kind);
    moor_json_output_member(json, "namespace", finding->namespace);
    moor_json_output_member(json, "name", finding->name);
    moor_json_output_member(json, "path", finding->path);
    moor_json_output_member(json, "container", finding->container);
    moor_json_output_member(json, "image", finding->image);
    moor_json_output_member(json, "class", moor_slice_from(finding->class));
    moor_json_output_member(json, "level", moor_slice_from(finding->level));
    moor_json_member_text(json, "decision", moor_decision_verb(finding->decision));
    moor_json_output_member(json, "environment", finding->environment);
    moor_json_output_member(json, "reason", finding->reason);
    moor_json_output_member(json, "repair", finding->repair);
    if (finding->rendered_by.len > 0) {
        put_rendered(json, finding);
    }
    if (finding->is_guessed) {
        moor_json_member_bool(json, "guessed", true);
    }
    if (finding->is_known) {
        moor_json_member_bool(json, "known", true);
    }
    if (finding->suppression != MOOR_SUPPRESSION_NONE) {
        put_suppression(json, finding);
    }
    moor_json_object_end(json);
}

static void put_findings(struct moor_json_output *output, const struct moor_report *report)
{
    moor_json_output_array(&output->json, "findings");
    for (size_t i = 0; i < report->finding_count; i++) {
        put_finding(&output->json, &report->findings[i]);
        /* Flushing each finding keeps the memory of a long report constant. */
        moor_json_output_flush(output);
    }
    moor_json_array_end(&output->json);
}

/* An error of a whole file, such as a missing one, has no position. */
static void put_input_errors(struct moor_json_writer *json, const char *name,
                             const struct moor_report_input_error *errors, size_t count)
{
    moor_json_output_array(json, name);
    for (size_t i = 0; i < count; i++) {
        const struct moor_report_input_error *error = &errors[i];
        moor_json_object_begin(json);
        moor_json_output_member(json, "file", error->file);
        if (error->line > 0) {
            moor_json_member_u64(json, "line", error->line);
            moor_json_member_u64(json, "column", error->column);
        }
        moor_json_output_member(json, "text", error->text);
        moor_json_object_end(json);
    }
    moor_json_array_end(json);
}

/* The count can exceed the sum of the names, since a report keeps a limited number of names. */
static void put_tally(struct moor_json_writer *json, const struct moor_report *report,
                      enum moor_unjudged why)
{
    moor_json_member_u64(json, "count", report->unjudged[why]);
    moor_json_output_object(json, "names");
    for (size_t i = 0; i < report->tally_count; i++) {
        const struct moor_report_tally *tally = &report->tallies[i];
        if (tally->why == why && tally->name.len > 0) {
            moor_json_output_key(json, tally->name);
            moor_json_u64(json, tally->count);
        }
    }
    moor_json_object_end(json);
}

/*
 * All members are written, also for zero, so that a consumer need not distinguish zero and absent.
 */
static void put_unjudged(struct moor_json_writer *json, const struct moor_report *report)
{
    static const char *const names[] = {
        [MOOR_UNJUDGED_PLAIN_KIND] = "kindsWithoutImages",
        [MOOR_UNJUDGED_UNKNOWN_KIND] = "unknownKinds",
        [MOOR_UNJUDGED_NO_OBJECT] = "otherDocuments",
        [MOOR_UNJUDGED_FORMAT] = "filesThatNeedInclude",
        [MOOR_UNJUDGED_IMAGE] = "unresolvedImages",
        [MOOR_UNJUDGED_TAG] = "imagesWithTagElsewhere",
        [MOOR_UNJUDGED_EMPTY] = "emptyFiles",
        [MOOR_UNJUDGED_NO_IMAGE] = "objectsWithoutImages",
        [MOOR_UNJUDGED_CHART] = "charts",
        [MOOR_UNJUDGED_EXCLUDED] = "excluded",
        [MOOR_UNJUDGED_PART] = "filesOfKustomizations",
    };
    moor_json_output_object(json, "notEvaluated");
    for (size_t i = 0; i < MOOR_UNJUDGED_COUNT; i++) {
        moor_json_output_object(json, names[i]);
        put_tally(json, report, (enum moor_unjudged)i);
        moor_json_object_end(json);
    }
    moor_json_object_end(json);
}

static void put_summary(struct moor_json_writer *json, const struct moor_report *report)
{
    moor_json_output_object(json, "summary");
    for (int i = MOOR_DECISION_DENY; i >= MOOR_DECISION_ALLOW; i--) {
        moor_json_member_u64(json, moor_decision_past((enum moor_decision)i), report->counts[i]);
    }
    moor_json_member_u64(json, "known", report->known);
    moor_json_member_u64(json, "suppressed", report->suppressed);
    moor_json_member_u64(json, "objects", report->objects);
    moor_json_member_u64(json, "files", report->files);
    /*
     * Policies without labels never have such objects, so the member would only raise questions
     * there.
     */
    if (report->unlabelled > 0) {
        moor_json_member_u64(json, "objectsWithUnknownLabels", report->unlabelled);
    }
    moor_json_output_array(json, "unusedExcludes");
    for (size_t i = 0; i < report->unused_exclude_count; i++) {
        moor_json_output_string(json, report->unused_excludes[i]);
    }
    moor_json_array_end(json);
    put_unjudged(json, report);
    moor_json_object_end(json);
}

static void write(FILE *out, const struct moor_report *report, const struct moor_page_style *style)
{
    struct moor_json_output output;
    (void)style;
    moor_json_output_init(&output, out, LINES);
    moor_json_object_begin(&output.json);
    moor_json_member_u64(&output.json, "version", 1);
    moor_json_member_text(&output.json, "tagmoor", MOOR_VERSION);
    put_findings(&output, report);
    put_input_errors(&output.json, "errors", report->input_errors, report->input_error_count);
    put_input_errors(&output.json, "stale", report->stale, report->stale_count);
    put_input_errors(&output.json, "unusedSuppressions", report->unused, report->unused_count);
    put_input_errors(&output.json, "notes", report->notes, report->note_count);
    moor_exemption_uses_write(&output.json, &report->exemptions);
    put_summary(&output.json, report);
    moor_json_object_end(&output.json);
    moor_json_output_end(&output);
}

const struct moor_report_format moor_report_format_json = {
    .name = "json",
    .description = "one JSON object with findings, errors and counts",
    .write = write,
};
