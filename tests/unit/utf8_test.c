/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/base/utf8.h"

#include <stdlib.h>

struct row {
    const char *name;
    const char *bytes;
    size_t len;
    size_t expected;
};

static const struct row rows[] = {
    /* clang-format off */
    {"length__nul__1", "\0", 1, 1},
    {"length__ascii__1", "a", 1, 1},
    {"length__7f__1", "\x7F", 1, 1},
    {"length__continuation_alone__0", "\x80\x80", 2, 0},
    {"length__last_continuation_alone__0", "\xBF", 1, 0},
    {"length__overlong_c0__0", "\xC0\x80", 2, 0},
    {"length__overlong_c1__0", "\xC1\xBF", 2, 0},
    {"length__first_of_two__2", "\xC2\x80", 2, 2},
    {"length__last_of_two__2", "\xDF\xBF", 2, 2},
    {"length__two_cut_off__0", "\xC2", 1, 0},
    {"length__two_without_continuation__0", "\xC2\x20", 2, 0},
    {"length__two_with_lead__0", "\xC2\xC2", 2, 0},
    {"length__overlong_three__0", "\xE0\x9F\xBF", 3, 0},
    {"length__first_of_three__3", "\xE0\xA0\x80", 3, 3},
    {"length__last_before_surrogates__3", "\xED\x9F\xBF", 3, 3},
    {"length__first_surrogate__0", "\xED\xA0\x80", 3, 0},
    {"length__last_surrogate__0", "\xED\xBF\xBF", 3, 0},
    {"length__first_after_surrogates__3", "\xEE\x80\x80", 3, 3},
    {"length__last_of_three__3", "\xEF\xBF\xBF", 3, 3},
    {"length__three_cut_off_at_2__0", "\xE2\x82", 2, 0},
    {"length__three_cut_off_at_1__0", "\xE2", 1, 0},
    {"length__three_broken_third__0", "\xE2\x82\x41", 3, 0},
    {"length__overlong_four__0", "\xF0\x8F\xBF\xBF", 4, 0},
    {"length__first_of_four__4", "\xF0\x90\x80\x80", 4, 4},
    {"length__last_of_all__4", "\xF4\x8F\xBF\xBF", 4, 4},
    {"length__over_10ffff__0", "\xF4\x90\x80\x80", 4, 0},
    {"length__four_cut_off_at_3__0", "\xF0\x9F\x98", 3, 0},
    {"length__four_broken_fourth__0", "\xF0\x9F\x98\x22", 4, 0},
    {"length__f5__0", "\xF5\x80\x80\x80", 4, 0},
    {"length__five_bytes__0", "\xF8\x88\x80\x80\x80", 5, 0},
    {"length__ff__0", "\xFF", 1, 0},
    /* clang-format on */
};

/* The ends of some runs in Unicode 14.0.0; tests/unicode asks of all code points. */
static void is_hidden__ends_of_runs__as_unicode_has_them(void **state)
{
    static const struct {
        uint32_t first;
        uint32_t last;
        bool is_hidden;
    } runs[] = {
        {0x0, 0x1F, true},         {0x20, 0x7E, false},       {0x7F, 0x9F, true},
        {0xA0, 0xAC, false},       {0xAD, 0xAD, true},        {0xAE, 0x377, false},
        {0x200B, 0x200F, true},    {0x2010, 0x2027, false},   {0x2028, 0x202E, true},
        {0xAC00, 0xD7A3, false},   {0xE000, 0xF8FF, true},    {0xF900, 0xFA6D, false},
        {0xFFFC, 0xFFFD, false},   {0xFFFE, 0xFFFF, true},    {0x10000, 0x1000B, false},
        {0x1FFFE, 0x1FFFF, true},  {0x20000, 0x2A6DF, false}, {0x2FFFE, 0x2FFFF, true},
        {0x30000, 0x3134A, false}, {0x3134B, 0xE00FF, true},  {0xE0100, 0xE01EF, false},
        {0xE01F0, 0x10FFFF, true},
    };

    (void)state;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(runs); i++) {
        for (uint32_t point = runs[i].first; point <= runs[i].last; point++) {
            assert_int_equal(moor_utf8_is_hidden(point), runs[i].is_hidden);
        }
    }
}

static void length__row(void **state)
{
    const struct row *row = *state;
    char *bytes = malloc(row->len);
    assert_non_null(bytes);
    memcpy(bytes, row->bytes, row->len);
    assert_int_equal(moor_utf8_length(bytes, bytes + row->len), row->expected);
    free(bytes);
}

/* RFC 3629 by arithmetic: decode, then ask whether the shortest form was used. */
static size_t expected_length(const unsigned char *bytes)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned first = bytes[0];
    size_t length = first < 0x80 ? 1 : first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (length <= 1 || first >= 0xF8) {
        return length == 1 ? 1 : 0;
    }
    uint32_t code = first & (0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0U) != 0x80U) {
            return 0;
        }
        code = code << 6 | (bytes[i] & 0x3FU);
    }
    bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code < least[length] || code > 0x10FFFF || is_surrogate ? 0 : length;
}

static void length__all_first_three_bytes__as_by_arithmetic(void **state)
{
    (void)state;
    unsigned char bytes[4];
    for (uint32_t i = 0; i < 1U << 24; i++) {
        bytes[0] = (unsigned char)(i >> 16);
        bytes[1] = (unsigned char)(i >> 8);
        bytes[2] = (unsigned char)i;
        bytes[3] = (unsigned char)(i * 37 % 251);
        if (moor_utf8_length((const char *)bytes, (const char *)bytes + 4) !=
            expected_length(bytes)) {
            print_error("%02x %02x %02x %02x\n", bytes[0], bytes[1], bytes[2], bytes[3]);
            fail();
        }
    }
}

static void count__characters_and_stray_bytes__one_each(void **state)
{
    (void)state;
    assert_int_equal(moor_utf8_count((struct moor_slice){0}), 0);
    assert_int_equal(moor_utf8_count(MOOR_SLICE("abc")), 3);
    assert_int_equal(moor_utf8_count(MOOR_SLICE("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80")), 3);
    assert_int_equal(moor_utf8_count(MOOR_SLICE("a\xFF")), 2);
}

#define ROWS MOOR_ARRAY_SIZE(rows)

int main(void)
{
    struct CMUnitTest tests[ROWS + 3];
    for (size_t i = 0; i < ROWS; i++) {
        tests[i] = test_of_row(rows[i].name, length__row, &rows[i]);
    }
    tests[ROWS] =
        (struct CMUnitTest)cmocka_unit_test(length__all_first_three_bytes__as_by_arithmetic);
    tests[ROWS + 1] =
        (struct CMUnitTest)cmocka_unit_test(is_hidden__ends_of_runs__as_unicode_has_them);
    tests[ROWS + 2] =
        (struct CMUnitTest)cmocka_unit_test(count__characters_and_stray_bytes__one_each);
    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
