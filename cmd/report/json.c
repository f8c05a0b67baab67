/* SPDX-License-Identifier: Apache-2.0 */
/* Findings and summary as one JSON object, a finding a line. */
#include <jansson.h>

#include "cmd/report/json.h"
#include "cmd/report/values.h"

static json_t *finding_value(const struct moor_report_finding *finding)
{
    json_t *value = json_object();
    moor_report_set(value, "file", finding->file);
    moor_report_set_number(value, "line", finding->position.line);
    moor_report_set_number(value, "column", finding->position.column);
    moor_report_set_number(value, "endColumn", finding->position.column + finding->position.width);
    moor_report_set_number(value, "document", finding->document);
    moor_report_set(value, "kind", finding->kind);
    moor_report_set(value, "namespace", finding->namespace);
    moor_report_set(value, "name", finding->name);
    moor_report_set(value, "path", finding->path);
    moor_report_set(value, "container", finding->container);
    moor_report_set(value, "image", finding->image);
    moor_report_set(value, "class", moor_slice_from(finding->class));
    moor_report_set(value, "level", moor_slice_from(finding->level));
    moor_report_set(value, "decision", moor_slice_from(moor_decision_verb(finding->decision)));
    moor_report_set(value, "environment", finding->environment);
    moor_report_set(value, "reason", finding->reason);
    moor_report_set(value, "repair", finding->repair);
    if (finding->is_known) {
        (void)json_object_set_new(value, "known", json_true());
    }
    return value;
}

static json_t *fault_value(const struct moor_report_input_error *fault)
{
    json_t *value = json_object();
    moor_report_set(value, "file", fault->file);
    if (fault->line > 0) {
        moor_report_set_number(value, "line", fault->line);
        moor_report_set_number(value, "column", fault->column);
    }
    moor_report_set(value, "text", fault->text);
    return value;
}

static void write_faults(FILE *out, const char *name, const struct moor_report_input_error *faults,
                         size_t count)
{
    (void)fprintf(out, "  \"%s\": [", name);
    for (size_t i = 0; i < count; i++) {
        (void)fputs(i > 0 ? ",\n    " : "\n    ", out);
        moor_report_write_value(out, fault_value(&faults[i]));
    }
    (void)fputs(count > 0 ? "\n  ],\n" : "],\n", out);
}

static json_t *tally_value(const struct moor_report *report, enum moor_unjudged why)
{
    json_t *counted = json_object();
    json_t *names = json_object();
    moor_report_set_number(counted, "count", report->unjudged[why]);
    for (size_t i = 0; i < report->tally_count; i++) {
        const struct moor_report_tally *tally = &report->tallies[i];
        if (tally->why == why && tally->name.len > 0) {
            moor_report_count_name(names, tally->name, tally->count);
        }
    }
    (void)json_object_set_new(counted, "names", names);
    return counted;
}

static json_t *summary_value(const struct moor_report *report)
{
    static const char *const names[] = {
        [MOOR_UNJUDGED_PLAIN_KIND] = "kindsWithoutImages",
        [MOOR_UNJUDGED_UNKNOWN_KIND] = "unknownKinds",
        [MOOR_UNJUDGED_NO_OBJECT] = "noObjects",
        [MOOR_UNJUDGED_IMAGE] = "imagesToBeFilledIn",
        [MOOR_UNJUDGED_EMPTY] = "emptyFiles",
    };
    json_t *summary = json_object();
    json_t *unjudged = json_object();
    for (int i = MOOR_DECISION_DENY; i >= MOOR_DECISION_ALLOW; i--) {
        moor_report_set_number(summary, moor_decision_past((enum moor_decision)i),
                               report->counts[i]);
    }
    moor_report_set_number(summary, "known", report->known);
    moor_report_set_number(summary, "objects", report->objects);
    moor_report_set_number(summary, "files", report->files);
    for (size_t i = 0; i < MOOR_UNJUDGED_COUNT; i++) {
        (void)json_object_set_new(unjudged, names[i], tally_value(report, (enum moor_unjudged)i));
    }
    (void)json_object_set_new(summary, "notJudged", unjudged);
    return summary;
}

static void write(FILE *out, const struct moor_report *report, const struct moor_page_style *style)
{
    (void)fprintf(out, "{\n  \"version\": 1,\n  \"tagmoor\": \"%s\",\n  \"findings\": [",
                  MOOR_VERSION);
    (void)style;
    for (size_t i = 0; i < report->finding_count; i++) {
        (void)fputs(i > 0 ? ",\n    " : "\n    ", out);
        moor_report_write_value(out, finding_value(&report->findings[i]));
    }
    (void)fputs(report->finding_count > 0 ? "\n  ],\n" : "],\n", out);
    write_faults(out, "errors", report->faults, report->fault_count);
    write_faults(out, "stale", report->stale, report->stale_count);
    (void)fputs("  \"summary\": ", out);
    moor_report_write_value(out, summary_value(report));
    (void)fputs("\n}\n", out);
}

const struct moor_report_format moor_report_format_json = {
    .name = "json",
    .description = "one JSON object with findings, errors and counts",
    .write = write,
};
