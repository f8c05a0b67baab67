/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/base/pattern.h"

#define NO      MOOR_PATTERN_NO_MATCH
#define YES     MOOR_PATTERN_MATCH
#define GAVE_UP MOOR_PATTERN_GAVE_UP

struct match_row {
    const char *name;
    const char *pattern;
    const char *subject;
    enum moor_pattern_result expected;
};

static struct match_row match_rows[] = {
    {"match__same_text__match", "latest", "latest", YES},
    {"match__text_after__no_match", "latest", "latest-1", NO},
    {"match__text_before__no_match", "latest", "not-latest", NO},
    {"match__line_end_after__no_match", "latest$", "latest\n", NO},
    {"match__second_alternative__match", "a|ab", "ab", YES},
    {"match__alternative_with_text_after__no_match", "a|ab", "abc", NO},
    {"match__unanchored_alternative__no_match", "x|b", "ab", NO},
    {"match__lazy__whole_subject", "a+?", "aaa", YES},
    {"match__accept_before_the_end__no_match", "a(*ACCEPT)b", "ac", NO},
    {"match__accept_at_the_end__match", "a(*ACCEPT)b", "a", YES},
    {"match__reset_start__still_from_the_start", "b\\Kc", "abc", NO},
    {"match__own_anchors__match", "^a$", "a", YES},
    {"match__letter_case__told_apart", "a", "A", NO},
    {"match__letter_case_by_option__match", "(?i)a", "A", YES},
    {"match__digits__ascii_only", "\\d", "\xd9\xa1", NO},
    {"match__bytes__not_characters", "..", "\xc3\xa4", YES},
    {"match__convention__match", "[0-9a-f]{7,40}-\\d{10,14}", "1a6dd44-1700000000", YES},
    {"match__empty_subject__match", "a*", "", YES},
    {"match__line_end_by_dot__no_match", "a.b", "a\nb", NO},
    {"match__nested_repeats__gives_up", "(a|aa)+[bc]",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", GAVE_UP},
    {"match__backtracking_within_limits__no_match", "(a|aa)+[bc]", "aaaaaaaaaaaa", NO},
    {"match__recursion_without_end__gives_up", "(a?(?1)?b?)+[cd]",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", GAVE_UP},
    {"match__own_higher_limit__gives_up", "(*LIMIT_MATCH=4000000000)(a|aa)+[bc]",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", GAVE_UP},
};

static void match__row__result(void **state)
{
    const struct match_row *row = *state;
    struct moor_pattern pattern;
    struct moor_error err = {0};
    struct moor_matcher *matcher = moor_matcher_new();
    assert_non_null(matcher);
    assert_int_equal(moor_pattern_compile(&pattern, moor_slice_from(row->pattern), &err), 0);
    assert_int_equal(moor_pattern_match(&pattern, moor_slice_from(row->subject), matcher),
                     row->expected);
    moor_pattern_release(&pattern);
    moor_matcher_free(matcher);
}

struct refuse_row {
    const char *name;
    const char *pattern;
    const char *reason;
};

static struct refuse_row refuse_rows[] = {
    {"compile__empty__refused", "", "a pattern has 1 to 512 bytes, not 0"},
    {"compile__open_group__refused", "(a",
     "pattern '(a' is not a regular expression: missing closing parenthesis (at byte 2)"},
    {"compile__closed_twice__refused", "a)|(b",
     "pattern 'a)|(b' is not a regular expression: unmatched closing parenthesis (at byte 1)"},
    {"compile__utf__refused", "(*UTF)a",
     "pattern '(*UTF)a' is not a regular expression: using UTF is disabled by the application (at "
     "byte 6)"},
    {"compile__single_unit__refused", "\\C",
     "pattern '\\C' is not a regular expression: using \\C is disabled by the application (at byte "
     "2)"},
    {"compile__repeats_that_take_much__refused", "((ab){60}){40}",
     "pattern '((ab){60}){40}' repeats too much"},
};

static void compile__row__refused(void **state)
{
    const struct refuse_row *row = *state;
    struct moor_pattern pattern;
    struct moor_error err = {0};
    assert_int_equal(moor_pattern_compile(&pattern, moor_slice_from(row->pattern), &err), -1);
    assert_memory_equal(err.text, row->reason, strlen(row->reason));
}

static void compile__longest__compiled(void **state)
{
    (void)state;
    char text[MOOR_PATTERN_MAX_BYTES + 1];
    struct moor_pattern pattern;
    struct moor_error err = {0};
    memset(text, 'a', sizeof text);
    assert_int_equal(
        moor_pattern_compile(&pattern, (struct moor_slice){text, MOOR_PATTERN_MAX_BYTES}, &err), 0);
    moor_pattern_release(&pattern);
    assert_int_equal(moor_pattern_compile(&pattern, (struct moor_slice){text, sizeof text}, &err),
                     -1);
    assert_string_equal(err.text, "a pattern has 1 to 512 bytes, not 513");
}

#define FIXED_TESTS 1

int main(void)
{
    struct CMUnitTest
        tests[FIXED_TESTS + MOOR_ARRAY_SIZE(match_rows) + MOOR_ARRAY_SIZE(refuse_rows)] = {
            cmocka_unit_test(compile__longest__compiled),
        };
    size_t count = FIXED_TESTS;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(match_rows); i++) {
        tests[count++] =
            (struct CMUnitTest){match_rows[i].name, match__row__result, NULL, NULL, &match_rows[i]};
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(refuse_rows); i++) {
        tests[count++] = (struct CMUnitTest){refuse_rows[i].name, compile__row__refused, NULL, NULL,
                                             &refuse_rows[i]};
    }
    return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
