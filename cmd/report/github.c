/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings as workflow commands of GitHub Actions, which shows them beside the lines of a change.
 * The syntax is that of "Workflow commands for GitHub Actions" in GitHub's documentation.
 */
#include "cmd/report/formats.h"

#include "policy/base/escape.h"

/*
 * GitHub decodes %XX in messages, and also ends a property at `:` or `,`.  Line ends are shown as
 * escaped text, because one would end the command and start another.
 */
static void put(FILE *out, struct moor_slice text, bool is_property)
{
    const char *special = is_property ? "%:," : "%";
    struct moor_buf scratch;
    moor_buf_init(&scratch, SIZE_MAX);
    struct moor_slice shown = moor_escaped(&scratch, text, text.len);
    for (size_t i = 0; i < shown.len; i++) {
        char byte = shown.ptr[i];
        if (byte != '\0' && strchr(special, byte) != NULL) {
            (void)fprintf(out, "%%%02X", (unsigned)(unsigned char)byte);
        } else {
            (void)fputc(byte, out);
        }
    }
    moor_buf_release(&scratch);
}

static void begin(FILE *out, const char *command, struct moor_slice file)
{
    (void)fprintf(out, "::%s file=", command);
    put(out, file, true);
}

static void write_finding(FILE *out, const struct moor_report_finding *finding)
{
    /* `notice` is GitHub's lowest severity. */
    bool is_notice = finding->is_known || finding->decision == MOOR_DECISION_AUDIT;
    struct moor_buf text;
    moor_buf_init(&text, (size_t)64 * 1024);
    begin(out, is_notice ? "notice" : moor_decision_severity(finding->decision), finding->file);
    if (finding->position.line > 0) {
        (void)fprintf(out, ",line=%u,col=%u,endColumn=%u", finding->position.line,
                      finding->position.column, finding->position.column + finding->position.width);
    }
    moor_buf_append_text(&text, finding->is_known ? "known: " : "");
    moor_report_append_object(&text, finding);
    (void)fputs(",title=", out);
    put(out, moor_buf_slice(&text), true);
    (void)fputs("::", out);
    moor_buf_clear(&text);
    moor_report_append_message(&text, finding);
    put(out, moor_buf_slice(&text), false);
    (void)fputc('\n', out);
    moor_buf_release(&text);
}

static void write_input_error(FILE *out, const char *command, const char *title,
                              const struct moor_report_input_error *error)
{
    begin(out, command, error->file);
    if (error->line > 0) {
        (void)fprintf(out, ",line=%u,col=%u", error->line, error->column);
    }
    (void)fprintf(out, ",title=%s::", title);
    put(out, error->text, false);
    (void)fputc('\n', out);
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
