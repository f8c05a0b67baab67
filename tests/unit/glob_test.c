/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/base/glob.h"

static struct moor_matcher *matcher;

/* --- matching -------------------------------------------------------------------------------- */

struct match_row {
    const char *name;
    const char *pattern;
    const char *subject;
    size_t len;
    bool matches;
};

#define BYTES(literal) (literal), sizeof(literal) - 1

static const struct match_row match_rows[] = {
    /* clang-format off */
    {"match__literal__itself", "kube-system", BYTES("kube-system"), true},
    {"match__literal__not_a_part", "kube", BYTES("kube-system"), false},
    {"match__literal__not_longer", "kube-system", BYTES("kube"), false},
    {"match__literal_with_dot__only_a_dot", "a.b", BYTES("axb"), false},
    {"match__literal_with_regular_signs__as_they_are", "a+(b)|^${c}", BYTES("a+(b)|^${c}"), true},
    {"match__braces__nothing_special", "{a,b}", BYTES("a"), false},
    {"match__closing_bracket_alone__literal", "a]b", BYTES("a]b"), true},
    {"match__case__told_apart", "Kube*", BYTES("kube-system"), false},
    {"match__star__any_run", "kube-*", BYTES("kube-system"), true},
    {"match__star__empty_run", "kube-*", BYTES("kube-"), true},
    {"match__star_alone__empty_subject", "*", BYTES(""), true},
    {"match__star_alone__one_segment", "*", BYTES("abc"), true},
    {"match__star_alone__not_two_segments", "*", BYTES("a/b"), false},
    {"match__star__not_across_slash", "registry.io/*", BYTES("registry.io/a/b"), false},
    {"match__star__within_its_segment", "registry.io/*/b", BYTES("registry.io/a/b"), true},
    {"match__star_in_front__anchored_at_end", "*-system", BYTES("kube-system-2"), false},
    {"match__star_after__anchored_at_start", "system*", BYTES("kube-system"), false},
    {"match__two_stars_in_one_segment__any_runs", "*a*b*", BYTES("xxaxxbxx"), true},
    {"match__star_with_colon__any_run", "system:serviceaccount:*:builder", BYTES("system:serviceaccount:team-a:builder"), true},
    {"match__star__leading_dot", "*", BYTES(".hidden"), true},
    {"match__star__line_feed", "a*b", BYTES("a\nb"), true},
    {"match__anchor__no_line_feed_after", "a*", BYTES("a/\n"), false},
    {"match__anchor_literal_end__no_line_feed_after", "*a", BYTES("a\n"), false},
    {"match__double_star__across_slashes", "registry.io/**", BYTES("registry.io/a/b/c"), true},
    {"match__double_star__one_segment", "registry.io/**", BYTES("registry.io/a"), true},
    {"match__double_star_alone__anything", "**", BYTES("a/b/c"), true},
    {"match__double_star_alone__empty_subject", "**", BYTES(""), true},
    {"match__double_star_in_front__no_segment", "**/app", BYTES("app"), true},
    {"match__double_star_in_front__some_segments", "**/app", BYTES("a/b/app"), true},
    {"match__double_star_in_front__whole_segment", "**/app", BYTES("a/myapp"), false},
    {"match__double_star_inside__no_segment", "a/**/b", BYTES("a/b"), true},
    {"match__double_star_inside__some_segments", "a/**/b", BYTES("a/x/y/b"), true},
    {"match__double_star_inside__whole_segments", "a/**/b", BYTES("ax/b"), false},
    {"match__double_star_other_host__never", "registry.io/**", BYTES("evil-registry.io/a"), false},
    {"match__double_star_other_suffix__never", "registry.io/**", BYTES("registry.io.evil.com/a"), false},
    {"match__double_star_in_a_segment__any_run", "a**", BYTES("ab"), true},
    {"match__double_star_in_a_segment__across_slashes", "a**z", BYTES("ab/c/z"), true},
    {"match__double_star_in_a_segment__still_anchored", "a**z", BYTES("ab/c/zz/y"), false},
    {"match__star_after_double_star__tried_at_each_place", "**a*b", BYTES("a/ab"), true},
    {"match__question_mark__not_a_character_of_two_bytes", "caf?", BYTES("caf\xC3\xA9"), false},
    {"match__question_mark__one_byte", "v?", BYTES("v1"), true},
    {"match__question_mark__not_none", "v?", BYTES("v"), false},
    {"match__question_mark__not_two", "v?", BYTES("v12"), false},
    {"match__question_mark__not_a_slash", "a?b", BYTES("a/b"), false},
    {"match__set__one_of_it", "team-[abc]", BYTES("team-b"), true},
    {"match__set__no_other", "team-[abc]", BYTES("team-d"), false},
    {"match__set__range", "v[0-9]", BYTES("v7"), true},
    {"match__set__outside_range", "v[0-9]", BYTES("va"), false},
    {"match__set__negated", "v[!0-9]", BYTES("va"), true},
    {"match__set__negated_member", "v[!0-9]", BYTES("v1"), false},
    {"match__set__negated_never_a_slash", "v[!0-9]", BYTES("v/"), false},
    {"match__set__closing_bracket_first", "[]a]", BYTES("]"), true},
    {"match__set__class", "v[[:digit:]]", BYTES("v3"), true},
    {"match__backslash__star_itself", "a\\*", BYTES("a*"), true},
    {"match__backslash__star_not_any_run", "a\\*", BYTES("ab"), false},
    {"match__backslash__question_mark_itself", "\\?", BYTES("?"), true},
    {"match__backslash__bracket_itself", "\\[a\\]", BYTES("[a]"), true},
    {"match__backslash__itself", "a\\\\b", BYTES("a\\b"), true},
    {"match__backslash__letter_itself", "\\d", BYTES("d"), true},
    {"match__backslash__no_class_of_digits", "\\d", BYTES("1"), false},
    {"match__nul_in_subject__literal_differs", "good", BYTES("good\0evil"), false},
    {"match__nul_in_subject__star_takes_it", "good*", BYTES("good\0evil"), true},
    {"match__nul_in_subject__end_is_the_end", "*evil", BYTES("good\0evil"), true},
    {"match__nul_in_subject__not_cut_off", "*good", BYTES("good\0evil"), false},
    {"match__bytes_that_are_no_utf8__matched_as_bytes", "a*", BYTES("a\xFF"), true},
    {"match__utf8_literal_beside_star__itself", "caf\xC3\xA9*", BYTES("caf\xC3\xA9-1"), true},
    {"match__regular_signs_beside_star__as_they_are", "a.+(b)^$|*", BYTES("a.+(b)^$|x"), true},
    {"match__regular_signs_beside_star__never_regular", "a.c*", BYTES("abc"), false},
    /* clang-format on */
};

static void match__row(void **state)
{
    const struct match_row *row = *state;
    struct moor_glob glob;
    struct moor_error err = {0};
    int result = moor_glob_compile(&glob, moor_slice_from(row->pattern), &err);
    if (result != 0) {
        print_error("%s\n", err.text);
    }
    assert_int_equal(result, 0);
    assert_int_equal(moor_glob_match(&glob, (struct moor_slice){row->subject, row->len}, matcher),
                     row->matches);
    moor_glob_release(&glob);
}

/* --- patterns that are refused ---------------------------------------------------------------- */

struct refused_row {
    const char *name;
    const char *pattern;
    enum moor_error_code code;
    const char *says;
};

static const struct refused_row refused_rows[] = {
    {"compile__empty__refused", "", MOOR_ERROR_LIMIT, "a pattern has 1 to 512 bytes, not 0"},
    {"compile__open_bracket__refused", "[", MOOR_ERROR_VALUE, "pattern '[' is not a glob: "},
    {"compile__open_set__refused", "team-[abc", MOOR_ERROR_VALUE, "pattern 'team-[abc' is not"},
    {"compile__empty_set__refused", "a[]", MOOR_ERROR_VALUE, "pattern 'a[]' is not a glob: "},
    {"compile__range_backwards__refused", "[z-a]", MOOR_ERROR_VALUE, "pattern '[z-a]' is not"},
    {"compile__backslash_at_end__refused", "a\\", MOOR_ERROR_VALUE, "pattern 'a\\' is not a glob"},
};

static void compile__refused_row(void **state)
{
    const struct refused_row *row = *state;
    struct moor_glob glob = {.text = MOOR_SLICE("untouched")};
    struct moor_error err = {0};
    assert_int_equal(moor_glob_compile(&glob, moor_slice_from(row->pattern), &err), -1);
    assert_int_equal(err.code, row->code);
    if (!moor_slice_starts_with(moor_slice_from(err.text), moor_slice_from(row->says))) {
        print_error("\"%s\" does not start with \"%s\"\n", err.text, row->says);
        fail();
    }
    assert_slice_equal(glob.text, "untouched");
}

static void compile__longest__taken_and_one_more_refused(void **state)
{
    (void)state;
    static char text[MOOR_GLOB_MAX_BYTES + 1];
    static const char first[] = {'a', '*'};
    for (size_t i = 0; i < sizeof first; i++) {
        memset(text, 'a', sizeof text);
        text[0] = first[i];
        struct moor_glob glob;
        struct moor_error err = {0};
        struct moor_slice longest = {text, MOOR_GLOB_MAX_BYTES};
        struct moor_slice longer = {text, MOOR_GLOB_MAX_BYTES + 1};
        assert_int_equal(moor_glob_compile(&glob, longest, &err), 0);
        assert_true(moor_glob_match(&glob, longest, matcher));
        moor_glob_release(&glob);
        assert_int_equal(moor_glob_compile(&glob, longer, &err), -1);
        assert_int_equal(err.code, MOOR_ERROR_LIMIT);
    }
}

static void compile__no_special_byte__not_compiled(void **state)
{
    (void)state;
    struct moor_glob glob;
    assert_int_equal(moor_glob_compile(&glob, MOOR_SLICE("a.b/c:d@e{f}"), NULL), 0);
    assert_null(glob.code);
    moor_glob_release(&glob);
    assert_int_equal(moor_glob_compile(&glob, MOOR_SLICE("a\0b"), NULL), 0);
    assert_true(moor_glob_match(&glob, MOOR_SLICE("a\0b"), matcher));
    assert_false(moor_glob_match(&glob, MOOR_SLICE("a\0c"), matcher));
    moor_glob_release(&glob);
    assert_int_equal(moor_glob_compile(&glob, MOOR_SLICE("a\0b*"), NULL), 0);
    assert_true(moor_glob_match(&glob, MOOR_SLICE("a\0bc"), matcher));
    assert_false(moor_glob_match(&glob, MOOR_SLICE("a"), matcher));
    moor_glob_release(&glob);
}

static void match__null_subject__as_empty(void **state)
{
    (void)state;
    struct moor_slice none = {NULL, 0};
    struct moor_glob glob;
    assert_int_equal(moor_glob_compile(&glob, MOOR_SLICE("*"), NULL), 0);
    assert_true(moor_glob_match(&glob, none, matcher));
    moor_glob_release(&glob);
    assert_int_equal(moor_glob_compile(&glob, MOOR_SLICE("?"), NULL), 0);
    assert_false(moor_glob_match(&glob, none, matcher));
    moor_glob_release(&glob);
}

/* Stops at its number of steps instead of trying every way to share out the letters. */
static void match__pattern_made_to_be_slow__ends(void **state)
{
    (void)state;
    static char pattern[MOOR_GLOB_MAX_BYTES];
    static char subject[4096];
    for (size_t i = 0; i < sizeof pattern; i++) {
        pattern[i] = i % 2 == 0 ? '*' : 'a';
    }
    memset(subject, 'a', sizeof subject);
    pattern[sizeof pattern - 1] = 'b';
    struct moor_glob glob;
    assert_int_equal(moor_glob_compile(&glob, (struct moor_slice){pattern, sizeof pattern}, NULL),
                     0);
    assert_false(moor_glob_match(&glob, (struct moor_slice){subject, sizeof subject}, matcher));
    moor_glob_release(&glob);
}

static void release__nothing__harmless(void **state)
{
    (void)state;
    struct moor_glob glob = {0};
    moor_glob_release(&glob);
    moor_glob_release(&glob);
    assert_null(glob.code);
    moor_matcher_free(NULL);
}

/* --- all of them ----------------------------------------------------------------------------- */

static int make_matcher(void **state)
{
    (void)state;
    matcher = moor_matcher_new();
    return matcher != NULL ? 0 : -1;
}

static int free_matcher(void **state)
{
    (void)state;
    moor_matcher_free(matcher);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(compile__longest__taken_and_one_more_refused),
        cmocka_unit_test(compile__no_special_byte__not_compiled),
        cmocka_unit_test(match__null_subject__as_empty),
        cmocka_unit_test(match__pattern_made_to_be_slow__ends),
        cmocka_unit_test(release__nothing__harmless),
    };
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(match_rows) + MOOR_ARRAY_SIZE(refused_rows) +
                            MOOR_ARRAY_SIZE(others)];
    size_t count = 0;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(match_rows); i++) {
        tests[count++] = test_of_row(match_rows[i].name, match__row, &match_rows[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(refused_rows); i++) {
        tests[count++] = test_of_row(refused_rows[i].name, compile__refused_row, &refused_rows[i]);
    }
    memcpy(&tests[count], others, sizeof others);
    return cmocka_run_group_tests_name("glob", tests, make_matcher, free_matcher);
}
