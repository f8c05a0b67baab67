/* SPDX-License-Identifier: Apache-2.0 */
/* Findings as tab-separated values, for awk and spreadsheets; see tagmoor-output(5). */
#include "cmd/report/formats.h"

#include "cmd/report/page.h"
#include "policy/base/array_size.h"

/* The names of the columns of write_finding(). */
static const char header[] = "decision\tfile\tline\tcolumn\tdocument\tkind\tnamespace\tname\tpath\t"
                             "container\timage\tclass\tlevel\tenvironment\treason\trepair\n";

/* The columns are an interface: new ones are added at the end. */
static void write_finding(FILE *out, const struct moor_report_finding *finding)
{
    bool is_suppressed = finding->suppression != MOOR_SUPPRESSION_NONE;
    struct moor_buf reason;
    moor_buf_init(&reason, (size_t)64 * 1024);
    if (is_suppressed) {
        moor_report_append_state(&reason, finding);
        moor_buf_append(&reason, finding->reason);
    }
    const struct moor_slice texts[] = {
        finding->kind,
        finding->namespace,
        finding->name,
        finding->path,
        finding->container,
        finding->image,
        moor_slice_from(finding->class),
        moor_slice_from(finding->level),
        finding->environment,
        is_suppressed ? moor_buf_slice(&reason) : finding->reason,
        finding->repair,
    };
    /*
     * The state replaces the decision in the first column, so that `grep ^deny` finds active
     * findings only.
     */
    const char *state = moor_report_state(finding);
    (void)fputs(state != NULL ? state : moor_decision_verb(finding->decision), out);
    (void)fputc('\t', out);
    moor_page_escape(out, finding->file);
    (void)fprintf(out, "\t%u\t%u\t%zu", finding->position.line, finding->position.column,
                  finding->document);
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(texts); i++) {
        (void)fputc('\t', out);
        moor_page_escape(out, texts[i]);
    }
    (void)fputc('\n', out);
    moor_buf_release(&reason);
}

static void write(FILE *out, const struct moor_report *report, const struct moor_page_style *style)
{
    (void)style;
    for (size_t i = 0; i < report->finding_count; i++) {
        write_finding(out, &report->findings[i]);
    }
}

static void write_with_header(FILE *out, const struct moor_report *report,
                              const struct moor_page_style *style)
{
    (void)fputs(header, out);
    write(out, report, style);
}

const struct moor_report_format moor_report_format_tsv = {
    .name = "tsv",
    .description = "tab-separated values, a line for each finding",
    .write = write,
};

const struct moor_report_format moor_report_format_tsv_header = {
    .name = "tsv-header",
    .description = "tab-separated values below a line with the names of the columns",
    .write = write_with_header,
};
