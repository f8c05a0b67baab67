/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts of a policy in CEL and RE2: literals that cannot break out, globs that match the same
 * names, and patterns that RE2 lacks.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/export/cel.h"
#include "policy/export/re2.h"
#include "policy/export/vap.h"

#define ROOM 4096

struct literal {
    const char *name;
    struct moor_slice text;
    const char *cel;
};

static const struct literal literals[] = {
    {"literal__quote__escaped", {"it's", 4}, "'it\\'s'"},
    {"literal__backslash__escaped", {"a\\d", 3}, "'a\\\\d'"},
    {"literal__line_break__escaped", {"a\nb", 3}, "'a\\u000ab'"},
    {"literal__nul__escaped", {"a\0b", 3}, "'a\\u0000b'"},
    {"literal__two_bytes__code_point", {"\xc3\xa9", 2}, "'\\u00e9'"},
    {"literal__four_bytes__code_point", {"\xf0\x9f\x90\xb3", 4}, "'\\U0001f433'"},
    {"literal__invalid_utf8__replaced", {"\xff", 1}, "'\\ufffd'"},
};

static void literal__row__text(void **state)
{
    const struct literal *row = *state;
    struct moor_buf out;
    moor_buf_init(&out, ROOM);
    moor_cel_string(&out, row->text);
    assert_slice_equal(moor_buf_slice(&out), row->cel);
    moor_buf_release(&out);
}

static void block__lines__indented(void **state)
{
    (void)state;
    struct moor_buf out;
    moor_buf_init(&out, ROOM);
    moor_cel_block(&out, MOOR_SLICE("a\nb"), 4);
    assert_slice_equal(moor_buf_slice(&out), " |-\n    a\n    b\n");
    moor_buf_release(&out);
}

/* --- globs ------------------------------------------------------------------------------------ */

static const char *const globs[] = {
    "a",      "a.b",     "*",    "**",      "a*",    "*a",    "a/*",      "a/**",  "**/a",
    "a/**/b", "?",       "a?b",  "[ab]",    "[!a]*", "[^a]b", "[a-c]/**", "\\*",   "a\\?b",
    "(a|b)",  "a+",      "a$",   "^a",      "{a,b}", "a**b",  "*/**/*",   "**/**", "[]a]*",
    "[a\\]]", "*.dkr/*", "a/b*", "**a/b**", "[b-]*", "**/",   "/**",
};
static const char *const subjects[] = {
    "",      "a",   "b",     "ab",      "a.b", "axb",   "a/b",   "a/b/c", "a/x/y/b", "a/",
    "/a",    "x/a", "x/y/a", "*",       "a?b", "(a|b)", "aaa",   "a+",    "a$",      "^a",
    "{a,b}", "c/d", "]",     "x.dkr/y", "-x",  "a\nb",  "b/c/d", "aab",   "a/b/",    "//",
};

static bool matches_re2(const char *glob, const char *subject)
{
    struct moor_glob compiled = {.text = moor_slice_from(glob)};
    const struct moor_glob_list list = {&compiled, 1};
    struct moor_buf pattern;
    struct moor_error err = {0};
    moor_buf_init(&pattern, ROOM);
    assert_int_equal(moor_re2_globs(&pattern, &list, &err), 0);
    int error = 0;
    PCRE2_SIZE at = 0;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len, PCRE2_DOLLAR_ENDONLY,
                                     &error, &at, NULL);
    assert_non_null(code);
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, NULL);
    int status = pcre2_match(code, (PCRE2_SPTR)subject, strlen(subject), 0, 0, data, NULL);
    pcre2_match_data_free(data);
    pcre2_code_free(code);
    moor_buf_release(&pattern);
    return status > 0;
}

static void check_glob(const char *text, struct moor_matcher *matcher)
{
    struct moor_glob glob;
    struct moor_error err = {0};
    assert_int_equal(moor_glob_compile(&glob, moor_slice_from(text), &err), 0);
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(subjects); i++) {
        bool wanted = moor_glob_match(&glob, moor_slice_from(subjects[i]), matcher);
        bool found = matches_re2(text, subjects[i]);
        if (found != wanted) {
            print_error("'%s' and '%s'\n", text, subjects[i]);
        }
        assert_int_equal(found, wanted);
    }
    moor_glob_release(&glob);
}

/* RE2's syntax is a part of PCRE2's, so PCRE2 can run the result. */
static void glob__every_subject__matches_as_in_the_judge(void **state)
{
    (void)state;
    struct moor_matcher *matcher = moor_matcher_new();
    assert_non_null(matcher);
    moor_matcher_begin(matcher, UINT64_MAX);
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(globs); i++) {
        check_glob(globs[i], matcher);
    }
    moor_matcher_free(matcher);
}

static void glob__set_with_a_slash__refused(void **state)
{
    (void)state;
    struct moor_buf out;
    struct moor_error err = {0};
    moor_buf_init(&out, ROOM);
    assert_int_equal(moor_re2_glob(&out, MOOR_SLICE("a[+-9]"), &err), -1);
    assert_int_equal(err.column, 2);
    moor_buf_release(&out);
}

/* --- patterns --------------------------------------------------------------------------------- */

struct pattern {
    const char *text;
    uint32_t column; /* 0: RE2 has it */
};

static const struct pattern patterns[] = {
    {"[0-9a-f]{7,40}-\\d{10,14}", 0},
    {"v?\\d+(?:\\.\\d+){2}(-[a-z]+)?", 0},
    {"(?i)release-.*", 0},
    {"[[:digit:]]+\\w*?", 0},
    {"a\\+\\.\\*", 0},
    {"[+*?]+", 0},
    {"a(?=b)", 2},
    {"a(?!b)", 2},
    {"(?<=a)b", 1},
    {"(?<!a)b", 1},
    {"(a)\\1", 4},
    {"a++", 2},
    {"a*+", 2},
    {"a?+b", 2},
    {"a{2}+", 4},
    {"a{2}{3}", 4},
    {"(?>a)b", 1},
    {"(?|a|b)", 1},
    {"(?#x)a", 1},
    {"(*ACCEPT)a", 1},
    {"\\h+", 1},
    {"\\Ka", 1},
    {"\\Qa\\E", 1},
    {"[\\h]", 2},
    {"a{1001}", 2},
    {"(?<name>a)\\k<name>", 1},
    {"\\p{L}", 1},
    {"\\x41", 1},
};

static void pattern__row__known_or_refused_at_its_column(void **state)
{
    const struct pattern *row = *state;
    struct moor_error err = {0};
    int status = moor_re2_check(moor_slice_from(row->text), &err);
    assert_int_equal(status, row->column > 0 ? -1 : 0);
    assert_int_equal(err.column, row->column);
}

static void prefix__texts__only_labels(void **state)
{
    (void)state;
    assert_true(moor_vap_is_prefix(MOOR_SLICE("tagmoor-2")));
    assert_false(moor_vap_is_prefix(MOOR_SLICE("")));
    assert_false(moor_vap_is_prefix(MOOR_SLICE("Tagmoor")));
    assert_false(moor_vap_is_prefix(MOOR_SLICE("-a")));
    assert_false(moor_vap_is_prefix(MOOR_SLICE("a\nb")));
}

#define PLAIN 4

int main(void)
{
    struct CMUnitTest tests[PLAIN + MOOR_ARRAY_SIZE(literals) + MOOR_ARRAY_SIZE(patterns)] = {
        cmocka_unit_test(block__lines__indented),
        cmocka_unit_test(glob__every_subject__matches_as_in_the_judge),
        cmocka_unit_test(glob__set_with_a_slash__refused),
        cmocka_unit_test(prefix__texts__only_labels),
    };
    size_t count = PLAIN;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(literals); i++) {
        tests[count++] = test_of_row(literals[i].name, literal__row__text, &literals[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(patterns); i++) {
        tests[count++] = test_of_row(patterns[i].text, pattern__row__known_or_refused_at_its_column,
                                     &patterns[i]);
    }
    return cmocka_run_group_tests_name("export", tests, NULL, NULL);
}
