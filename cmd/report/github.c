/* SPDX-License-Identifier: Apache-2.0 */
/* Findings as workflow commands of GitHub Actions, which shows them beside the lines of a change.
 */
#include "cmd/report/formats.h"

#include "cmd/report/workflow_command.h"

#define TEXT_MAX ((size_t)64 * 1024)

static void write_finding(FILE *out, const struct moor_report_finding *finding)
{
    /* `notice` is GitHub's lowest severity. */
    const char *state = moor_report_state(finding);
    bool is_notice = state != NULL || finding->decision == MOOR_DECISION_AUDIT;
    const struct moor_position *position = &finding->position;
    struct moor_buf title;
    struct moor_buf text;
    moor_buf_init(&title, TEXT_MAX);
    moor_buf_init(&text, TEXT_MAX);
    moor_buf_printf(&title, "%s%s", state != NULL ? state : "", state != NULL ? ": " : "");
    moor_report_append_object(&title, finding);
    if (finding->suppression != MOOR_SUPPRESSION_NONE) {
        moor_report_append_state(&text, finding);
    }
    moor_report_append_message(&text, finding);
    moor_workflow_command_write(
        out, &(struct moor_workflow_command){
                 .name = is_notice ? "notice" : moor_decision_severity(finding->decision),
                 .file = finding->file,
                 .line = position->line,
                 .column = position->column,
                 .end_column = position->line > 0 ? position->column + position->width : 0,
                 .title = moor_buf_slice(&title),
                 .text = moor_buf_slice(&text)});
    moor_buf_release(&title);
    moor_buf_release(&text);
}

static void write_input_error(FILE *out, const char *command, const char *title,
                              const struct moor_report_input_error *error)
{
    moor_workflow_command_write(out,
                                &(struct moor_workflow_command){.name = command,
                                                                .file = error->file,
                                                                .line = error->line,
                                                                .column = error->column,
                                                                .title = moor_slice_from(title),
                                                                .text = error->text});
}

/* GitHub shows some of the annotations only, and the log needs an end that says how many. */
static void write_summary(FILE *out, const struct moor_report *report)
{
    struct moor_buf text;
    moor_buf_init(&text, (size_t)1024);
    moor_report_append_counts(&text, report);
    if (report->input_error_count > 0) {
        moor_buf_printf(&text, "; input errors: %zu", report->input_error_count);
    }
    (void)fprintf(out, "tagmoor: %.*s\n", MOOR_SLICE_ARGS(moor_buf_slice(&text)));
    moor_buf_release(&text);
}

static void write(FILE *out, const struct moor_report *report, const struct moor_page_style *style)
{
    (void)style;
    for (size_t i = 0; i < report->input_error_count; i++) {
        write_input_error(out, "error", "input error", &report->input_errors[i]);
    }
    for (size_t i = 0; i < report->finding_count; i++) {
        /* A suppressed finding is settled, and an annotation beside the line would only distract.
         */
        if (report->findings[i].suppression == MOOR_SUPPRESSION_NONE) {
            write_finding(out, &report->findings[i]);
        }
    }
    for (size_t i = 0; i < report->stale_count; i++) {
        write_input_error(out, "notice", "stale baseline entry", &report->stale[i]);
    }
    write_summary(out, report);
}

const struct moor_report_format moor_report_format_github = {
    .name = "github",
    .description = "commands of GitHub workflows, shown beside the lines of a change",
    .write = write,
};
