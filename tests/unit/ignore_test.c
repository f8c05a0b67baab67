/* SPDX-License-Identifier: Apache-2.0 */
/* The documented cases of gitignore(5), and those of wildmatch; golden/ignore_git_test.py compares
 * with git. */
#include "tests/unit/test.h"

#include "cmd/input/ignore.h"
#include "cmd/input/ignore_glob.h"
#include "policy/base/array_size.h"

/* --- globs ------------------------------------------------------------------------------------ */

struct glob_row {
    const char *name;
    const char *glob;
    const char *path;
    bool matches;
};

static const struct glob_row glob_rows[] = {
    /* clang-format off */
    {"glob__literal__itself", "foo", "foo", true},
    {"glob__literal__not_longer", "foo", "fooo", false},
    {"glob__literal__not_shorter", "foo", "fo", false},
    {"glob__question_mark__one_character", "f?o", "foo", true},
    {"glob__question_mark__no_slash", "f?o", "f/o", false},
    {"glob__star__any_run", "*.yaml", "a.yaml", true},
    {"glob__star__empty_run", "foo*", "foo", true},
    {"glob__star__leading_dot", "*", ".a", true},
    {"glob__star__no_slash", "foo/*", "foo/a/b", false},
    {"glob__stars__last_one_goes_back", "*a*b", "aabab", true},
    {"glob__stars__no_match", "*a*b", "aabac", false},
    {"glob__stars__many", "a*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
    {"glob__deep_in_front__no_segment", "**/foo", "foo", true},
    {"glob__deep_in_front__segments", "**/foo", "a/b/foo", true},
    {"glob__deep_in_front__whole_segments", "**/foo", "a/bfoo", false},
    {"glob__deep_in_front__of_a_path", "**/foo/bar", "a/foo/bar", true},
    {"glob__deep_at_the_end__everything_inside", "abc/**", "abc/a/b", true},
    {"glob__deep_at_the_end__not_itself", "abc/**", "abc", false},
    {"glob__deep_inside__no_segment", "a/**/b", "a/b", true},
    {"glob__deep_inside__one_segment", "a/**/b", "a/x/b", true},
    {"glob__deep_inside__segments", "a/**/b", "a/x/y/b", true},
    {"glob__deep_inside__whole_segments", "a/**/b", "a/xb", false},
    {"glob__deep_twice__segments", "**/a/**/b", "x/a/y/z/b", true},
    {"glob__deep_with_star__goes_back", "**/a*/b", "ac/x/ad/b", true},
    {"glob__deep_with_star__no_match", "**/a*/b", "ac/x/ad/c", false},
    {"glob__deep_alone__everything", "**", "a/b", true},
    {"glob__deep_in_a_segment__a_star", "a**b", "axb", true},
    {"glob__deep_in_a_segment__no_slash", "a**b", "a/b", false},
    {"glob__deep_begins_a_segment__a_star", "a/**b", "a/x/b", false},
    {"glob__three_stars__deep", "***/a", "x/y/a", true},
    {"glob__set__member", "[abc]", "b", true},
    {"glob__set__no_member", "[abc]", "d", false},
    {"glob__set__range", "[a-c]x", "bx", true},
    {"glob__set__outside_the_range", "[a-c]x", "dx", false},
    {"glob__set__negated", "[!a-c]", "d", true},
    {"glob__set__negated_by_a_caret", "[^a-c]", "b", false},
    {"glob__set__closing_bracket_first", "[]a]", "]", true},
    {"glob__set__hyphen_last", "[a-]", "-", true},
    {"glob__set__escaped_member", "[\\]]", "]", true},
    {"glob__set__class", "[[:digit:]x]", "7", true},
    {"glob__set__class_without_the_character", "[[:digit:]x]", "y", false},
    {"glob__set__no_slash", "a[!b]c", "a/c", false},
    {"glob__set__slash_as_a_member", "a[/]c", "a/c", false},
    {"glob__set__without_an_end", "[abc", "a", false},
    {"glob__set__without_an_end_is_no_text", "[abc", "[abc", false},
    {"glob__escape__star", "a\\*", "a*", true},
    {"glob__escape__only_a_star", "a\\*", "ab", false},
    {"glob__escape__at_the_end", "a\\", "a\\", false},
    {"glob__empty__empty", "", "", true},
    {"glob__empty__not_a_name", "", "a", false},
    /* clang-format on */
};

static void glob__row__matches_or_not(void **state)
{
    const struct glob_row *row = *state;
    assert_int_equal(moor_ignore_glob_match(moor_slice_from(row->glob), moor_slice_from(row->path)),
                     row->matches);
}

/* --- lists ------------------------------------------------------------------------------------ */

/* A list, a path (a folder if it ends with a slash), and the text of the rule that decides. */
struct list_row {
    const char *name;
    const char *list;
    const char *path;
    const char *rule; /* "" if none matches */
};

static const struct list_row list_rows[] = {
    /* clang-format off */
    {"list__name__at_any_depth", "hello.*\n", "a/b/hello.yaml", "hello.*"},
    {"list__leading_slash__in_the_folder", "/hello.*", "hello.yaml", "/hello.*"},
    {"list__leading_slash__not_deeper", "/hello.*", "a/hello.yaml", ""},
    {"list__inner_slash__anchored", "doc/frotz", "doc/frotz", "doc/frotz"},
    {"list__inner_slash__not_deeper", "doc/frotz", "a/doc/frotz", ""},
    {"list__trailing_slash__folder", "frotz/", "a/frotz/", "frotz/"},
    {"list__trailing_slash__no_file", "frotz/", "a/frotz", ""},
    {"list__inner_and_trailing_slash__anchored", "doc/frotz/", "a/doc/frotz/", ""},
    {"list__star__one_segment_of_a_path", "foo/*", "foo/test.json", "foo/*"},
    {"list__star__not_two_segments", "foo/*", "foo/bar/hello.c", ""},
    {"list__negation__last_rule_decides", "*.yaml\n!a.yaml\n", "a.yaml", "!a.yaml"},
    {"list__negation__overridden", "!a.yaml\n*.yaml\n", "a.yaml", "*.yaml"},
    {"list__negation__escaped", "\\!a", "!a", "\\!a"},
    {"list__comment__no_rule", "# a\n#a", "#a", ""},
    {"list__comment__escaped", "\\#a", "#a", "\\#a"},
    {"list__blank_line__no_rule", "\n  \n", "a", ""},
    {"list__blanks_at_the_end__ignored", "a  \n", "a", "a"},
    {"list__escaped_blank_at_the_end__kept", "a\\ \n", "a ", "a\\ "},
    {"list__blank_in_front__kept", " a\n", "a", ""},
    {"list__carriage_return__ignored", "a\r\nb\r\n", "a", "a"},
    {"list__byte_order_mark__ignored", "\xEF\xBB\xBF" "a\n", "a", "a"},
    {"list__slash_alone__no_rule", "/\n!/\n!\n", "a", ""},
    {"list__case__distinguished", "A\n", "a", ""},
    {"list__last_line_without_its_end__a_rule", "a\nb", "b", "b"},
    /* clang-format on */
};

static void list__row__its_rule(void **state)
{
    const struct list_row *row = *state;
    struct moor_slice path = moor_slice_from(row->path);
    struct moor_ignore list;
    bool is_folder = moor_slice_ends_with(path, MOOR_SLICE("/"));
    assert_int_equal(moor_ignore_parse(&list, moor_slice_from(row->list), NULL), 0);
    path.len -= is_folder;
    const struct moor_ignore_rule *rule = moor_ignore_find(&list, path, is_folder);
    assert_slice_equal(rule != NULL ? rule->text : MOOR_SLICE(""), row->rule);
    moor_ignore_release(&list);
}

static void list__too_large__limit(void **state)
{
    struct moor_ignore list;
    struct moor_error err = {0};
    struct moor_buf text;
    (void)state;
    moor_buf_init(&text, 2 * MOOR_IGNORE_MAX_BYTES);
    for (size_t i = 0; i < MOOR_IGNORE_MAX_RULES; i++) {
        moor_buf_append_text(&text, "a\n");
    }
    assert_int_equal(moor_ignore_parse(&list, moor_buf_slice(&text), &err), 0);
    assert_int_equal(list.count, MOOR_IGNORE_MAX_RULES);
    moor_ignore_release(&list);
    moor_buf_append_text(&text, "a\n");
    assert_int_equal(moor_ignore_parse(&list, moor_buf_slice(&text), &err), -1);
    assert_int_equal(err.code, MOOR_ERROR_LIMIT);
    moor_buf_clear(&text);
    while (text.len <= MOOR_IGNORE_MAX_BYTES) {
        moor_buf_append_text(&text, "#");
    }
    err = (struct moor_error){0};
    assert_int_equal(moor_ignore_parse(&list, moor_buf_slice(&text), &err), -1);
    assert_int_equal(err.code, MOOR_ERROR_LIMIT);
    moor_buf_release(&text);
}

/* --- main ------------------------------------------------------------------------------------- */

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(glob_rows) + MOOR_ARRAY_SIZE(list_rows) + 1];
    size_t count = 0;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(glob_rows); i++) {
        tests[count++] = test_of_row(glob_rows[i].name, glob__row__matches_or_not, &glob_rows[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(list_rows); i++) {
        tests[count++] = test_of_row(list_rows[i].name, list__row__its_rule, &list_rows[i]);
    }
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(list__too_large__limit);
    return cmocka_run_group_tests_name("ignore", tests, NULL, NULL);
}
