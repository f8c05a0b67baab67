/* SPDX-License-Identifier: Apache-2.0 */
/* Fingerprints of findings: independent of lines, and different for each finding of a report. */
#include "tests/unit/test.h"

#include "cmd/report/fingerprint.h"

static void add(struct moor_report *report, const char *name, const char *container, uint32_t line)
{
    const struct moor_report_finding finding = {
        .file = MOOR_SLICE("a.yaml"),
        .position = {.line = line, .column = 5, .width = 2},
        .kind = MOOR_SLICE("Pod"),
        .namespace = MOOR_SLICE("shop"),
        .name = moor_slice_from(name),
        .path = MOOR_SLICE("spec.containers[0]"),
        .container = moor_slice_from(container),
        .image = MOOR_SLICE("nginx"),
        .class = "untagged",
        .level = "rolling",
        .decision = MOOR_DECISION_DENY,
    };

    moor_report_add(report, &finding);
}

static void fingerprints__of_equal_findings__differ_and_keep_their_order(void **state)
{
    struct moor_report report;
    (void)state;
    moor_report_init(&report);
    add(&report, "web", "main", 4);
    add(&report, "web", "main", 9);
    add(&report, "web", "side", 9);
    add(&report, "web", "main", 12);
    struct moor_fingerprint *all = moor_fingerprints_of(&report);
    assert_non_null(all);
    for (size_t i = 0; i < report.finding_count; i++) {
        assert_int_equal(strlen(all[i].text), 32);
        assert_int_equal(strspn(all[i].text, "0123456789abcdef"), 32);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(all[i].text, all[j].text);
        }
    }
    /* The lines move, and a finding of another object comes first. */
    struct moor_report moved;
    moor_report_init(&moved);
    add(&moved, "api", "main", 2);
    add(&moved, "web", "main", 14);
    add(&moved, "web", "main", 19);
    struct moor_fingerprint *again = moor_fingerprints_of(&moved);
    assert_non_null(again);
    assert_string_equal(again[1].text, all[0].text);
    assert_string_equal(again[2].text, all[1].text);
    free(again);
    free(all);
    moor_report_release(&moved);
    moor_report_release(&report);
}

static void fingerprints__of_no_finding__empty(void **state)
{
    struct moor_report report;
    (void)state;
    moor_report_init(&report);
    struct moor_fingerprint *all = moor_fingerprints_of(&report);
    assert_non_null(all);
    free(all);
    moor_report_release(&report);
}

static void error__by_file_and_number__not_by_line(void **state)
{
    const struct moor_report_input_error first = {MOOR_SLICE("a.yaml"), 1, 2, MOOR_SLICE("x")};
    const struct moor_report_input_error moved = {MOOR_SLICE("a.yaml"), 8, 2, MOOR_SLICE("y")};
    const struct moor_report_input_error other = {MOOR_SLICE("b.yaml"), 1, 2, MOOR_SLICE("x")};
    struct moor_fingerprint one;
    struct moor_fingerprint two;
    (void)state;
    moor_fingerprint_of_error(&one, &first, 0);
    moor_fingerprint_of_error(&two, &moved, 0);
    assert_string_equal(one.text, two.text);
    moor_fingerprint_of_error(&two, &moved, 1);
    assert_string_not_equal(one.text, two.text);
    moor_fingerprint_of_error(&two, &other, 0);
    assert_string_not_equal(one.text, two.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fingerprints__of_equal_findings__differ_and_keep_their_order),
        cmocka_unit_test(fingerprints__of_no_finding__empty),
        cmocka_unit_test(error__by_file_and_number__not_by_line),
    };
    return cmocka_run_group_tests_name("fingerprint", tests, NULL, NULL);
}
