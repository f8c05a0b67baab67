/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/base/escape.h"

/* A row is a text, a limit and what comes out. */

struct escape_row {
    const char *name;
    struct moor_slice text;
    size_t max_bytes;
    const char *expected;
};

static const struct escape_row escape_rows[] = {
    {"plain", {"nginx:1.2.3", 11}, 256, "nginx:1.2.3"},
    {"empty", {"", 0}, 256, ""},
    {"no_text_at_all", {NULL, 0}, 256, ""},
    {"nul_byte", {"a\0b", 3}, 256, "a\\x00b"},
    {"line_end", {"a\nb\r", 4}, 256, "a\\x0ab\\x0d"},
    {"escape_sequence", {"\x1b[31m", 5}, 256, "\\x1b[31m"},
    {"delete", {"\x7f", 1}, 256, "\\x7f"},
    {"c1_control", {"\xc2\x85", 2}, 256, "\\xc2\\x85"},
    {"no_break_space_is_kept", {"\xc2\xa0", 2}, 256, "\xc2\xa0"},
    {"right_to_left_override",
     {"a\xe2\x80\xae"
      "b\xe2\x80\xac",
      8},
     256,
     "a\\xe2\\x80\\xaeb\\xe2\\x80\\xac"},
    {"line_separator", {"\xe2\x80\xa8", 3}, 256, "\\xe2\\x80\\xa8"},
    // NOLINTNEXTLINE(misc-misleading-bidirectional): what the row is about
    {"isolate", {"\xe2\x81\xa6", 3}, 256, "\\xe2\\x81\\xa6"},
    {"arabic_letter_mark", {"\xd8\x9c", 2}, 256, "\\xd8\\x9c"},
    {"soft_hyphen", {"\xc2\xad", 2}, 256, "\\xc2\\xad"},
    {"zero_width_space", {"a\xe2\x80\x8b", 4}, 256, "a\\xe2\\x80\\x8b"},
    {"byte_order_mark", {"\xef\xbb\xbf", 3}, 256, "\\xef\\xbb\\xbf"},
    {"private_use", {"\xee\x80\x80", 3}, 256, "\\xee\\x80\\x80"},
    {"no_character", {"\xef\xbf\xbf", 3}, 256, "\\xef\\xbf\\xbf"},
    {"tag_character", {"\xf3\xa0\x81\x81", 4}, 256, "\\xf3\\xa0\\x81\\x81"},
    {"last_of_all", {"\xf4\x8f\xbf\xbf", 4}, 256, "\\xf4\\x8f\\xbf\\xbf"},
    {"letter_above_ffff_is_kept", {"\xf0\x90\x80\x80", 4}, 256, "\xf0\x90\x80\x80"},
    {"command_of_a_workflow", {"::error::x", 10}, 256, "\\x3a:error::x"},
    {"command_after_blanks", {"a \xe3\x80\x80::x", 8}, 256, "a \xe3\x80\x80\\x3a:x"},
    {"older_command_of_a_workflow", {"x##[error]", 10}, 256, "x##\\x5berror]"},
    {"colon_alone", {":", 1}, 256, "\\x3a"},
    {"colon_before_a_tag", {":latest", 7}, 256, ":latest"},
    {"colons_in_an_address", {"[::1]:5000/a", 12}, 256, "[::1]:5000/a"},
    {"brackets_and_signs", {"a#[0] ## [", 10}, 256, "a#[0] ## ["},
    {"escaped_already", {"\\x3a:x \\xe2 ##\\x5bx", 19}, 256, "\\x3a:x \\xe2 ##\\x5bx"},
    {"letters_beyond_ascii",
     {"gr\xc3\xb6\xc3\x9f"
      "e",
      7},
     256,
     "gr\xc3\xb6\xc3\x9f"
     "e"},
    {"invalid_utf8",
     {"a\xff"
      "b",
      3},
     256,
     "a\\xffb"},
    {"cut_off_sequence", {"a\xe2\x80", 3}, 256, "a\\xe2\\x80"},
    {"overlong", {"\xc0\xaf", 2}, 256, "\\xc0\\xaf"},
    {"exactly_the_limit", {"0123456789", 10}, 10, "0123456789"},
    {"one_over_the_limit", {"0123456789a", 11}, 10, "012...789a"},
    {"end_stays_readable", {"registry.example.com/app:latest", 31}, 16, "regist...:latest"},
    {"cut_not_inside_a_character",
     {"\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6", 12},
     10,
     "\xc3\xb6...\xc3\xb6\xc3\xb6"},
};

static void append_escaped__row__as_expected(void **state)
{
    const struct escape_row *row = *state;
    struct moor_buf out;
    moor_buf_init(&out, 4096);
    moor_escape_append(&out, row->text, row->max_bytes);
    assert_slice_equal(moor_buf_slice(&out), row->expected);
    moor_buf_clear(&out);
    moor_buf_append_text(&out, "of the value before");
    assert_slice_equal(moor_escaped(&out, row->text, row->max_bytes), row->expected);
    moor_buf_release(&out);
}

int main(void)
{
    enum {
        ROWS = MOOR_ARRAY_SIZE(escape_rows)
    };

    static char names[ROWS][96];
    struct CMUnitTest tests[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        (void)snprintf(names[i], sizeof names[i], "append_escaped__%s__as_expected",
                       escape_rows[i].name);
        tests[i] = test_of_row(names[i], append_escaped__row__as_expected, &escape_rows[i]);
    }
    return cmocka_run_group_tests_name("escape", tests, NULL, NULL);
}
