/* SPDX-License-Identifier: Apache-2.0 */
/* Folding, escaping, colours and excerpts of the terminal printer. */
#include "tests/unit/test.h"

#include "cmd/report/page.h"
#include "policy/base/array_size.h"

/* A page whose output is a text. */
struct printed {
    struct moor_page page;
    char *text;
    size_t len;
};

static void begin(struct printed *printed, unsigned columns, bool colour)
{
    const struct moor_page_style style = {.colour = colour, .columns = columns};
    FILE *out = open_memstream(&printed->text, &printed->len);
    assert_non_null(out);
    moor_page_init(&printed->page, out, &style);
}

static void end(struct printed *printed, const char *expected)
{
    assert_int_equal(fclose(printed->page.out), 0);
    moor_page_release(&printed->page);
    assert_string_equal(printed->text, expected);
    free(printed->text);
}

static const struct fold_row {
    const char *name;
    unsigned columns;
    unsigned column;
    unsigned indent;
    const char *text;
    const char *expected;
} fold_rows[] = {
    {"fold__no_width__one_line", 0, 0, 4, "one two three four", "one two three four\n"},
    {"fold__fits_exactly__one_line", 7, 0, 2, "one two", "one two\n"},
    {"fold__one_too_long__second_line_indented", 6, 0, 2, "one two", "one\n  two\n"},
    {"fold__cursor_in_the_line__counts", 10, 4, 2, "one two", "one\n  two\n"},
    {"fold__indent__counts_on_every_further_line", 8, 0, 4, "a bcd efg", "a bcd\n    efg\n"},
    {"fold__word_longer_than_the_width__not_cut", 4, 0, 0, "abcdefgh ij", "abcdefgh\nij\n"},
    {"fold__empty__line_end", 10, 0, 2, "", "\n"},
    {"fold__two_spaces__kept", 20, 0, 2, "a  b", "a  b\n"},
    {"fold__characters__not_bytes", 7, 0, 0, "\xC3\xA4\xC3\xB6\xC3\xBC \xC3\xA4\xC3\xB6\xC3\xBC",
     "\xC3\xA4\xC3\xB6\xC3\xBC \xC3\xA4\xC3\xB6\xC3\xBC\n"},
    {"fold__escaped__counts_as_it_is_shown", 8, 0, 0, "a\x1B bcd", "a\\x1b\nbcd\n"},
};

static void fold__row(void **state)
{
    const struct fold_row *row = *state;
    struct printed printed;
    begin(&printed, row->columns, false);
    moor_page_fold(&printed.page, moor_slice_from(row->text), row->column, row->indent);
    end(&printed, row->expected);
}

static void fold_scratch__indented_and_emptied(void **state)
{
    struct printed printed;
    (void)state;
    begin(&printed, 10, false);
    moor_buf_append_text(&printed.page.text, "abcd efgh");
    moor_page_fold_scratch(&printed.page, 3);
    assert_int_equal(printed.page.text.len, 0);
    end(&printed, "   abcd\n   efgh\n");
}

/* --- shades ----------------------------------------------------------------------------------- */

static void put__colour__only_where_the_style_has_it(void **state)
{
    struct printed printed;
    (void)state;
    begin(&printed, 0, true);
    moor_page_put(&printed.page, MOOR_SHADE_ERROR, MOOR_SLICE("a\n"));
    moor_page_put(&printed.page, MOOR_SHADE_NONE, MOOR_SLICE("b"));
    end(&printed, "\x1b[1;31ma\\x0a\x1b[0mb");
    begin(&printed, 0, false);
    moor_page_put(&printed.page, MOOR_SHADE_ERROR, MOOR_SLICE("a\n"));
    end(&printed, "a\\x0a");
}

static void cell__padded_without_shade(void **state)
{
    struct printed printed;
    (void)state;
    begin(&printed, 0, true);
    moor_page_cell(&printed.page, MOOR_SHADE_DIM, MOOR_SLICE("\xC3\xA4"), 3);
    moor_page_cell(&printed.page, MOOR_SHADE_NONE, MOOR_SLICE("long"), 3);
    end(&printed, "\x1b[2m\xC3\xA4\x1b[0m  long");
}

static void shade_of__worse_decision__another_shade(void **state)
{
    (void)state;
    assert_int_equal(moor_shade_of(MOOR_DECISION_ALLOW), MOOR_SHADE_GOOD);
    assert_int_equal(moor_shade_of(MOOR_DECISION_AUDIT), MOOR_SHADE_NOTE);
    assert_int_equal(moor_shade_of(MOOR_DECISION_WARN), MOOR_SHADE_WARNING);
    assert_int_equal(moor_shade_of(MOOR_DECISION_DENY), MOOR_SHADE_ERROR);
}

static void width_and_plural(void **state)
{
    (void)state;
    assert_int_equal(moor_page_width(MOOR_SLICE("")), 0);
    assert_int_equal(moor_page_width(MOOR_SLICE("\xE2\x82\xAC\t")), 5);
    assert_string_equal(moor_page_plural(0), "s");
    assert_string_equal(moor_page_plural(1), "");
    assert_string_equal(moor_page_plural(2), "s");
}

/* --- excerpts --------------------------------------------------------------------------------- */

static const struct excerpt_row {
    const char *name;
    unsigned columns;
    const char *line;
    struct moor_position position;
    const char *expected;
} excerpt_rows[] = {
    {"excerpt__short_line__marked",
     80,
     "image: a",
     {.line = 7, .column = 8, .width = 1},
     "    7 | image: a\n      |        ^\n"},
    {"excerpt__tab_and_hidden__a_column_each",
     80,
     "\t\x1B"
     "a: b",
     {.line = 1, .column = 6, .width = 1},
     "    1 |  ?a: b\n      |      ^\n"},
    {"excerpt__two_bytes__one_column",
     80,
     "\xC3\xA4: b",
     {.line = 1, .column = 4, .width = 1},
     "    1 | \xC3\xA4: b\n      |    ^\n"},
    {"excerpt__mark_beyond_the_line__ends_with_it",
     80,
     "a: b",
     {.line = 1, .column = 4, .width = 9},
     "    1 | a: b\n      |    ^\n"},
    {"excerpt__place_beyond_the_line__nothing",
     80,
     "a: b",
     {.line = 1, .column = 9, .width = 1},
     ""},
    {"excerpt__no_line__nothing", 80, "", {.line = 1, .column = 1, .width = 1}, ""},
    {"excerpt__workflow_command__broken",
     80,
     "##[error]",
     {.line = 1, .column = 1, .width = 2},
     "    1 | ##?error]\n      | ^^\n"},
    {"excerpt__long_line__part_with_the_place",
     50,
     "0123456789012345678901234567890123456789abcdef",
     {.line = 1, .column = 41, .width = 3},
     "    1 | 123456789012345678901234567890123456789abc\n"
     "      |                                        ^^^\n"},
    {"excerpt__place_wider_than_the_page__cut",
     50,
     "x: 34567890123456789012345678901234567890123456789",
     {.line = 1, .column = 4, .width = 47},
     "    1 | 345678901234567890123456789012345678901234\n"
     "      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"},
};

static void excerpt__row(void **state)
{
    const struct excerpt_row *row = *state;
    struct printed printed;
    begin(&printed, row->columns, false);
    moor_page_excerpt(&printed.page, moor_slice_from(row->line), &row->position, MOOR_SHADE_ERROR);
    end(&printed, row->expected);
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(fold_rows) + MOOR_ARRAY_SIZE(excerpt_rows) + 5] = {
        cmocka_unit_test(fold_scratch__indented_and_emptied),
        cmocka_unit_test(put__colour__only_where_the_style_has_it),
        cmocka_unit_test(cell__padded_without_shade),
        cmocka_unit_test(shade_of__worse_decision__another_shade),
        cmocka_unit_test(width_and_plural),
    };
    size_t count = 5;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(fold_rows); i++) {
        tests[count++] = test_of_row(fold_rows[i].name, fold__row, &fold_rows[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(excerpt_rows); i++) {
        tests[count++] = test_of_row(excerpt_rows[i].name, excerpt__row, &excerpt_rows[i]);
    }
    return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}
