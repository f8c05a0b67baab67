/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings as JUnit XML in the form that CI servers read: a suite per file, a test case per
 * finding. A denied image is a failure, a known finding is skipped, and a warning passes with its
 * text.  An unreadable file is an error.  The first suite has one case for all allowed images, so
 * that a report without findings is not an empty one.
 */
#include "cmd/report/formats.h"

#include "cmd/report/xml.h"

static void write_position(FILE *out, const struct moor_report_finding *finding)
{
    moor_xml_text(out, finding->file);
    (void)fprintf(out, ":%u:%u: ", finding->position.line, finding->position.column);
}

/* Appends the path without the indexes of lists: `spec.containers`. */
static void append_plain_path(struct moor_buf *out, struct moor_slice path)
{
    bool is_index = false;
    for (size_t i = 0; i < path.len; i++) {
        is_index = is_index || path.ptr[i] == '[';
        if (!is_index) {
            moor_buf_append_byte(out, path.ptr[i]);
        }
        is_index = is_index && path.ptr[i] != ']';
    }
}

/*
 * CI servers compare runs by class name and name, so that neither may change with the number of
 * findings, the line, the image, or the index of the container.
 */
static void append_name(struct moor_buf *out, const struct moor_report_finding *finding)
{
    moor_report_append_object(out, finding);
    moor_buf_append_text(out, finding->path.len > 0 ? " " : "");
    if (finding->container.len == 0) {
        moor_buf_append(out, finding->path);
        return;
    }
    append_plain_path(out, finding->path);
    moor_buf_append_text(out, " \"");
    moor_buf_append(out, finding->container);
    moor_buf_append_byte(out, '"');
}

static void begin_case(FILE *out, const struct moor_report_finding *finding, struct moor_buf *text)
{
    append_name(text, finding);
    (void)fputs("    <testcase", out);
    moor_xml_attribute(out, "classname", finding->file);
    moor_xml_attribute(out, "name", moor_buf_slice(text));
    moor_xml_attribute(out, "file", finding->file);
    (void)fprintf(out, " line=\"%u\" time=\"0\">\n", finding->position.line);
    moor_buf_clear(text);
}

/* CI servers show why a case was skipped, which for a suppression is its own reason. */
static void put_message(FILE *out, const struct moor_report_finding *finding)
{
    struct moor_buf text;
    moor_buf_init(&text, (size_t)64 * 1024);
    if (finding->suppression != MOOR_SUPPRESSION_NONE) {
        moor_buf_append_text(&text, "suppressed: ");
        moor_buf_append(&text, finding->justification);
    } else {
        moor_buf_append(&text, finding->reason);
    }
    moor_xml_attribute(out, "message", moor_buf_slice(&text));
    moor_buf_release(&text);
}

static void write_case(FILE *out, const struct moor_report *report,
                       const struct moor_report_finding *finding)
{
    bool is_active = moor_report_is_active(finding);
    const char *tag = !is_active                           ? "skipped"
                      : moor_report_fails(report, finding) ? "failure"
                                                           : NULL;
    struct moor_buf text;
    moor_buf_init(&text, (size_t)64 * 1024);
    begin_case(out, finding, &text);
    moor_report_append_message(&text, finding);
    if (tag == NULL) {
        (void)fprintf(out, "      <system-out>%s: ", moor_decision_severity(finding->decision));
        write_position(out, finding);
        moor_xml_text(out, moor_buf_slice(&text));
        (void)fputs("</system-out>\n", out);
    } else {
        (void)fprintf(out, "      <%s", tag);
        put_message(out, finding);
        if (is_active) {
            moor_xml_attribute(out, "type", moor_slice_from(finding->class));
        }
        (void)fputc('>', out);
        write_position(out, finding);
        moor_xml_text(out, moor_buf_slice(&text));
        (void)fprintf(out, "</%s>\n", tag);
    }
    (void)fputs("    </testcase>\n", out);
    moor_buf_release(&text);
}

struct sums {
    size_t tests;
    size_t failures;
    size_t errors;
    size_t skipped;
};

static void write_sums(FILE *out, const struct sums *sums)
{
    (void)fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"0\"",
                  sums->tests, sums->failures, sums->errors, sums->skipped);
}

/* Writes the findings of one file, from index `first` on.  Returns the index after them. */
static size_t write_suite(FILE *out, const struct moor_report *report, size_t first)
{
    struct sums sums = {0};
    size_t end = first;
    struct moor_slice file = report->findings[first].file;
    for (; end < report->finding_count && moor_slice_equal(report->findings[end].file, file);
         end++) {
        const struct moor_report_finding *finding = &report->findings[end];
        sums.tests++;
        sums.skipped += !moor_report_is_active(finding);
        sums.failures += moor_report_fails(report, finding);
    }
    (void)fputs("  <testsuite", out);
    moor_xml_attribute(out, "name", file);
    write_sums(out, &sums);
    (void)fputs(">\n", out);
    for (size_t i = first; i < end; i++) {
        write_case(out, report, &report->findings[i]);
    }
    (void)fputs("  </testsuite>\n", out);
    return end;
}

/* Input errors are test errors, so that CI servers do not show an incomplete run as passed. */
static void write_allowed(FILE *out, const struct moor_report *report)
{
    const struct sums sums = {.tests = 1 + report->input_error_count,
                              .errors = report->input_error_count};
    (void)fputs("  <testsuite name=\"tagmoor\"", out);
    write_sums(out, &sums);
    struct moor_buf counts;
    moor_buf_init(&counts, (size_t)1024);
    moor_report_append_counts(&counts, report);
    (void)fprintf(out,
                  ">\n    <testcase classname=\"tagmoor\" name=\"allowed images\" time=\"0\">\n"
                  "      <system-out>%.*s</system-out>\n    </testcase>\n",
                  MOOR_SLICE_ARGS(moor_buf_slice(&counts)));
    moor_buf_release(&counts);
    for (size_t i = 0; i < report->input_error_count; i++) {
        moor_xml_junit_error(out, &report->input_errors[i]);
    }
    (void)fputs("  </testsuite>\n", out);
}

/* A run without findings has one passed test, because CI servers reject a report without any. */
static void write(FILE *out, const struct moor_report *report, const struct moor_page_style *style)
{
    (void)style;
    const struct sums sums = {.tests = 1 + report->input_error_count + report->finding_count,
                              .failures = moor_report_failures(report),
                              .errors = report->input_error_count,
                              .skipped = report->known + report->suppressed};
    (void)fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"tagmoor\"", out);
    write_sums(out, &sums);
    (void)fputs(">\n", out);
    write_allowed(out, report);
    for (size_t i = 0; i < report->finding_count;) {
        i = write_suite(out, report, i);
    }
    (void)fputs("</testsuites>\n", out);
}

const struct moor_report_format moor_report_format_junit = {
    .name = "junit",
    .description = "JUnit XML, for the test reports of CI servers",
    .write = write,
};
