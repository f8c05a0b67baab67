/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/check/baseline.h"
#include "policy/base/array_size.h"

#include <stdio.h>

/* Four findings: two that deny, one of them twice, and one that only audits. */
static void fill(struct moor_report *report)
{
    static const struct {
        const char *file;
        const char *image;
        enum moor_decision decision;
    } found[] = {
        {"b.yaml", "redis", MOOR_DECISION_WARN},
        {"a.yaml", "nginx", MOOR_DECISION_DENY},
        {"a.yaml", "nginx", MOOR_DECISION_DENY},
        {"a.yaml", "audited", MOOR_DECISION_AUDIT},
    };

    moor_report_init(report);
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(found); i++) {
        const struct moor_report_finding finding = {
            .file = moor_slice_from(found[i].file),
            .kind = MOOR_SLICE("Pod"),
            .namespace = MOOR_SLICE("shop"),
            .name = MOOR_SLICE("web"),
            .container = MOOR_SLICE("app"),
            .image = moor_slice_from(found[i].image),
            .class = "channel",
            .level = "rolling",
            .decision = found[i].decision,
        };
        moor_report_add(report, &finding);
    }
}

#define HEAD                                                                 \
    "# Known findings, which do not fail 'tagmoor check --baseline FILE'.\n" \
    "# file\tobject\tcontainer\timage\n"
#define NGINX "a.yaml\tPod shop/web\tapp\tnginx\n"
#define REDIS "b.yaml\tPod shop/web\tapp\tredis\n"

/* The folder of the test's baseline, which is the working directory. */
static struct moor_relative folder;

static void write__findings__sorted_and_without_audits(void **state)
{
    (void)state;
    struct moor_report report;
    char *text = NULL;
    size_t len = 0;
    size_t count = 0;
    fill(&report);
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    assert_int_equal(moor_baseline_write(out, &count, &report, &folder, NULL), 0);
    assert_int_equal(count, 3);
    assert_int_equal(fclose(out), 0);
    const char *second = strchr(strchr(text, '\n') + 1, '\n') + 1;
    assert_string_equal(second, NGINX NGINX REDIS);
    assert_true(moor_baseline_is_one((struct moor_slice){text, len}));
    free(text);
    moor_report_release(&report);
}

/* A baseline, the findings that it knows by number, and the lines of what is stale. */
struct row {
    const char *name;
    const char *text;
    const char *known;
    const char *stale;
};

static const struct row rows[] = {
    {"empty", "", "....", ""},
    {"all", HEAD NGINX NGINX REDIS, "kkk.", ""},
    {"one_of_two", NGINX, ".k..", ""},
    {"unsorted", REDIS NGINX NGINX, "kkk.", ""},
    {"carriage_returns", "b.yaml\tPod shop/web\tapp\tredis\r\n", "k...", ""},
    {"without_its_last_end", "b.yaml\tPod shop/web\tapp\tredis", "k...", ""},
    {"three_where_two_are", NGINX NGINX NGINX, ".kk.", "3 "},
    {"stale_by_line", "z\tPod a\tb\tc\n" NGINX "a\tPod a\tb\tc\n", ".k..", "1 3 "},
    {"other_spellings",
     "./a.yaml\tPod shop/web\tapp\tnginx\nx/..//b.yaml\tPod shop/web\tapp\tredis\n", "kk..", ""},
    {"another_spelling_of_a_read_file", "./z\tPod a\tb\tc\n", "....", "1 "},
    {"file_that_was_not_read", "c.yaml\tPod a\tb\tc\n../a\tPod a\tb\tc\n", "....", ""},
    {"standard_input_that_was_not_read", "-\tPod a\tb\tc\n", "....", ""},
    {"audited_is_never_known", "a.yaml\tPod shop/web\tapp\taudited\n", "....", "1 "},
};

static const struct moor_baseline baseline = {.path = "known.tsv", .folder = &folder};

static void apply__row__known_and_stale(void **state)
{
    const struct row *row = *state;
    struct moor_report report;
    char known[8] = "";
    struct moor_buf stale;
    moor_buf_init(&stale, 256);
    fill(&report);
    report.lists_read = true;
    moor_report_add_read(&report, MOOR_SLICE("a"));
    moor_report_add_read(&report, MOOR_SLICE("sub/../z"));
    assert_int_equal(moor_baseline_apply(&report, &baseline, moor_slice_from(row->text), NULL), 0);
    for (size_t i = 0; i < report.finding_count; i++) {
        known[i] = report.findings[i].is_known ? 'k' : '.';
    }
    for (size_t i = 0; i < report.stale_count; i++) {
        moor_buf_printf(&stale, "%u ", report.stale[i].line);
    }
    assert_string_equal(known, row->known);
    assert_slice_equal(moor_buf_slice(&stale), row->stale);
    moor_buf_release(&stale);
    moor_report_release(&report);
}

static void apply__another_file__line_and_reason(void **state)
{
    (void)state;
    struct moor_report report;
    struct moor_error err = {0};
    fill(&report);
    struct moor_slice text = MOOR_SLICE("# a comment\n\napiVersion: v1\n");
    assert_int_equal(moor_baseline_apply(&report, &baseline, text, &err), -1);
    assert_true(moor_slice_starts_with(moor_slice_from(err.text), MOOR_SLICE("line 3 ")));
    assert_false(moor_baseline_is_one(text));
    assert_true(moor_baseline_is_one(MOOR_SLICE("")));
    moor_report_release(&report);
}

int main(void)
{
    enum {
        ROWS = MOOR_ARRAY_SIZE(rows)
    };
    struct CMUnitTest tests[ROWS + 2];
    for (size_t i = 0; i < ROWS; i++) {
        tests[i] = test_of_row(rows[i].name, apply__row__known_and_stale, &rows[i]);
    }
    tests[ROWS] = (struct CMUnitTest)cmocka_unit_test(write__findings__sorted_and_without_audits);
    tests[ROWS + 1] = (struct CMUnitTest)cmocka_unit_test(apply__another_file__line_and_reason);
    if (moor_relative_init(&folder, "known.tsv", NULL) != 0) {
        return 1;
    }
    int failed = cmocka_run_group_tests_name("baseline", tests, NULL, NULL);
    moor_relative_release(&folder);
    return failed;
}
