/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/file/label.h"

#define TEXT_63 "a23456789012345678901234567890123456789012345678901234567890123"

struct row {
    const char *name;
    const char *text;
    bool is_dns;
    bool is_text;
    bool is_key;
};

static const struct row rows[] = {
    {"label__empty__none", "", false, false, false},
    {"label__lower_case__all", "prod-1", true, true, true},
    {"label__upper_case__no_dns_label", "Prod", false, true, true},
    {"label__dots_and_underscores__no_dns_label", "a.b_c", false, true, true},
    {"label__dash_first__none", "-a", false, false, false},
    {"label__dash_last__none", "a-", false, false, false},
    {"label__blank__none", "a b", false, false, false},
    {"label__63_bytes__all", TEXT_63, true, true, true},
    {"label__64_bytes__none", TEXT_63 "4", false, false, false},
    {"label__prefix__only_a_key", "example.com/tier", false, false, true},
    {"label__upper_case_prefix__none", "Example.com/tier", false, false, false},
    {"label__empty_prefix__none", "/tier", false, false, false},
    {"label__nothing_after_prefix__none", "example.com/", false, false, false},
    {"label__two_slashes__none", "example.com/a/b", false, false, false},
    {"label__two_dots_in_prefix__none", "a..b/c", false, false, false},
    {"label__dot_at_the_end_of_prefix__none", "a./c", false, false, false},
    {"label__dash_in_part_of_prefix__none", "a.-b/c", false, false, false},
};

static void label__row(void **state)
{
    const struct row *row = *state;
    struct moor_slice text = moor_slice_from(row->text);
    assert_int_equal(moor_label_is_dns(text), row->is_dns);
    assert_int_equal(moor_label_is_text(text), row->is_text);
    assert_int_equal(moor_label_is_key(text), row->is_key);
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(rows)];
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        tests[i] = test_of_row(rows[i].name, label__row, &rows[i]);
    }
    return cmocka_run_group_tests_name("label", tests, NULL, NULL);
}
