/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/buf.h"

static void append__within_maximum__kept(void **state)
{
    (void)state;
    struct moor_buf buf;
    moor_buf_init(&buf, 1000);
    for (int i = 0; i < 100; i++) {
        moor_buf_append(&buf, MOOR_SLICE("0123456789"));
    }
    assert_int_equal(buf.len, 1000);
    assert_int_equal(moor_buf_check(&buf, NULL), 0);
    moor_buf_release(&buf);
}

static void append__past_maximum__refused_and_sticky(void **state)
{
    (void)state;
    struct moor_buf buf;
    moor_buf_init(&buf, 10);
    moor_buf_append_text(&buf, "12345678");
    moor_buf_append_text(&buf, "abc");
    moor_buf_append_byte(&buf, 'x');
    assert_slice_equal(moor_buf_slice(&buf), "12345678");
    struct moor_error err = {0};
    assert_int_equal(moor_buf_check(&buf, &err), -1);
    assert_int_equal(err.code, MOOR_ERROR_MEMORY);
    moor_buf_clear(&buf);
    moor_buf_append_text(&buf, "1234567890");
    assert_int_equal(moor_buf_check(&buf, NULL), 0);
    moor_buf_release(&buf);
}

static void printf__fits_without_its_terminator__kept(void **state)
{
    (void)state;
    struct moor_buf buf;
    moor_buf_init(&buf, 16);
    moor_buf_printf(&buf, "%s-%d", "tag", 42);
    assert_slice_equal(moor_buf_slice(&buf), "tag-42");
    moor_buf_truncate(&buf, 3);
    moor_buf_truncate(&buf, 9);
    assert_slice_equal(moor_buf_slice(&buf), "tag");
    moor_buf_release(&buf);
}

static void printf__exactly_the_maximum__kept(void **state)
{
    (void)state;
    struct moor_buf buf;
    moor_buf_init(&buf, 6);
    moor_buf_printf(&buf, "%s", "");
    moor_buf_printf(&buf, "%s-%d", "tag", 42);
    assert_int_equal(moor_buf_check(&buf, NULL), 0);
    assert_slice_equal(moor_buf_slice(&buf), "tag-42");
    moor_buf_printf(&buf, "%d", 1);
    assert_int_equal(moor_buf_check(&buf, NULL), -1);
    assert_slice_equal(moor_buf_slice(&buf), "tag-42");
    moor_buf_release(&buf);
}

static void printf__more_than_the_room_there_is__grown_and_kept(void **state)
{
    (void)state;
    struct moor_buf buf;
    moor_buf_init(&buf, 1000);
    for (int i = 0; i < 100; i++) {
        moor_buf_printf(&buf, "%d-%s", 1000 + i, "words");
    }
    assert_int_equal(buf.len, 1000);
    for (size_t i = 0; i < 100; i++) {
        char each[11] = "1000-words";
        each[2] = (char)('0' + i / 10);
        each[3] = (char)('0' + i % 10);
        assert_memory_equal(buf.ptr + i * 10, each, 10);
    }
    moor_buf_release(&buf);
}

static void append_u64__ends_of_its_range__in_decimal(void **state)
{
    (void)state;
    struct moor_buf buf;
    moor_buf_init(&buf, 64);
    moor_buf_append_u64(&buf, 0);
    moor_buf_append_byte(&buf, ' ');
    moor_buf_append_u64(&buf, 907);
    moor_buf_append_byte(&buf, ' ');
    moor_buf_append_u64(&buf, UINT64_MAX);
    assert_slice_equal(moor_buf_slice(&buf), "0 907 18446744073709551615");
    moor_buf_release(&buf);
}

static void append__to_no_room__refused(void **state)
{
    (void)state;
    struct moor_buf buf;
    moor_buf_init(&buf, 0);
    moor_buf_append(&buf, (struct moor_slice){NULL, 0});
    moor_buf_printf(&buf, "%s", "");
    assert_int_equal(moor_buf_check(&buf, NULL), 0);
    moor_buf_append_byte(&buf, 'x');
    assert_int_equal(moor_buf_check(&buf, NULL), -1);
    moor_buf_release(&buf);
}

static void append__without_end__refused_before_the_size_wraps(void **state)
{
    (void)state;
    struct moor_buf buf;
    moor_buf_init(&buf, SIZE_MAX);
    moor_buf_append_text(&buf, "abc");
    for (size_t less = 3; less < 40; less++) {
        moor_buf_append(&buf, (struct moor_slice){"x", SIZE_MAX - less});
        assert_int_equal(moor_buf_check(&buf, NULL), -1);
        assert_true(moor_slice_is(moor_buf_slice(&buf), "abc"));
        buf.failed = false;
    }
    moor_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(append__within_maximum__kept),
        cmocka_unit_test(append__past_maximum__refused_and_sticky),
        cmocka_unit_test(printf__fits_without_its_terminator__kept),
        cmocka_unit_test(printf__exactly_the_maximum__kept),
        cmocka_unit_test(printf__more_than_the_room_there_is__grown_and_kept),
        cmocka_unit_test(append_u64__ends_of_its_range__in_decimal),
        cmocka_unit_test(append__to_no_room__refused),
        cmocka_unit_test(append__without_end__refused_before_the_size_wraps),
    };
    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
