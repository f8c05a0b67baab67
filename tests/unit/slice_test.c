/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

static const struct moor_slice none = {NULL, 0};

static void equal__null_and_empty__equal(void **state)
{
    (void)state;
    assert_true(moor_slice_equal(none, none));
    assert_true(moor_slice_equal(none, MOOR_SLICE("")));
    assert_true(moor_slice_is(none, ""));
    assert_true(moor_slice_is(none, NULL));
    assert_false(moor_slice_equal(none, MOOR_SLICE("a")));
}

static void equal__nul_inside__counts(void **state)
{
    (void)state;
    assert_true(moor_slice_equal(MOOR_SLICE("a\0b"), MOOR_SLICE("a\0b")));
    assert_false(moor_slice_equal(MOOR_SLICE("a\0b"), MOOR_SLICE("a\0c")));
    assert_false(moor_slice_is(MOOR_SLICE("a\0b"), "a"));
}

static void starts_with__prefixes__told_apart(void **state)
{
    (void)state;
    assert_true(moor_slice_starts_with(MOOR_SLICE("abc"), MOOR_SLICE("ab")));
    assert_true(moor_slice_starts_with(MOOR_SLICE("abc"), MOOR_SLICE("abc")));
    assert_true(moor_slice_starts_with(MOOR_SLICE("abc"), none));
    assert_true(moor_slice_starts_with(none, none));
    assert_false(moor_slice_starts_with(MOOR_SLICE("ab"), MOOR_SLICE("abc")));
    assert_false(moor_slice_starts_with(none, MOOR_SLICE("a")));
    assert_false(moor_slice_starts_with(MOOR_SLICE("abc"), MOOR_SLICE("b")));
}

static void sub__any_bounds__clamped(void **state)
{
    (void)state;
    struct moor_slice text = MOOR_SLICE("abcdef");
    assert_slice_equal(moor_slice_sub(text, 1, 3), "bc");
    assert_slice_equal(moor_slice_sub(text, 0, SIZE_MAX), "abcdef");
    assert_slice_equal(moor_slice_sub(text, 4, 99), "ef");
    assert_slice_equal(moor_slice_sub(text, 3, 3), "");
    assert_slice_equal(moor_slice_sub(text, 4, 2), "");
    assert_slice_equal(moor_slice_sub(text, SIZE_MAX, SIZE_MAX), "");
}

static void sub__empty_slice__empty(void **state)
{
    (void)state;
    assert_slice_equal(moor_slice_sub(none, 0, 9), "");
    assert_slice_equal(moor_slice_sub(none, 3, 9), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal__null_and_empty__equal),
        cmocka_unit_test(equal__nul_inside__counts),
        cmocka_unit_test(starts_with__prefixes__told_apart),
        cmocka_unit_test(sub__any_bounds__clamped),
        cmocka_unit_test(sub__empty_slice__empty),
    };
    return cmocka_run_group_tests_name("slice", tests, NULL, NULL);
}
