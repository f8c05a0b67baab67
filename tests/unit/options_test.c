/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/options.h"
#include "policy/base/array_size.h"

#include <stdio.h>
#include <string.h>

#define ARGUMENTS_MAX 24

struct values {
    bool is_quiet;
    const char *name;
    struct moor_option_list files;
    unsigned threads;
    size_t body;
    uint32_t timeout_ms;
    int format;
};

static const char *word_at(size_t index, const char **description)
{
    *description = "a number";
    static const char *const words[] = {"one", "two"};
    return index < 2 ? words[index] : NULL;
}

static const struct moor_option options[] = {
    {.name = "quiet",
     .letter = 'q',
     .type = MOOR_OPTION_FLAG,
     .offset = offsetof(struct values, is_quiet)},
    {.name = "name",
     .letter = 'n',
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, name),
     .argument = "NAME"},
    {.name = "file",
     .type = MOOR_OPTION_LIST,
     .offset = offsetof(struct values, files),
     .argument = "FILE",
     .word_at = word_at},
    {.name = "threads",
     .type = MOOR_OPTION_COUNT,
     .offset = offsetof(struct values, threads),
     .argument = "N",
     .max = 64},
    {.name = "max-body",
     .type = MOOR_OPTION_SIZE,
     .offset = offsetof(struct values, body),
     .argument = "SIZE",
     .max = (uint64_t)8 * 1024 * 1024},
    {.name = "timeout",
     .type = MOOR_OPTION_DURATION,
     .offset = offsetof(struct values, timeout_ms),
     .argument = "DURATION",
     .max = 3600000},
    {.name = "format",
     .type = MOOR_OPTION_CHOICE,
     .offset = offsetof(struct values, format),
     .argument = "json|text"},
};

/* Parses blank-separated words after a command's name; `values` can be NULL. */
static int parse(struct values *values, const char *line, struct moor_error *err)
{
    static char copy[4096];
    static char name[] = "command";
    char *arguments[ARGUMENTS_MAX + 1] = {name};
    struct values unused = {0};
    int count = 1;
    (void)snprintf(copy, sizeof copy, "%s", line);
    char *rest = copy;
    for (char *word = strsep(&rest, " "); word != NULL && *word != 0; word = strsep(&rest, " ")) {
        assert_true(count < ARGUMENTS_MAX);
        arguments[count++] = word;
    }
    return moor_options_parse(options, MOOR_ARRAY_SIZE(options), count, arguments,
                              values != NULL ? values : &unused, err);
}

/* --- what is right ------------------------------------------------------------------------------
 */

static void parse__each_type__its_value(void **state)
{
    (void)state;
    struct values values = {.timeout_ms = 7};
    struct moor_error err = {0};
    assert_int_equal(
        parse(&values,
              "--quiet --name web --threads 64 --max-body 512KiB --timeout 2m --format text", &err),
        12);
    assert_true(values.is_quiet);
    assert_string_equal(values.name, "web");
    assert_int_equal(values.threads, 64);
    assert_int_equal(values.body, 512 * 1024);
    assert_int_equal(values.timeout_ms, 120000);
    assert_int_equal(values.format, 1);
}

static void parse__nothing__the_defaults_stay(void **state)
{
    (void)state;
    struct values values = {.timeout_ms = 7, .name = "default", .format = 1};
    assert_int_equal(parse(&values, "", NULL), 1);
    assert_int_equal(values.timeout_ms, 7);
    assert_string_equal(values.name, "default");
    assert_int_equal(values.format, 1);
}

static void parse__letters_and_equal_signs__as_with_blanks(void **state)
{
    (void)state;
    struct values values = {0};
    assert_int_equal(parse(&values, "-qnweb --threads=3", NULL), 3);
    assert_true(values.is_quiet);
    assert_string_equal(values.name, "web");
    assert_int_equal(values.threads, 3);
}

static void parse__repeated__a_list_grows_others_are_replaced(void **state)
{
    (void)state;
    struct values values = {0};
    assert_int_equal(parse(&values, "--file a --name x --file b --name y", NULL), 9);
    assert_int_equal(values.files.count, 2);
    assert_string_equal(values.files.items[0], "a");
    assert_string_equal(values.files.items[1], "b");
    assert_string_equal(values.name, "y");
}

static void parse__two_dashes__only_operands_follow(void **state)
{
    (void)state;
    struct values values = {0};
    assert_int_equal(parse(&values, "-q -- --name -x", NULL), 3);
    assert_true(values.is_quiet);
    assert_null(values.name);
}

static void parse__operands_between__moved_after(void **state)
{
    (void)state;
    struct values values = {0};
    assert_int_equal(parse(&values, "a.yaml --name web - b.yaml", NULL), 3);
    assert_string_equal(values.name, "web");
}

static void parse__start_of_a_name__the_option(void **state)
{
    (void)state;
    struct values values = {0};
    assert_int_equal(parse(&values, "--thr 2", NULL), 3);
    assert_int_equal(values.threads, 2);
}

/* --- what is wrong ------------------------------------------------------------------------------
 */

struct wrong {
    const char *name;
    const char *line;
    const char *error;
};

static const struct wrong wrongs[] = {
    {"unknown", "--zzzzzzz", "unknown option '--zzzzzzz'"},
    {"nearly_known", "--thraeds 2", "unknown option '--thraeds' (did you mean '--threads'?)"},
    {"unknown_letter", "-z", "unknown option '-z'"},
    {"start_of_two", "--t 2", "ambiguous option '--t': use '--threads' or '--timeout'"},
    {"flag_with_argument", "--quiet=yes", "unexpected argument 'yes' for option '--quiet'"},
    {"no_argument", "--name", "option '--name' requires an argument"},
    {"no_argument_of_a_letter", "-n", "option '-n' requires an argument"},
    {"count_zero", "--threads 0", "invalid number '0' for '--threads': use 1 to 64"},
    {"count_above_its_maximum", "--threads 65", "invalid number '65' for '--threads': use 1 to 64"},
    {"count_with_unit", "--threads 2s", "invalid number '2s' for '--threads': use 1 to 64"},
    {"count_negative", "--threads=-1", "invalid number '-1' for '--threads': use 1 to 64"},
    {"count_beyond_64_bits", "--threads 18446744073709551617",
     "invalid number '18446744073709551617' for '--threads': use 1 to 64"},
    {"size_zero", "--max-body 0",
     "invalid size '0' for '--max-body': use a size such as 512KiB or 7MiB, at most 8MiB"},
    {"size_above_its_maximum", "--max-body 9MiB",
     "invalid size '9MiB' for '--max-body': use a size such as 512KiB or 7MiB, at most 8MiB"},
    {"size_of_another_unit", "--max-body 7MB",
     "invalid size '7MB' for '--max-body': use a size such as 512KiB or 7MiB, at most 8MiB"},
    {"duration_without_unit", "--timeout 5",
     "invalid duration '5' for '--timeout': use a duration such as 250ms, 5s or 2m, at most 1h"},
    {"duration_above_its_maximum", "--timeout 61m",
     "invalid duration '61m' for '--timeout': use a duration such as 250ms, 5s or 2m, at most 1h"},
    {"choice_unknown", "--format yaml", "invalid value 'yaml' for '--format': use json|text"},
    {"choice_start", "--format js", "invalid value 'js' for '--format': use json|text"},
};

static void parse__wrong__says_so(void **state)
{
    const struct wrong *wrong = *state;
    struct moor_error err = {0};
    assert_int_equal(parse(NULL, wrong->line, &err), -1);
    assert_string_equal(err.text, wrong->error);
}

static void parse__list_given_too_often__says_so(void **state)
{
    (void)state;
    static char name[] = "command";
    static char option[] = "--file=x";
    char *arguments[MOOR_OPTION_LIST_MAX + 3] = {name};
    struct values values = {0};
    struct moor_error err = {0};
    for (int i = 1; i <= MOOR_OPTION_LIST_MAX + 1; i++) {
        arguments[i] = option;
    }
    assert_int_equal(moor_options_parse(options, MOOR_ARRAY_SIZE(options), MOOR_OPTION_LIST_MAX + 2,
                                        arguments, &values, &err),
                     -1);
    assert_string_equal(err.text, "too many options '--file': at most 16 are allowed");
}

/* --- words --------------------------------------------------------------------------------------
 */

static void word__of_a_choice_and_of_a_function__in_order(void **state)
{
    (void)state;
    struct moor_slice word;
    const char *description = NULL;
    assert_true(moor_option_word(&options[6], 0, &word, &description));
    assert_slice_equal(word, "json");
    assert_true(moor_option_word(&options[6], 1, &word, &description));
    assert_slice_equal(word, "text");
    assert_false(moor_option_word(&options[6], 2, &word, &description));
    assert_true(moor_option_word(&options[2], 1, &word, &description));
    assert_slice_equal(word, "two");
    assert_string_equal(description, "a number");
    assert_false(moor_option_word(&options[2], 2, &word, &description));
    assert_false(moor_option_word(&options[1], 0, &word, &description));
}

int main(void)
{
    enum {
        WRONGS = MOOR_ARRAY_SIZE(wrongs),
        OTHERS = 9
    };
    struct CMUnitTest tests[WRONGS + OTHERS] = {
        cmocka_unit_test(parse__each_type__its_value),
        cmocka_unit_test(parse__nothing__the_defaults_stay),
        cmocka_unit_test(parse__letters_and_equal_signs__as_with_blanks),
        cmocka_unit_test(parse__repeated__a_list_grows_others_are_replaced),
        cmocka_unit_test(parse__two_dashes__only_operands_follow),
        cmocka_unit_test(parse__operands_between__moved_after),
        cmocka_unit_test(parse__start_of_a_name__the_option),
        cmocka_unit_test(parse__list_given_too_often__says_so),
        cmocka_unit_test(word__of_a_choice_and_of_a_function__in_order),
    };
    for (size_t i = 0; i < WRONGS; i++) {
        tests[OTHERS + i] = test_of_row(wrongs[i].name, parse__wrong__says_so, &wrongs[i]);
    }
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
