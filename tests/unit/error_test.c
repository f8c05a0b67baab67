/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/error.h"

static void set__null__minus_one(void **state)
{
    (void)state;
    assert_int_equal(moor_error_set(NULL, MOOR_ERROR_VALUE, "x"), -1);
}

static void set__first__kept_with_code(void **state)
{
    (void)state;
    struct moor_error err = {.line = 3, .column = 4, .offset = 5};
    assert_int_equal(moor_error_set(&err, MOOR_ERROR_LIMIT, "over %d '%s'", 7, "x"), -1);
    assert_int_equal(err.code, MOOR_ERROR_LIMIT);
    assert_string_equal(err.text, "over 7 'x'");
    assert_int_equal(err.line, 3);
    assert_int_equal(err.column, 4);
    assert_int_equal(err.offset, 5);
}

static void set__second__first_wins(void **state)
{
    (void)state;
    struct moor_error err = {0};
    (void)moor_error_set(&err, MOOR_ERROR_SYNTAX, "first");
    (void)moor_error_set(&err, MOOR_ERROR_SYSTEM, "second");
    assert_int_equal(err.code, MOOR_ERROR_SYNTAX);
    assert_string_equal(err.text, "first");
}

static void assert_cut(const char *character, size_t before)
{
    size_t width = strlen(character);
    char text[400] = "";
    memset(text, 'x', before);
    for (size_t i = 0; before + i < sizeof text - width; i++) {
        text[before + i] = character[i % width];
    }
    struct moor_error err = {0};
    (void)moor_error_set(&err, MOOR_ERROR_VALUE, "%s", text);
    size_t len = strlen(err.text);
    assert_int_equal(len, before + (255 - before) / width * width);
    assert_memory_equal(err.text, text, len);
}

/* Characters of each length at each place around the end of the field. */
static void set__long_text__cut_between_characters(void **state)
{
    (void)state;
    for (size_t before = 0; before < 8; before++) {
        assert_cut("a", before);
        assert_cut("\xC3\xA9", before);
        assert_cut("\xE2\x82\xAC", before);
        assert_cut("\xF0\x9F\x98\x80", before);
    }
}

static void set__exactly_255_bytes__whole(void **state)
{
    (void)state;
    char text[256];
    memset(text, 'x', 253);
    memcpy(text + 253, "\xC3\xA9", 3);
    struct moor_error err = {0};
    (void)moor_error_set(&err, MOOR_ERROR_VALUE, "%s", text);
    assert_string_equal(err.text, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set__null__minus_one),
        cmocka_unit_test(set__first__kept_with_code),
        cmocka_unit_test(set__second__first_wins),
        cmocka_unit_test(set__long_text__cut_between_characters),
        cmocka_unit_test(set__exactly_255_bytes__whole),
    };
    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
