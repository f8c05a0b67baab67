/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/forms.h"

#include "policy/base/array_size.h"
#include "policy/base/buf.h"
#include "policy/json/reader.h"

#include <stdlib.h>

#define ACCEPTED SIZE_MAX

/* --- texts, accepted or refused at an offset ------------------------------------------------- */

struct text_row {
    const char *name;
    const char *text;
    size_t len;
    size_t refused_at;
    const char *says; /* the error after "offset N: " */
};

static const struct text_row text_rows[] = {
    /* clang-format off */
    /* values */
    {"text__empty_object__accepted", TEXT("{}"), ACCEPTED, NULL},
    {"text__empty_array__accepted", TEXT("[]"), ACCEPTED, NULL},
    {"text__string_alone__accepted", TEXT("\"a\""), ACCEPTED, NULL},
    {"text__empty_string_alone__accepted", TEXT("\"\""), ACCEPTED, NULL},
    {"text__number_alone__accepted", TEXT("42"), ACCEPTED, NULL},
    {"text__true_alone__accepted", TEXT("true"), ACCEPTED, NULL},
    {"text__false_alone__accepted", TEXT("false"), ACCEPTED, NULL},
    {"text__null_alone__accepted", TEXT("null"), ACCEPTED, NULL},
    {"text__all_blanks_around__accepted", TEXT(" \t\r\n[ \t\r\n1 \t\r\n, \t\r\n2 \t\r\n] \t\r\n"), ACCEPTED, NULL},
    {"text__blanks_in_object__accepted", TEXT("{ \"a\" : 1 , \"b\" : 2 }"), ACCEPTED, NULL},
    {"text__nested__accepted", TEXT("{\"a\":[{\"b\":[[],{}]},null],\"c\":{\"d\":{}}}"), ACCEPTED, NULL},
    {"text__duplicate_names__accepted", TEXT("{\"a\":1,\"a\":2}"), ACCEPTED, NULL},
    {"text__empty_name__accepted", TEXT("{\"\":0}"), ACCEPTED, NULL},
    {"text__long_blanks__accepted", TEXT("[                                                 1                                 ]"), ACCEPTED, NULL},
    {"text__empty__refused", TEXT(""), 0, "the text ends where a value is expected"},
    {"text__blanks_only__refused", TEXT("  \n"), 3, "the text ends where a value is expected"},
    {"text__byte_order_mark__refused", TEXT("\xEF\xBB\xBF{}"), 0, "expected a value"},
    {"text__utf16__refused", TEXT("[\0]\0"), 1, "expected a value or ']'"},
    {"text__form_feed_as_blank__refused", TEXT("[\f1]"), 1, "expected a value or ']'"},
    {"text__no_break_space_as_blank__refused", TEXT("[\xC2\xA0]"), 1, "expected a value or ']'"},
    {"text__second_value__refused", TEXT("{} {}"), 3, "expected the end of the text"},
    {"text__trailing_nul__refused", TEXT("{}\0"), 2, "expected the end of the text"},
    {"text__trailing_comma_after_value__refused", TEXT("1,"), 1, "expected the end of the text"},
    {"text__trailing_bracket__refused", TEXT("[1]]"), 3, "expected the end of the text"},
    {"text__comment__refused", TEXT("[1/**/]"), 2, "expected ',' or ']'"},
    {"text__line_comment__refused", TEXT("//a\n1"), 0, "expected a value"},
    {"text__closing_bracket_alone__refused", TEXT("]"), 0, "expected a value"},
    {"text__comma_alone__refused", TEXT(","), 0, "expected a value"},
    {"text__colon_alone__refused", TEXT(":"), 0, "expected a value"},
    {"text__backslash_alone__refused", TEXT("\\"), 0, "expected a value"},
    {"text__escaped_quote_outside_string__refused", TEXT("[\\\"a\\\"]"), 1, "expected a value or ']'"},
    /* arrays */
    {"array__unclosed__refused", TEXT("["), 1, "the text ends where a value or ']' is expected"},
    {"array__unclosed_after_item__refused", TEXT("[1"), 2, "the text ends where ',' or ']' is expected"},
    {"array__unclosed_after_comma__refused", TEXT("[1,"), 3, "the text ends where a value is expected"},
    {"array__trailing_comma__refused", TEXT("[1,]"), 3, "expected a value"},
    {"array__leading_comma__refused", TEXT("[,1]"), 1, "expected a value or ']'"},
    {"array__double_comma__refused", TEXT("[1,,2]"), 3, "expected a value"},
    {"array__no_comma__refused", TEXT("[1 2]"), 3, "expected ',' or ']'"},
    {"array__strings_side_by_side__refused", TEXT("[\"a\"\"b\"]"), 4, "expected ',' or ']'"},
    {"array__string_after_number__refused", TEXT("[1\"a\"]"), 2, "expected ',' or ']'"},
    {"array__number_after_string__refused", TEXT("[\"a\"1]"), 4, "expected ',' or ']'"},
    {"array__colon__refused", TEXT("[\"a\":1]"), 4, "expected ',' or ']'"},
    {"array__closed_as_object__refused", TEXT("[1}"), 2, "expected ',' or ']'"},
    {"array__empty_closed_as_object__refused", TEXT("[}"), 1, "expected a value or ']'"},
    {"array__object_after_array__refused", TEXT("[[]{}]"), 3, "expected ',' or ']'"},
    /* objects */
    {"object__unclosed__refused", TEXT("{"), 1, "the text ends where a name in quotes or '}' is expected"},
    {"object__unclosed_after_name__refused", TEXT("{\"a\""), 4, "the text ends where ':' is expected"},
    {"object__unclosed_after_colon__refused", TEXT("{\"a\":"), 5, "the text ends where a value is expected"},
    {"object__unclosed_after_member__refused", TEXT("{\"a\":1"), 6, "the text ends where ',' or '}' is expected"},
    {"object__unclosed_after_comma__refused", TEXT("{\"a\":1,"), 7, "the text ends where a name in quotes is expected"},
    {"object__trailing_comma__refused", TEXT("{\"a\":1,}"), 7, "expected a name in quotes"},
    {"object__leading_comma__refused", TEXT("{,\"a\":1}"), 1, "expected a name in quotes or '}'"},
    {"object__no_comma__refused", TEXT("{\"a\":1 \"b\":2}"), 7, "expected ',' or '}'"},
    {"object__no_colon__refused", TEXT("{\"a\" 1}"), 5, "expected ':'"},
    {"object__comma_for_colon__refused", TEXT("{\"a\",1}"), 4, "expected ':'"},
    {"object__double_colon__refused", TEXT("{\"a\"::1}"), 5, "expected a value"},
    {"object__no_value__refused", TEXT("{\"a\":}"), 5, "expected a value"},
    {"object__name_without_member__refused", TEXT("{\"a\"}"), 4, "expected ':'"},
    {"object__bare_name__refused", TEXT("{a:1}"), 1, "expected a name in quotes or '}'"},
    {"object__single_quotes__refused", TEXT("{'a':1}"), 1, "expected a name in quotes or '}'"},
    {"object__number_as_name__refused", TEXT("{1:1}"), 1, "expected a name in quotes or '}'"},
    {"object__array_as_name__refused", TEXT("{[]:1}"), 1, "expected a name in quotes or '}'"},
    {"object__object_as_name__refused", TEXT("{\"a\":1,{}:1}"), 7, "expected a name in quotes"},
    {"object__closed_as_array__refused", TEXT("{\"a\":1]"), 6, "expected ',' or '}'"},
    {"object__empty_closed_as_array__refused", TEXT("{]"), 1, "expected a name in quotes or '}'"},
    /* numbers */
    {"number__zero__accepted", TEXT("[0]"), ACCEPTED, NULL},
    {"number__minus_zero__accepted", TEXT("[-0]"), ACCEPTED, NULL},
    {"number__fraction__accepted", TEXT("[0.5,-0.0,10.01]"), ACCEPTED, NULL},
    {"number__exponents__accepted", TEXT("[1e1,1E1,1e+1,1E-1,0e0,1.5e00,-0.1E+09]"), ACCEPTED, NULL},
    {"number__over_64_bits__accepted", TEXT("[18446744073709552000,123456789012345678901234567890]"), ACCEPTED, NULL},
    {"number__over_any_double__accepted", TEXT("[1e400,-1e400,1e-400,1e99999999999999999999]"), ACCEPTED, NULL},
    {"number__leading_zero__refused", TEXT("[01]"), 2, "expected ',' or ']'"},
    {"number__leading_zero_alone__refused", TEXT("01"), 1, "expected the end of the text"},
    {"number__double_zero__refused", TEXT("[00]"), 2, "expected ',' or ']'"},
    {"number__minus_leading_zero__refused", TEXT("[-01]"), 3, "expected ',' or ']'"},
    {"number__plus__refused", TEXT("[+1]"), 1, "expected a value or ']'"},
    {"number__minus_alone__refused", TEXT("[-]"), 2, "expected a digit"},
    {"number__minus_at_end__refused", TEXT("-"), 1, "the text ends where a digit is expected"},
    {"number__double_minus__refused", TEXT("[--1]"), 2, "expected a digit"},
    {"number__minus_blank__refused", TEXT("[- 1]"), 2, "expected a digit"},
    {"number__bare_point__refused", TEXT("[.5]"), 1, "expected a value or ']'"},
    {"number__minus_point__refused", TEXT("[-.5]"), 2, "expected a digit"},
    {"number__point_at_end__refused", TEXT("[1.]"), 3, "expected a digit after the point"},
    {"number__point_exponent__refused", TEXT("[1.e1]"), 3, "expected a digit after the point"},
    {"number__two_points__refused", TEXT("[1.2.3]"), 4, "expected ',' or ']'"},
    {"number__empty_exponent__refused", TEXT("[1e]"), 3, "expected a digit of the exponent"},
    {"number__empty_signed_exponent__refused", TEXT("[1e+]"), 4, "expected a digit of the exponent"},
    {"number__two_exponents__refused", TEXT("[1e1e1]"), 4, "expected ',' or ']'"},
    {"number__fraction_in_exponent__refused", TEXT("[1e1.5]"), 4, "expected ',' or ']'"},
    {"number__exponent_cut_off__refused", TEXT("1e"), 2, "the text ends where a digit of the exponent is expected"},
    {"number__hexadecimal__refused", TEXT("[0x1]"), 2, "expected ',' or ']'"},
    {"number__underscore__refused", TEXT("[1_0]"), 2, "expected ',' or ']'"},
    {"number__letter_after__refused", TEXT("[1a]"), 2, "expected ',' or ']'"},
    {"number__infinity__refused", TEXT("[Infinity]"), 1, "expected a value or ']'"},
    {"number__minus_infinity__refused", TEXT("[-Infinity]"), 2, "expected a digit"},
    {"number__nan__refused", TEXT("[NaN]"), 1, "expected a value or ']'"},
    {"number__full_width_digit__refused", TEXT("[\xEF\xBC\x91]"), 1, "expected a value or ']'"},
    {"number__control_after__refused", TEXT("[1\x01]"), 2, "expected ',' or ']'"},
    {"number__nul_after__refused", TEXT("[1\0]"), 2, "expected ',' or ']'"},
    {"number__nul_for_exponent_sign__refused", TEXT("[1e\0001]"), 3, "expected a digit of the exponent"},
    {"number__backslash_after__refused", TEXT("[1\\]"), 2, "expected ',' or ']'"},
    /* literals */
    {"literal__capital__refused", TEXT("[True]"), 1, "expected a value or ']'"},
    {"literal__capital_inside__refused", TEXT("[tRue]"), 2, "expected 'true'"},
    {"literal__cut_off__refused", TEXT("[tru]"), 4, "expected 'true'"},
    {"literal__cut_off_by_end__refused", TEXT("fals"), 4, "the text ends where 'false' is expected"},
    {"literal__nul_for_null__refused", TEXT("[nul]"), 4, "expected 'null'"},
    {"literal__longer__refused", TEXT("[nulll]"), 5, "expected ',' or ']'"},
    {"literal__side_by_side__refused", TEXT("[truefalse]"), 5, "expected ',' or ']'"},
    {"literal__string_after__refused", TEXT("[true\"a\"]"), 5, "expected ',' or ']'"},
    {"literal__undefined__refused", TEXT("[undefined]"), 1, "expected a value or ']'"},
    /* strings */
    {"string__all_simple_escapes__accepted", TEXT("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"), ACCEPTED, NULL},
    {"string__unicode_escapes__accepted", TEXT("[\"\\u0041\\u00e9\\u20AC\\uffff\\uFFFE\"]"), ACCEPTED, NULL},
    {"string__nul_escape__accepted", TEXT("[\"a\\u0000b\"]"), ACCEPTED, NULL},
    {"string__nul_escape_in_name__accepted", TEXT("{\"a\\u0000b\":1}"), ACCEPTED, NULL},
    {"string__surrogate_pair__accepted", TEXT("[\"\\ud83d\\uDE00\"]"), ACCEPTED, NULL},
    {"string__two_surrogate_pairs__accepted", TEXT("[\"\\ud83d\\ude00\\ud83d\\ude00\"]"), ACCEPTED, NULL},
    {"string__delete__accepted", TEXT("[\"\x7F\"]"), ACCEPTED, NULL},
    {"string__utf8_of_each_length__accepted", TEXT("[\"a\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\"]"), ACCEPTED, NULL},
    {"string__u2028__accepted", TEXT("[\"\xE2\x80\xA8\xE2\x80\xA9\"]"), ACCEPTED, NULL},
    {"string__brackets_inside__accepted", TEXT("[\"{[}],:\"]"), ACCEPTED, NULL},
    {"string__backslashes_at_end__accepted", TEXT("[\"\\\\\",\"\\\\\\\\\"]"), ACCEPTED, NULL},
    {"string__unclosed__refused", TEXT("[\"a"), 3, "the text ends inside a string"},
    {"string__unclosed_quote_alone__refused", TEXT("\""), 1, "the text ends inside a string"},
    {"string__closing_quote_escaped__refused", TEXT("[\"a\\\"]"), 6, "the text ends inside a string"},
    {"string__ends_in_backslash__refused", TEXT("\"a\\"), 3, "the text ends where one of \"\\/bfnrtu after the backslash is expected"},
    {"string__single_quotes__refused", TEXT("['a']"), 1, "expected a value or ']'"},
    {"string__tab__refused", TEXT("[\"a\tb\"]"), 3, "a control character in a string is not escaped"},
    {"string__line_feed__refused", TEXT("[\"a\nb\"]"), 3, "a control character in a string is not escaped"},
    {"string__nul__refused", TEXT("[\"a\0b\"]"), 3, "a control character in a string is not escaped"},
    {"string__unit_separator__refused", TEXT("[\"\x1F\"]"), 2, "a control character in a string is not escaped"},
    {"string__control_in_name__refused", TEXT("{\"\x01\":1}"), 2, "a control character in a string is not escaped"},
    {"string__unknown_escape__refused", TEXT("[\"\\a\"]"), 3, "expected one of \"\\/bfnrtu after the backslash"},
    {"string__capital_u_escape__refused", TEXT("[\"\\U0041\"]"), 3, "expected one of \"\\/bfnrtu after the backslash"},
    {"string__hexadecimal_escape__refused", TEXT("[\"\\x41\"]"), 3, "expected one of \"\\/bfnrtu after the backslash"},
    {"string__nul_after_backslash__refused", TEXT("[\"\\\0\"]"), 3, "expected one of \"\\/bfnrtu after the backslash"},
    {"string__line_continuation__refused", TEXT("[\"\\\n\"]"), 3, "expected one of \"\\/bfnrtu after the backslash"},
    {"string__utf8_after_backslash__refused", TEXT("[\"\\\xC3\xA9\"]"), 3, "expected one of \"\\/bfnrtu after the backslash"},
    {"string__three_hexadecimal_digits__refused", TEXT("[\"\\u004\"]"), 7, "expected a hexadecimal digit"},
    {"string__no_hexadecimal_digit__refused", TEXT("[\"\\u00G0\"]"), 6, "expected a hexadecimal digit"},
    {"string__sign_for_hexadecimal_digit__refused", TEXT("[\"\\u+041\"]"), 4, "expected a hexadecimal digit"},
    {"string__blank_for_hexadecimal_digit__refused", TEXT("[\"\\u 041\"]"), 4, "expected a hexadecimal digit"},
    {"string__ends_in_escape__refused", TEXT("\"\\u00"), 5, "the text ends where a hexadecimal digit is expected"},
    {"string__high_surrogate_alone__refused", TEXT("[\"\\ud800\"]"), 2, "half of a surrogate pair"},
    {"string__high_surrogate_before_letter__refused", TEXT("[\"x\\udbffx\"]"), 3, "half of a surrogate pair"},
    {"string__high_surrogate_before_escape__refused", TEXT("[\"\\ud800\\n\"]"), 2, "half of a surrogate pair"},
    {"string__high_surrogate_before_other_unit__refused", TEXT("[\"\\ud800\\u0041\"]"), 2, "half of a surrogate pair"},
    {"string__two_high_surrogates__refused", TEXT("[\"\\ud800\\ud800\\udc00\"]"), 2, "half of a surrogate pair"},
    {"string__low_surrogate_alone__refused", TEXT("[\"\\udc00\"]"), 2, "half of a surrogate pair"},
    {"string__low_surrogate_first__refused", TEXT("[\"\\udfff\\ud800\"]"), 2, "half of a surrogate pair"},
    {"string__second_low_surrogate__refused", TEXT("[\"\\ud800\\udc00\\udc00\"]"), 14, "half of a surrogate pair"},
    {"string__surrogate_pair_with_broken_low__refused", TEXT("[\"\\ud800\\udcG0\"]"), 2, "half of a surrogate pair"},
    {"string__surrogate_before_literal_utf8__refused", TEXT("[\"\\ud83d\xF0\x9F\x98\x80\"]"), 2, "half of a surrogate pair"},
    {"string__surrogate_in_name__refused", TEXT("{\"\\udead\":1}"), 2, "half of a surrogate pair"},
    {"string__latin1__refused", TEXT("[\"caf\xE9\"]"), 5, "a string is not UTF-8"},
    {"string__continuation_alone__refused", TEXT("[\"\x80\"]"), 2, "a string is not UTF-8"},
    {"string__second_continuation__refused", TEXT("[\"\xC3\xA9\xA9\"]"), 4, "a string is not UTF-8"},
    {"string__cut_sequence__refused", TEXT("[\"\xE2\x82\"]"), 2, "a string is not UTF-8"},
    {"string__sequence_cut_by_end__refused", TEXT("[\"\xF0\x9F\x98"), 2, "a string is not UTF-8"},
    {"string__cut_pair_before_three_bytes__refused", TEXT("[\"\xDAm\xED\x98\x84\"]"), 2, "a string is not UTF-8"},
    {"string__cut_three_before_pair__refused", TEXT("[\"\xED\x98m\xC3\xA9\"]"), 2, "a string is not UTF-8"},
    {"string__cut_four_before_four__refused", TEXT("[\"\xF0\x9F\x98\xF0\x9F\x98\x80\"]"), 2, "a string is not UTF-8"},
    {"string__overlong_2__refused", TEXT("[\"\xC0\xAF\"]"), 2, "a string is not UTF-8"},
    {"string__overlong_c1__refused", TEXT("[\"\xC1\xBF\"]"), 2, "a string is not UTF-8"},
    {"string__overlong_3__refused", TEXT("[\"\xE0\x9F\xBF\"]"), 2, "a string is not UTF-8"},
    {"string__overlong_4__refused", TEXT("[\"\xF0\x8F\xBF\xBF\"]"), 2, "a string is not UTF-8"},
    {"string__utf8_surrogate__refused", TEXT("[\"\xED\xA0\x80\"]"), 2, "a string is not UTF-8"},
    {"string__over_10ffff__refused", TEXT("[\"\xF4\x90\x80\x80\"]"), 2, "a string is not UTF-8"},
    {"string__f5__refused", TEXT("[\"\xF5\x80\x80\x80\"]"), 2, "a string is not UTF-8"},
    {"string__ff__refused", TEXT("[\"\xFF\"]"), 2, "a string is not UTF-8"},
    {"string__utf8_outside_string__refused", TEXT("[\xC3\xA9]"), 1, "expected a value or ']'"},
    {"string__utf8_in_name__refused", TEXT("{\"\xE9\":1}"), 2, "a string is not UTF-8"},
    /* clang-format on */
};

static bool skip_whole(struct moor_json_reader *reader)
{
    return moor_json_skip(reader, NULL) == 0;
}

/* The first container by skip_rest, so that the fast pass starts inside a value. */
static bool skip_rest(struct moor_json_reader *reader)
{
    struct moor_json_token token;
    enum moor_json_event event = moor_json_next(reader, &token);
    if (event == MOOR_JSON_OBJECT_BEGIN || event == MOOR_JSON_ARRAY_BEGIN) {
        return moor_json_skip_rest(reader) == 0 && walk(reader);
    }
    return event != MOOR_JSON_ERROR && walk(reader);
}

typedef bool (*passer)(struct moor_json_reader *reader); /* for the array below alone */
static const passer passers[] = {walk, skip_whole, skip_rest};

static void assert_decision(struct moor_json_reader *reader, passer pass, struct moor_slice text,
                            size_t refused_at, const char *says)
{
    moor_json_reader_init(reader, text);
    bool accepted = pass(reader);
    if (refused_at == ACCEPTED) {
        if (!accepted) {
            print_error("%s\n", reader->error.text);
        }
        assert_true(accepted);
        return;
    }
    assert_false(accepted);
    assert_int_equal(reader->error.offset, refused_at);
    if (says != NULL) {
        char expected[256];
        (void)snprintf(expected, sizeof expected, "offset %zu: %s", refused_at, says);
        assert_string_equal(reader->error.text, expected);
    }
    struct moor_json_token token;
    assert_int_equal(moor_json_next(reader, &token), MOOR_JSON_ERROR);
    assert_int_equal(moor_json_skip(reader, NULL), -1);
    assert_int_equal(moor_json_skip_rest(reader), -1);
}

/* In memory of exactly its size, so that a read past the end shows. */
static void text__row(void **state)
{
    const struct text_row *row = *state;
    struct moor_json_reader reader;
    char *copy = malloc(row->len > 0 ? row->len : 1);
    assert_non_null(copy);
    memcpy(copy, row->text, row->len);
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(passers); i++) {
        assert_decision(&reader, passers[i], (struct moor_slice){copy, row->len}, row->refused_at,
                        row->says);
    }
    free(copy);
}

/* Whether the row says the same of its text where that is an item of an array. */
static bool can_be_item(const struct text_row *row)
{
    if (row->refused_at == ACCEPTED) {
        return true;
    }
    return row->refused_at < row->len && row->text[0] != ']' &&
           strcmp(row->says, "expected the end of the text") != 0;
}

/* The row as an item of an array, at each offset in a block, followed by more than a block. */
static void text__row_at_each_place_of_a_block(void **state)
{
    const struct text_row *row = *state;
    struct moor_json_reader reader;
    for (size_t before = 1; before <= 130; before++) {
        struct moor_buf text;
        moor_buf_init(&text, 1000);
        moor_buf_append_byte(&text, '[');
        for (size_t i = 1; i < before; i++) {
            moor_buf_append_byte(&text, ' ');
        }
        moor_buf_append(&text, (struct moor_slice){row->text, row->len});
        moor_buf_append_text(&text,
                             " ,\"0123456789012345678901234567890123456789\",[{\"a\":null}]]");
        size_t at = row->refused_at == ACCEPTED ? ACCEPTED : before + row->refused_at;
        for (size_t i = 0; i < MOOR_ARRAY_SIZE(passers); i++) {
            assert_decision(&reader, passers[i], moor_buf_slice(&text), at, NULL);
        }
        moor_buf_release(&text);
    }
}

/* --- nesting --------------------------------------------------------------------------------- */

static void nest(struct moor_buf *text, const char *begin, const char *middle, const char *end,
                 size_t requirements)
{
    moor_buf_init(text, 200000);
    for (size_t i = 0; i < requirements; i++) {
        moor_buf_append_text(text, begin);
    }
    moor_buf_append_text(text, middle);
    for (size_t i = 0; i < requirements; i++) {
        moor_buf_append_text(text, end);
    }
    assert_int_equal(moor_buf_check(text, NULL), 0);
}

static void assert_depth_limit(const char *begin, const char *middle, const char *end)
{
    struct moor_json_reader reader;
    struct moor_buf text;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(passers); i++) {
        nest(&text, begin, middle, end, 10000);
        assert_decision(&reader, passers[i], moor_buf_slice(&text), ACCEPTED, NULL);
        moor_buf_release(&text);
        nest(&text, begin, middle, end, 10001);
        size_t at = strlen(begin) * 10000;
        assert_decision(&reader, passers[i], moor_buf_slice(&text), at,
                        "nested deeper than 10000 levels");
        assert_int_equal(reader.error.code, MOOR_ERROR_LIMIT);
        moor_buf_release(&text);
    }
}

static void depth__10000_arrays__accepted_and_one_more_refused(void **state)
{
    (void)state;
    assert_depth_limit("[", "", "]");
}

static void depth__10000_objects__accepted_and_one_more_refused(void **state)
{
    (void)state;
    assert_depth_limit("{\"\":", "0", "}");
}

static void depth__mixed_levels__closed_in_their_order(void **state)
{
    (void)state;
    struct moor_json_reader reader;
    struct moor_buf text;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(passers); i++) {
        nest(&text, "[{\"a\":", "0", "}]", 5000);
        assert_decision(&reader, passers[i], moor_buf_slice(&text), ACCEPTED, NULL);
        /* One closing bracket in the middle is of the other kind. */
        size_t at = 5000 * 6 + 1 + 5001;
        text.ptr[at] = text.ptr[at] == ']' ? '}' : ']';
        assert_decision(&reader, passers[i], moor_buf_slice(&text), at, NULL);
        moor_buf_release(&text);
    }
}

/* --- all of them ----------------------------------------------------------------------------- */

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(depth__10000_arrays__accepted_and_one_more_refused),
        cmocka_unit_test(depth__10000_objects__accepted_and_one_more_refused),
        cmocka_unit_test(depth__mixed_levels__closed_in_their_order),
    };
    static char shifted_names[MOOR_ARRAY_SIZE(text_rows)][96];
    struct CMUnitTest tests[2 * MOOR_ARRAY_SIZE(text_rows) + MOOR_ARRAY_SIZE(others)];
    size_t count = 0;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(text_rows); i++) {
        tests[count++] = test_of_row(text_rows[i].name, text__row, &text_rows[i]);
        if (!can_be_item(&text_rows[i])) {
            continue;
        }
        (void)snprintf(shifted_names[i], sizeof shifted_names[i], "%s_at_each_place",
                       text_rows[i].name);
        tests[count++] =
            test_of_row(shifted_names[i], text__row_at_each_place_of_a_block, &text_rows[i]);
    }
    memcpy(&tests[count], others, sizeof others);
    count += MOOR_ARRAY_SIZE(others);
    return run_in_each_form("json_text", tests, count);
}
