/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded page of classes and faults: its sections, and their plain text. */
#include "tests/unit/test.h"

#include "cmd/report/reasons.h"
#include "policy/base/array_size.h"
#include "policy/image/class.h"

static void find__every_class__a_section_of_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOR_CLASS_COUNT; i++) {
        struct moor_slice section = moor_reason_find(moor_class_name((enum moor_class)i));
        assert_true(section.len > 0);
        assert_null(memmem(section.ptr, section.len, "\n#", 2));
        assert_true(section.ptr[0] != '\n' && section.ptr[section.len - 1] != '\n');
    }
}

static void find__first_last_and_none(void **state)
{
    (void)state;
    assert_true(moor_slice_starts_with(moor_reason_find("digest"), MOOR_SLICE("Level `digest`.")));
    assert_true(moor_slice_starts_with(moor_reason_find("too-costly"), MOOR_SLICE("Matching")));
    assert_int_equal(moor_reason_find("Faults of an object").len, 0);
    assert_int_equal(moor_reason_find("dig").len, 0);
    assert_int_equal(moor_reason_find("").len, 0);
}

static const struct plain_row {
    const char *name;
    const char *markdown;
    const char *expected;
} plain_rows[] = {
    {"plain__empty__empty", "", ""},
    {"plain__code__without_its_marks", "a `b` c", "a b c"},
    {"plain__wrapped_line__a_blank", "a\nb", "a b"},
    {"plain__paragraph__stays", "a\n\nb", "a\n\nb"},
    {"plain__items__a_line_each", "a:\n\n* b\n  c\n* d", "a:\n\n* b c\n* d"},
    {"plain__blanks_in_a_line__stay", "a  b", "a  b"},
};

static void plain__row(void **state)
{
    const struct plain_row *row = *state;
    struct moor_buf out;
    moor_buf_init(&out, 1000);
    moor_reason_append_plain(&out, moor_slice_from(row->markdown));
    assert_slice_equal(moor_buf_slice(&out), row->expected);
    moor_buf_release(&out);
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(plain_rows) + 2] = {
        cmocka_unit_test(find__every_class__a_section_of_its_own),
        cmocka_unit_test(find__first_last_and_none),
    };
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(plain_rows); i++) {
        tests[2 + i] = test_of_row(plain_rows[i].name, plain__row, &plain_rows[i]);
    }
    return cmocka_run_group_tests_name("reasons", tests, NULL, NULL);
}
