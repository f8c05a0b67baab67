/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings as a Code Quality report of GitLab, a subset of the format of Code Climate, which merge
 * requests show.  The members are those of "Code Quality report format" in GitLab's documentation.
 */
#include "cmd/report/fingerprint.h"
#include "cmd/report/formats.h"
#include "cmd/report/json_output.h"

#include <stdlib.h>

#define TEXT_MAX ((size_t)64 * 1024)
#define LINES    1 /* levels with one line per item: the array */

/* The members of an issue. */
struct issue {
    struct moor_slice description;
    const char *check;
    const char *fingerprint;
    const char *severity;
    struct moor_slice path;
    uint32_t line; /* 0: unknown */
};

/* GitLab ignores an issue without a line, and so a finding without a position is at line 1. */
static void put_issue(struct moor_json_writer *json, const struct issue *issue)
{
    moor_json_object_begin(json);
    moor_json_output_member(json, "description", issue->description);
    moor_json_member_text(json, "check_name", issue->check);
    moor_json_member_text(json, "fingerprint", issue->fingerprint);
    moor_json_member_text(json, "severity", issue->severity);
    moor_json_output_object(json, "location");
    moor_json_output_member(json, "path",
                            moor_slice_is(issue->path, "-") ? MOOR_SLICE("stdin") : issue->path);
    moor_json_output_object(json, "lines");
    moor_json_member_u64(json, "begin", issue->line > 0 ? issue->line : 1);
    moor_json_object_end(json);
    moor_json_object_end(json);
    moor_json_object_end(json);
}

static const char *severity_of(const struct moor_report_finding *finding)
{
    static const char *const severities[MOOR_REPORT_RANKS] = {"critical", "minor", "info", "info"};
    return severities[moor_report_rank(finding)];
}

static void put_finding(struct moor_json_writer *json, const struct moor_report_finding *finding,
                        const struct moor_fingerprint *fingerprint)
{
    struct moor_buf text;
    moor_buf_init(&text, TEXT_MAX);
    moor_report_append_state(&text, finding);
    moor_report_append_object(&text, finding);
    moor_buf_append_text(&text, ": ");
    moor_report_append_message(&text, finding);
    put_issue(json, &(struct issue){moor_buf_slice(&text), finding->class, fingerprint->text,
                                    severity_of(finding), finding->file, finding->position.line});
    moor_buf_release(&text);
}

/* An unreadable file is an issue, because an incomplete report must not look like a clean one. */
static void put_input_errors(struct moor_json_output *output, const struct moor_report *report)
{
    size_t number = 0; /* among the errors of the same file */
    for (size_t i = 0; i < report->input_error_count; i++) {
        const struct moor_report_input_error *error = &report->input_errors[i];
        struct moor_fingerprint fingerprint;
        number = i > 0 && moor_slice_equal(error->file, error[-1].file) ? number + 1 : 0;
        moor_fingerprint_of_error(&fingerprint, error, number);
        put_issue(&output->json, &(struct issue){error->text, "input-error", fingerprint.text,
                                                 "blocker", error->file, error->line});
        moor_json_output_flush(output);
    }
}

static void write(FILE *out, const struct moor_report *report, const struct moor_page_style *style)
{
    struct moor_json_output output;
    struct moor_fingerprint *fingerprints = moor_fingerprints_of(report);
    (void)style;
    moor_json_output_init(&output, out, LINES);
    moor_json_array_begin(&output.json);
    put_input_errors(&output, report);
    /* GitLab rejects an issue without a fingerprint; without memory, the report is truncated. */
    output.bytes.failed = output.bytes.failed || fingerprints == NULL;
    for (size_t i = 0; fingerprints != NULL && i < report->finding_count; i++) {
        put_finding(&output.json, &report->findings[i], &fingerprints[i]);
        moor_json_output_flush(&output);
    }
    moor_json_array_end(&output.json);
    moor_json_output_end(&output);
    free(fingerprints);
}

const struct moor_report_format moor_report_format_codequality = {
    .name = "codequality",
    .description = "JSON of GitLab Code Quality, shown in merge requests",
    .write = write,
};
