/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/test_results.h"

#include "cmd/report/json_output.h"
#include "cmd/report/page.h"
#include "cmd/report/xml.h"

#define LINES 2 /* levels with one line per item: the object and its lists */

void moor_test_results_init(struct moor_test_results *results)
{
    *results = (struct moor_test_results){0};
    moor_report_init(&results->report);
}

void moor_test_results_release(struct moor_test_results *results)
{
    free(results->cases);
    moor_report_release(&results->report);
    *results = (struct moor_test_results){0};
}

static struct moor_slice copy(struct moor_test_results *results, struct moor_slice text)
{
    struct moor_slice kept = {0};
    if (text.len > 0 && moor_arena_copy(&results->report.arena, &kept, text, NULL) != 0) {
        results->report.failed = true;
    }
    return kept;
}

void moor_test_results_add(struct moor_test_results *results, const struct moor_test_case *found)
{
    if (results->count == results->room) {
        size_t wanted = results->room == 0 ? 64 : results->room * 2;
        void *grown = reallocarray(results->cases, wanted, sizeof *results->cases);
        if (grown == NULL) {
            results->report.failed = true;
            return;
        }
        results->cases = grown;
        results->room = wanted;
    }
    struct moor_test_case *kept = &results->cases[results->count++];
    *kept = *found;
    /* The tree of a file is released before the next file.  The path is an operand and lives on. */
    kept->name = copy(results, found->name);
    kept->image = copy(results, found->image);
    kept->environment = copy(results, found->environment);
    for (size_t i = 0; i < found->failure_count; i++) {
        kept->failures[i].text = copy(results, found->failures[i].text);
    }
    results->failed += found->failure_count > 0;
}

void moor_test_results_add_errors(struct moor_test_results *results, const char *file,
                                  const struct moor_diagnostics *diagnostics)
{
    const struct moor_diagnostic_list *errors = &diagnostics->errors;
    struct moor_error more = {0};
    for (size_t i = 0; i < errors->count; i++) {
        moor_report_add_input_error(&results->report, moor_slice_from(file), &errors->kept[i]);
    }
    /* Only the first errors are kept, and a report must not look complete without the others. */
    if (errors->total > errors->count) {
        (void)moor_error_set(&more, MOOR_ERROR_VALUE, "%zu more errors",
                             errors->total - errors->count);
        moor_report_add_input_error(&results->report, moor_slice_from(file), &more);
    }
}

/* --- text ------------------------------------------------------------------------------------- */

/* A failure begins with a position, so that editors and CI logs link to the case. */
void moor_test_results_write_failures(FILE *out, const struct moor_test_results *results,
                                      size_t first)
{
    for (size_t i = first; i < results->count; i++) {
        const struct moor_test_case *found = &results->cases[i];
        for (size_t j = 0; j < found->failure_count; j++) {
            /*
             * The path can contain control characters, which would reach the terminal; the other
             * texts are escaped or from the policy.
             */
            const struct moor_test_failure *failure = &found->failures[j];
            moor_page_escape(out, moor_report_shown(moor_slice_from(found->file)));
            (void)fprintf(out, ":%u:%u: %.*s in %.*s: %.*s\n", failure->line, failure->column,
                          MOOR_SLICE_ARGS(found->image), MOOR_SLICE_ARGS(found->environment),
                          MOOR_SLICE_ARGS(failure->text));
        }
    }
}

static void write_counts(FILE *out, const struct moor_test_results *results)
{
    /* If no file was read, `0 cases: 0 passed` would look like a result. */
    if (results->report.files > 0) {
        (void)fprintf(out, "%zu case%s: %zu passed, %zu failed\n", results->count,
                      moor_page_plural(results->count), results->count - results->failed,
                      results->failed);
    }
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void put_position(struct moor_json_writer *json, uint32_t line, uint32_t column)
{
    /* An error of a whole file has no position. */
    if (line > 0) {
        moor_json_member_u64(json, "line", line);
        moor_json_member_u64(json, "column", column);
    }
}

static void put_case(struct moor_json_writer *json, const struct moor_test_case *found)
{
    moor_json_object_begin(json);
    moor_json_output_member(json, "file", moor_slice_from(found->file));
    put_position(json, found->line, found->column);
    moor_json_output_member(json, "name", found->name);
    moor_json_output_member(json, "image", found->image);
    moor_json_output_member(json, "environment", found->environment);
    moor_json_member_text(json, "decision", moor_decision_verb(found->decision));
    moor_json_member_text(json, "class", found->class);
    /* The failures tell the same, but a filter for `jq` is shorter with a boolean. */
    moor_json_member_bool(json, "passed", found->failure_count == 0);
    moor_json_output_array(json, "failures");
    for (size_t i = 0; i < found->failure_count; i++) {
        moor_json_object_begin(json);
        put_position(json, found->failures[i].line, found->failures[i].column);
        moor_json_output_member(json, "text", found->failures[i].text);
        moor_json_object_end(json);
    }
    moor_json_array_end(json);
    moor_json_object_end(json);
}

static void put_cases(struct moor_json_output *output, const struct moor_test_results *results)
{
    moor_json_output_array(&output->json, "cases");
    for (size_t i = 0; i < results->count; i++) {
        put_case(&output->json, &results->cases[i]);
        moor_json_output_flush(output);
    }
    moor_json_array_end(&output->json);
}

static void put_errors(struct moor_json_writer *json, const struct moor_report *report)
{
    moor_json_output_array(json, "errors");
    for (size_t i = 0; i < report->input_error_count; i++) {
        const struct moor_report_input_error *error = &report->input_errors[i];
        moor_json_object_begin(json);
        moor_json_output_member(json, "file", error->file);
        put_position(json, error->line, error->column);
        moor_json_output_member(json, "text", error->text);
        moor_json_object_end(json);
    }
    moor_json_array_end(json);
}

static void write_json(FILE *out, const struct moor_test_results *results)
{
    struct moor_json_output output;
    struct moor_json_writer *json = &output.json;
    moor_json_output_init(&output, out, LINES);
    moor_json_object_begin(json);
    moor_json_member_u64(json, "version", 1);
    moor_json_member_text(json, "tagmoor", MOOR_VERSION);
    put_cases(&output, results);
    put_errors(json, &results->report);
    moor_json_output_object(json, "summary");
    moor_json_member_u64(json, "passed", results->count - results->failed);
    moor_json_member_u64(json, "failed", results->failed);
    moor_json_member_u64(json, "errors", results->report.input_error_count);
    moor_json_object_end(json);
    moor_json_object_end(json);
    moor_json_output_end(&output);
}

/* --- JUnit XML -------------------------------------------------------------------------------- */

static void write_case(FILE *out, const struct moor_test_case *found)
{
    (void)fputs("    <testcase", out);
    /* JUnit has no standard.  CI servers group cases by `classname`, and some link to `file`. */
    moor_xml_attribute(out, "classname", moor_slice_from(found->file));
    moor_xml_attribute(out, "name", found->name);
    moor_xml_attribute(out, "file", moor_slice_from(found->file));
    (void)fprintf(out, " line=\"%u\" time=\"0\"%s>\n", found->line,
                  found->failure_count == 0 ? "/" : "");
    for (size_t i = 0; i < found->failure_count; i++) {
        const struct moor_test_failure *failure = &found->failures[i];
        (void)fputs("      <failure", out);
        moor_xml_attribute(out, "message", failure->text);
        moor_xml_attribute(out, "type", moor_slice_from(found->class));
        (void)fputc('>', out);
        moor_xml_text(out, moor_slice_from(found->file));
        (void)fprintf(out, ":%u:%u</failure>\n", failure->line, failure->column);
    }
    (void)fputs(found->failure_count > 0 ? "    </testcase>\n" : "", out);
}

static void write_sums(FILE *out, const struct moor_test_results *results)
{
    size_t errors = results->report.input_error_count;
    /* An input error is written as a case, so that it counts among the tests. */
    (void)fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\" time=\"0\">\n",
                  results->count + errors, results->failed, errors);
}

/* One suite has all files, since the class name of a case is its file. */
static void write_junit(FILE *out, const struct moor_test_results *results)
{
    (void)fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"tagmoor test\"",
                out);
    /* Some readers take the sums of the root element and others those of the suite. */
    write_sums(out, results);
    (void)fputs("  <testsuite name=\"tagmoor test\"", out);
    write_sums(out, results);
    for (size_t i = 0; i < results->count; i++) {
        write_case(out, &results->cases[i]);
    }
    for (size_t i = 0; i < results->report.input_error_count; i++) {
        moor_xml_junit_error(out, &results->report.input_errors[i]);
    }
    (void)fputs("  </testsuite>\n</testsuites>\n", out);
}

void moor_test_results_write(FILE *out, const struct moor_test_results *results,
                             enum moor_test_format format)
{
    switch (format) {
    case MOOR_TEST_TEXT:
        write_counts(out, results);
        break;
    case MOOR_TEST_JSON:
        write_json(out, results);
        break;
    case MOOR_TEST_JUNIT:
        write_junit(out, results);
        break;
    }
}
