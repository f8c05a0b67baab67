/* SPDX-License-Identifier: Apache-2.0 */
/* The counts of a report, and its JSON formats compared with the output of jansson. */
#include "tests/unit/test.h"

#include <jansson.h>

#include "cmd/report/formats.h"
#include "cmd/report/outputs.h"
#include "policy/base/array_size.h"

#include <stdio.h>

static const struct moor_report_finding example = {
    .file = {"a.yaml", 6},
    .position = {.line = 3, .column = 5, .width = 2},
    .document = 1,
    .kind = {"Pod", 3},
    .namespace = {"shop", 4},
    .name = {"web", 3},
    .path = {"spec.containers[0]", 18},
    .container = {"a\"\\\xC3\xA4", 5},
    .image = {"nginx", 5},
    .class = "untagged",
    .level = "rolling",
    .decision = MOOR_DECISION_DENY,
    .environment = {"production", 10},
    .reason = {"nginx has no tag", 16},
    .repair = {"use a version", 13},
};

static void add(struct moor_report *report, enum moor_decision decision, uint32_t line,
                bool is_known)
{
    struct moor_report_finding finding = example;
    finding.decision = decision;
    finding.position.line = line;
    finding.is_known = is_known;
    moor_report_add(report, &finding);
}

/* One of everything. */
static void fill(struct moor_report *report)
{
    struct moor_error err = {.line = 2, .column = 4};
    moor_report_init(report);
    report->files = 2;
    report->objects = 3;
    report->counts[MOOR_DECISION_ALLOW] = 4;
    add(report, MOOR_DECISION_DENY, 9, false);
    add(report, MOOR_DECISION_WARN, 7, false);
    add(report, MOOR_DECISION_AUDIT, 8, false);
    add(report, MOOR_DECISION_DENY, 1, true);
    (void)moor_error_set(&err, MOOR_ERROR_SYNTAX, "a\x1B[31m \"quoted\"");
    moor_report_add_input_error(report, MOOR_SLICE("b\n.yaml"), &err);
    moor_report_add_stale(report, MOOR_SLICE("baseline"), 5, MOOR_SLICE("old"));
    moor_report_tally(report, MOOR_UNJUDGED_PLAIN_KIND, MOOR_SLICE("Service"));
    moor_report_tally(report, MOOR_UNJUDGED_PLAIN_KIND, MOOR_SLICE("Service"));
    moor_report_tally(report, MOOR_UNJUDGED_UNKNOWN_KIND, MOOR_SLICE("\"X\n"));
    moor_report_tally(report, MOOR_UNJUDGED_EMPTY, MOOR_SLICE(""));
    moor_report_count(report);
}

static char *written(const char *format, const struct moor_report *report)
{
    const struct moor_page_style style = {0};
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    moor_report_formats_find(moor_report_formats_at, moor_slice_from(format))
        ->write(out, report, &style);
    assert_int_equal(fclose(out), 0);
    return text;
}

/* --- counting --------------------------------------------------------------------------------- */

static void count__known__apart_from_decisions(void **state)
{
    struct moor_report report;
    (void)state;
    fill(&report);
    assert_int_equal(report.counts[MOOR_DECISION_DENY], 1);
    assert_int_equal(report.counts[MOOR_DECISION_WARN], 1);
    assert_int_equal(report.counts[MOOR_DECISION_AUDIT], 1);
    assert_int_equal(report.counts[MOOR_DECISION_ALLOW], 4);
    assert_int_equal(report.known, 1);
    moor_report_count(&report);
    assert_int_equal(report.counts[MOOR_DECISION_DENY], 1);
    assert_int_equal(report.known, 1);
    moor_report_release(&report);
}

static void status__nothing_denied_or_known_alone__0(void **state)
{
    struct moor_report report;
    (void)state;
    moor_report_init(&report);
    add(&report, MOOR_DECISION_WARN, 1, false);
    add(&report, MOOR_DECISION_DENY, 2, true);
    moor_report_count(&report);
    assert_int_equal(moor_report_status(&report), 0);
    add(&report, MOOR_DECISION_DENY, 3, false);
    moor_report_count(&report);
    assert_int_equal(moor_report_status(&report), 1);
    report.failed = true;
    assert_int_equal(moor_report_status(&report), 2);
    moor_report_release(&report);
    fill(&report);
    assert_int_equal(moor_report_status(&report), 2);
    moor_report_release(&report);
}

static void sort__from_the_first__by_line_column_and_path(void **state)
{
    static const uint32_t expected[] = {9, 1, 7, 8};
    struct moor_report report;
    (void)state;
    fill(&report);
    moor_report_sort(&report, 1);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(report.findings[i].position.line, expected[i]);
    }
    moor_report_release(&report);
}

static void tally__more_names_than_there_is_room_for__counted_in_the_sum(void **state)
{
    struct moor_report report;
    (void)state;
    moor_report_init(&report);
    for (unsigned i = 0; i < MOOR_REPORT_MAX_TALLIES + 10; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "Kind%u", i);
        moor_report_tally(&report, MOOR_UNJUDGED_UNKNOWN_KIND, moor_slice_from(name));
    }
    assert_int_equal(report.tally_count, MOOR_REPORT_MAX_TALLIES);
    assert_int_equal(report.unjudged[MOOR_UNJUDGED_UNKNOWN_KIND], MOOR_REPORT_MAX_TALLIES + 10);
    moor_report_release(&report);
}

static void append__object_and_message(void **state)
{
    struct moor_report_finding finding = example;
    struct moor_buf out;
    (void)state;
    moor_buf_init(&out, 1000);
    moor_report_append_object(&out, &finding);
    assert_slice_equal(moor_buf_slice(&out), "Pod shop/web");
    moor_buf_clear(&out);
    finding.namespace = (struct moor_slice){0};
    moor_report_append_object(&out, &finding);
    assert_slice_equal(moor_buf_slice(&out), "Pod web");
    moor_buf_clear(&out);
    finding.name = (struct moor_slice){0};
    moor_report_append_object(&out, &finding);
    assert_slice_equal(moor_buf_slice(&out), "Pod");
    moor_buf_clear(&out);
    moor_report_append_message(&out, &finding);
    assert_slice_equal(moor_buf_slice(&out), "nginx has no tag: use a version");
    moor_buf_release(&out);
}

/* --- JSON beside jansson ---------------------------------------------------------------------- */

/* Without blanks outside strings, as jansson's compact form is. */
static char *compact(const char *text)
{
    char *out = malloc(strlen(text) + 1);
    size_t len = 0;
    bool is_string = false;
    assert_non_null(out);
    for (const char *at = text; *at != '\0'; at++) {
        is_string = is_string != (*at == '"' && (at == text || at[-1] != '\\'));
        if (is_string || (*at != ' ' && *at != '\n')) {
            out[len++] = *at;
        }
    }
    out[len] = '\0';
    return out;
}

static void check_beside_jansson(const char *format)
{
    struct moor_report report;
    fill(&report);
    /* A quote after an escaped backslash is hard to tell from an escaped quote: use none. */
    report.findings[0].container = report.findings[1].container = MOOR_SLICE("a");
    report.findings[2].container = report.findings[3].container = MOOR_SLICE("\xC3\xA4\"");
    char *text = written(format, &report);
    json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(value);
    char *again = json_dumps(value, JSON_COMPACT);
    char *ours = compact(text);
    assert_string_equal(ours, again);
    free(ours);
    free(again);
    free(text);
    json_decref(value);
    moor_report_release(&report);
}

static void json__everything__as_jansson_writes_it(void **state)
{
    (void)state;
    check_beside_jansson("json");
}

static void sarif__everything__as_jansson_writes_it(void **state)
{
    (void)state;
    check_beside_jansson("sarif");
}

static void json__values__those_of_the_report(void **state)
{
    struct moor_report report;
    const char *file = NULL;
    const char *container = NULL;
    const char *broken = NULL;
    int line = 0;
    int end = 0;
    int denied = 0;
    int services = 0;
    int unknown = 0;
    int is_known = 0;
    (void)state;
    fill(&report);
    char *text = written("json", &report);
    json_t *value = json_loads(text, 0, NULL);
    assert_int_equal(
        json_unpack(value, "{s:[{s:s,s:i,s:i,s:s},{},{},{s:b}],s:[{s:s}],s:{s:i,s:{s:{s:{s:i}}}}}",
                    "findings", "file", &file, "line", &line, "endColumn", &end, "container",
                    &container, "known", &is_known, "errors", "file", &broken, "summary", "denied",
                    &denied, "notEvaluated", "kindsWithoutImages", "names", "Service", &services),
        0);
    assert_string_equal(file, "a.yaml");
    assert_int_equal(line, 9);
    assert_int_equal(end, 7);
    assert_string_equal(container, "a\"\\\xC3\xA4");
    assert_true(is_known);
    assert_string_equal(broken, "b\\x0a.yaml");
    assert_int_equal(denied, 1);
    assert_int_equal(services, 2);
    assert_int_equal(json_unpack(value, "{s:{s:{s:{s:{s:i}}}}}", "summary", "notEvaluated",
                                 "unknownKinds", "names", "\"X\\x0a", &unknown),
                     0);
    assert_int_equal(unknown, 1);
    json_decref(value);
    free(text);
    moor_report_release(&report);
}

/* --- formats and outputs ---------------------------------------------------------------------- */

static void formats__each__found_by_its_name_and_writes(void **state)
{
    struct moor_report report;
    (void)state;
    fill(&report);
    for (size_t i = 0; moor_report_formats_at(i) != NULL; i++) {
        const struct moor_report_format *format = moor_report_formats_at(i);
        assert_ptr_equal(
            moor_report_formats_find(moor_report_formats_at, moor_slice_from(format->name)),
            format);
        assert_true(strlen(format->description) > 0);
        char *text = written(format->name, &report);
        assert_true(strlen(text) > 0);
        assert_null(strchr(text, '\x1B'));
        free(text);
    }
    assert_null(moor_report_formats_find(moor_report_formats_at, MOOR_SLICE("tex")));
    moor_report_release(&report);
}

static const struct outputs_row {
    const char *name;
    const char *arguments[3];
    const char *expected; /* what the error begins with, or NULL */
} outputs_rows[] = {
    {"outputs__none__text", {NULL}, NULL},
    {"outputs__several__each_to_its_own", {"json", "sarif=a", "json=b"}, NULL},
    {"outputs__unknown__names_all", {"xml"}, "unknown format 'xml' in --output: use text, json, "},
    {"outputs__unknown_with_file__names_the_format",
     {"xml=a"},
     "unknown format 'xml' in --output: use text, json, "},
    {"outputs__empty_file__said", {"json="}, "no file after '=' in '--output json='"},
    {"outputs__twice_to_one_file__said",
     {"json=a", "tsv=a"},
     "two outputs to 'a': use a file for each"},
    {"outputs__twice_to_standard_output__said",
     {"json", "tsv"},
     "two outputs to standard output: use 'tsv=FILE'"},
};

static void outputs__row(void **state)
{
    const struct outputs_row *row = *state;
    struct moor_outputs outputs;
    struct moor_error err = {0};
    size_t count = 0;
    while (count < 3 && row->arguments[count] != NULL) {
        count++;
    }
    int status = moor_outputs_parse(&outputs, moor_report_formats_at, row->arguments, count, &err);
    assert_int_equal(status, row->expected != NULL ? -1 : 0);
    assert_true(row->expected == NULL || strstr(err.text, row->expected) == err.text);
    if (status == 0) {
        assert_int_equal(outputs.count, count > 0 ? count : 1);
        assert_string_equal(outputs.items[0].format->name, count > 0 ? "json" : "text");
    }
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(outputs_rows) + 9] = {
        cmocka_unit_test(count__known__apart_from_decisions),
        cmocka_unit_test(status__nothing_denied_or_known_alone__0),
        cmocka_unit_test(sort__from_the_first__by_line_column_and_path),
        cmocka_unit_test(tally__more_names_than_there_is_room_for__counted_in_the_sum),
        cmocka_unit_test(append__object_and_message),
        cmocka_unit_test(json__everything__as_jansson_writes_it),
        cmocka_unit_test(sarif__everything__as_jansson_writes_it),
        cmocka_unit_test(json__values__those_of_the_report),
        cmocka_unit_test(formats__each__found_by_its_name_and_writes),
    };
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(outputs_rows); i++) {
        tests[9 + i] = test_of_row(outputs_rows[i].name, outputs__row, &outputs_rows[i]);
    }
    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
