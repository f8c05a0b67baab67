/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/forms.h"

#include "policy/base/array_size.h"
#include "policy/base/buf.h"
#include "policy/json/reader.h"

#include <stdlib.h>

/* --- events ---------------------------------------------------------------------------------- */

static void next__each_event__with_its_token(void **state)
{
    (void)state;

    static const struct {
        enum moor_json_event event;
        const char *raw;
        size_t offset;
    } expected[] = {
        {MOOR_JSON_OBJECT_BEGIN, "", 1},  {MOOR_JSON_KEY, "a", 2},
        {MOOR_JSON_ARRAY_BEGIN, "", 7},   {MOOR_JSON_NUMBER, "-1.5e3", 8},
        {MOOR_JSON_TRUE, "", 15},         {MOOR_JSON_FALSE, "", 20},
        {MOOR_JSON_NULL, "", 26},         {MOOR_JSON_STRING, "x\\n", 31},
        {MOOR_JSON_ARRAY_END, "", 36},    {MOOR_JSON_KEY, "", 38},
        {MOOR_JSON_OBJECT_BEGIN, "", 41}, {MOOR_JSON_OBJECT_END, "", 42},
        {MOOR_JSON_OBJECT_END, "", 43},   {MOOR_JSON_END, "", 45},
        {MOOR_JSON_END, "", 45},
    };
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader,
                          MOOR_SLICE(" {\"a\": [-1.5e3,true,false,null,\"x\\n\"],\"\":{}} "));
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(expected); i++) {
        assert_int_equal(moor_json_next(&reader, &token), expected[i].event);
        assert_true(moor_slice_is(token.raw, expected[i].raw));
        assert_int_equal(token.offset, expected[i].offset);
        assert_int_equal(token.escaped, i == 7);
    }
}

/* A string of `len` letters, with an escaped quote in the middle where `escape` is not empty. */
static void assert_string_read(size_t len, struct moor_slice escape)
{
    struct moor_buf text;
    moor_buf_init(&text, 1000);
    moor_buf_append_byte(&text, '"');
    for (size_t i = 0; i < len; i++) {
        moor_buf_append(&text, i == len / 2 ? escape : MOOR_SLICE(""));
        moor_buf_append_byte(&text, 'a');
    }
    moor_buf_append_byte(&text, '"');
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, moor_buf_slice(&text));
    assert_int_equal(moor_json_next(&reader, &token), MOOR_JSON_STRING);
    assert_int_equal(token.raw.len, len + escape.len);
    assert_ptr_equal(token.raw.ptr, text.ptr + 1);
    assert_int_equal(token.escaped, escape.len > 0);
    assert_int_equal(moor_json_next(&reader, &token), MOOR_JSON_END);
    moor_buf_release(&text);
}

static void next__strings_of_every_length__raw_and_escaped_exact(void **state)
{
    (void)state;
    for (size_t len = 1; len < 300; len++) {
        assert_string_read(len, MOOR_SLICE(""));
        assert_string_read(len, MOOR_SLICE("\\\""));
        assert_string_read(len, MOOR_SLICE("\\\\"));
    }
}

static void init__null_slice__refused_as_empty(void **state)
{
    (void)state;
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, (struct moor_slice){NULL, 0});
    assert_int_equal(moor_json_next(&reader, &token), MOOR_JSON_ERROR);
    assert_string_equal(reader.error.text, "offset 0: the text ends where a value is expected");
    assert_int_equal(reader.error.code, MOOR_ERROR_SYNTAX);
}

static void init__used_reader__as_new(void **state)
{
    (void)state;
    struct moor_json_reader reader;
    memset(&reader, 0xA5, sizeof reader);
    moor_json_reader_init(&reader, MOOR_SLICE("[[[[x"));
    assert_false(walk(&reader));
    moor_json_reader_init(&reader, MOOR_SLICE("{\"a\":{\"b\":[{}]}}"));
    assert_int_equal(reader.error.code, MOOR_ERROR_NONE);
    assert_true(walk(&reader));
}

/* --- skip: where a value comes next, and where none does -------------------------------------- */

struct skip_row {
    const char *name;
    const char *text;
    int events;      /* read before the skip */
    const char *raw; /* what is skipped; NULL: refused */
    size_t refused_at;
    enum moor_json_event then;
    enum moor_error_code code;
};

static const struct skip_row skip_rows[] = {
    /* clang-format off */
    {"skip__at_start__whole_text", " {\"a\":[1]} ", 0, "{\"a\":[1]}", 0, MOOR_JSON_END, 0},
    {"skip__at_start_of_scalar__whole_text", " 12 ", 0, "12", 0, MOOR_JSON_END, 0},
    {"skip__after_key__its_value", "{\"a\" : {\"b\":1} ,\"c\":2}", 2, "{\"b\":1}", 0, MOOR_JSON_KEY, 0},
    {"skip__after_key__string", "{\"a\":\"x\\\"y\"}", 2, "\"x\\\"y\"", 0, MOOR_JSON_OBJECT_END, 0},
    {"skip__after_key__number", "{\"a\":-0.5e1}", 2, "-0.5e1", 0, MOOR_JSON_OBJECT_END, 0},
    {"skip__after_key__literal", "{\"a\":null }", 2, "null", 0, MOOR_JSON_OBJECT_END, 0},
    {"skip__in_array__first_item", "[ [1] ,2]", 1, "[1]", 0, MOOR_JSON_NUMBER, 0},
    {"skip__in_array__next_item", "[1 , {} , 3]", 2, "{}", 0, MOOR_JSON_NUMBER, 0},
    {"skip__in_array__last_item", "[1,\"b\"]", 2, "\"b\"", 0, MOOR_JSON_ARRAY_END, 0},
    {"skip__after_brace__no_value", "{\"a\":1}", 1, NULL, 1, 0, MOOR_ERROR_VALUE},
    {"skip__after_brace_of_empty_object__no_value", "{ }", 1, NULL, 1, 0, MOOR_ERROR_VALUE},
    {"skip__after_member__no_value", "{\"a\":1,\"b\":2}", 3, NULL, 6, 0, MOOR_ERROR_VALUE},
    {"skip__empty_array__no_value", "[ ]", 1, NULL, 2, 0, MOOR_ERROR_VALUE},
    {"skip__after_last_item__no_value", "[1]", 2, NULL, 2, 0, MOOR_ERROR_VALUE},
    {"skip__after_the_outermost_value__no_value", "[] ", 2, NULL, 2, 0, MOOR_ERROR_VALUE},
    {"skip__broken_item__refused", "[1 x]", 2, NULL, 3, 0, MOOR_ERROR_SYNTAX},
    {"skip__comma_before_end__refused", "[1,]", 2, NULL, 3, 0, MOOR_ERROR_SYNTAX},
    {"skip__no_colon__refused", "{\"a\" 1}", 2, NULL, 5, 0, MOOR_ERROR_SYNTAX},
    {"skip__cut_off_after_colon__refused", "{\"a\":", 2, NULL, 5, 0, MOOR_ERROR_SYNTAX},
    {"skip__cut_off_in_array__refused", "[1,", 2, NULL, 3, 0, MOOR_ERROR_SYNTAX},
    {"skip__closing_brace_for_value__refused", "{\"a\":}", 2, NULL, 5, 0, MOOR_ERROR_SYNTAX},
    {"skip__closing_brace_in_array__refused", "[}", 1, NULL, 1, 0, MOOR_ERROR_SYNTAX},
    {"skip__bytes_after_whole_text__refused", "{} x", 0, NULL, 3, 0, MOOR_ERROR_SYNTAX},
    {"skip__empty_text__refused", "", 0, NULL, 0, 0, MOOR_ERROR_SYNTAX},
    {"skip__broken_after_the_value__not_yet_seen", "[[1] \x01", 1, "[1]", 0, MOOR_JSON_ERROR, 0},
    {"skip__bad_utf8_after_the_value__not_yet_seen", "[[\"a\"],\"\xFF\"]", 1, "[\"a\"]", 0, MOOR_JSON_ERROR, 0},
    /* clang-format on */
};

static void read_events(struct moor_json_reader *reader, int events)
{
    struct moor_json_token token;
    for (int i = 0; i < events; i++) {
        assert_int_not_equal(moor_json_next(reader, &token), MOOR_JSON_ERROR);
    }
}

static void skip__row(void **state)
{
    const struct skip_row *row = *state;
    struct moor_json_reader reader;
    moor_json_reader_init(&reader, moor_slice_from(row->text));
    read_events(&reader, row->events);
    struct moor_slice raw = MOOR_SLICE("untouched");
    int result = moor_json_skip(&reader, &raw);
    assert_int_equal(result, row->raw != NULL ? 0 : -1);
    assert_slice_equal(raw, row->raw != NULL ? row->raw : "untouched");
    if (row->raw == NULL) {
        assert_int_equal(reader.error.offset, row->refused_at);
        assert_int_equal(reader.error.code, row->code);
    }
    struct moor_json_token token;
    assert_int_equal(moor_json_next(&reader, &token), row->then);
}

/* After every number of events, the rest of the level is passed over and the next event is right.
 */
static void skip_rest__after_each_event__ends_its_level(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":{\"b\":1,\"c\":[true,{\"d\":null},\"]\"],\"e\":{}},\"f\":2}";
    for (int events = 1; events < 20; events++) {
        struct moor_json_reader reader;
        struct moor_json_reader plain;
        moor_json_reader_init(&reader, moor_slice_from(text));
        moor_json_reader_init(&plain, moor_slice_from(text));
        read_events(&reader, events);
        read_events(&plain, events);
        uint32_t depth = reader.depth;
        assert_int_equal(moor_json_skip_rest(&reader), 0);
        struct moor_json_token token;
        while (plain.depth >= depth) {
            assert_int_not_equal(moor_json_next(&plain, &token), MOOR_JSON_ERROR);
        }
        assert_ptr_equal(reader.at, plain.at);
        assert_int_equal(reader.depth, plain.depth);
        assert_true(walk(&reader));
    }
}

static void skip_rest__nothing_open__refused(void **state)
{
    (void)state;
    struct moor_json_reader reader;
    moor_json_reader_init(&reader, MOOR_SLICE("{}"));
    assert_int_equal(moor_json_skip_rest(&reader), -1);
    assert_int_equal(reader.error.code, MOOR_ERROR_VALUE);
    moor_json_reader_init(&reader, MOOR_SLICE("{}"));
    read_events(&reader, 2);
    assert_int_equal(moor_json_skip_rest(&reader), -1);
}

/* --- token text ------------------------------------------------------------------------------ */

struct token_row {
    const char *name;
    const char *json;
    const char *value;
    size_t len;
};

static const struct token_row token_rows[] = {
    {"token__plain__borrowed", "\"abc\"", TEXT("abc")},
    {"token__empty__empty", "\"\"", TEXT("")},
    {"token__simple_escapes__resolved", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", TEXT("\"\\/\b\f\n\r\t")},
    {"token__escape_in_the_middle__resolved", "\"a\\nb\"", TEXT("a\nb")},
    {"token__nul__resolved", "\"a\\u0000b\"", TEXT("a\0b")},
    {"token__unicode_of_each_length__resolved", "\"\\u007f\\u0080\\u07FF\\u0800\\uffff\"",
     TEXT("\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF")},
    {"token__surrogate_pairs__resolved", "\"\\ud800\\udc00\\uDBFF\\uDFFF\"",
     TEXT("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF")},
    {"token__utf8_beside_escape__kept", "\"\xC3\xA9\\u00e9\xE2\x82\xAC\"",
     TEXT("\xC3\xA9\xC3\xA9\xE2\x82\xAC")},
    {"token__escaped_letters__resolved", "\"\\u006b\\u0069nd\"", TEXT("kind")},
};

static void token__row(void **state)
{
    const struct token_row *row = *state;
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, moor_slice_from(row->json));
    assert_int_equal(moor_json_next(&reader, &token), MOOR_JSON_STRING);
    struct moor_arena arena;
    moor_arena_init(&arena, 1000);
    struct moor_slice text;
    assert_int_equal(moor_json_token_text(&token, &arena, &text, NULL), 0);
    assert_int_equal(text.len, row->len);
    assert_memory_equal(text.ptr, row->value, row->len);
    assert_int_equal(text.ptr == token.raw.ptr, !token.escaped);
    moor_arena_release(&arena);

    char other[64];
    memcpy(other, row->value, row->len);
    other[row->len] = 'x';
    assert_true(moor_json_token_is(&token, (struct moor_slice){other, row->len}));
    assert_false(moor_json_token_is(&token, (struct moor_slice){other, row->len + 1}));
    for (size_t i = 0; i < row->len; i++) {
        assert_false(moor_json_token_is(&token, (struct moor_slice){other, i}));
        other[i] = (char)(other[i] ^ 1);
        assert_false(moor_json_token_is(&token, (struct moor_slice){other, row->len}));
        other[i] = (char)(other[i] ^ 1);
    }
}

static void token_text__full_arena__refused(void **state)
{
    (void)state;
    struct moor_json_token token = {.raw = MOOR_SLICE("0123456789abcdef\\n"), .escaped = true};
    struct moor_arena arena;
    moor_arena_init(&arena, 16);
    struct moor_slice text = MOOR_SLICE("untouched");
    struct moor_error err = {0};
    assert_int_equal(moor_json_token_text(&token, &arena, &text, &err), -1);
    assert_int_equal(err.code, MOOR_ERROR_MEMORY);
    assert_slice_equal(text, "untouched");
    moor_arena_release(&arena);
}

static void token_text__not_from_a_reader__refused(void **state)
{
    (void)state;
    static const char *const raws[] = {"a\\", "\\x", "\\u12", "\\ud800", "\\udc00", "\\ud800\\u00"};
    struct moor_arena arena;
    moor_arena_init(&arena, 100000);
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(raws); i++) {
        struct moor_json_token token = {.raw = moor_slice_from(raws[i]), .escaped = true};
        struct moor_slice text;
        struct moor_error err = {0};
        assert_int_equal(moor_json_token_text(&token, &arena, &text, &err), -1);
        assert_int_equal(err.code, MOOR_ERROR_SYNTAX);
        assert_false(moor_json_token_is(&token, MOOR_SLICE("a")));
    }
    moor_arena_release(&arena);
}

/* --- all of them ----------------------------------------------------------------------------- */

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(next__each_event__with_its_token),
        cmocka_unit_test(next__strings_of_every_length__raw_and_escaped_exact),
        cmocka_unit_test(init__null_slice__refused_as_empty),
        cmocka_unit_test(init__used_reader__as_new),
        cmocka_unit_test(skip_rest__after_each_event__ends_its_level),
        cmocka_unit_test(skip_rest__nothing_open__refused),
        cmocka_unit_test(token_text__full_arena__refused),
        cmocka_unit_test(token_text__not_from_a_reader__refused),
    };
    struct CMUnitTest
        tests[MOOR_ARRAY_SIZE(skip_rows) + MOOR_ARRAY_SIZE(token_rows) + MOOR_ARRAY_SIZE(others)];
    size_t count = 0;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(skip_rows); i++) {
        tests[count++] = test_of_row(skip_rows[i].name, skip__row, &skip_rows[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(token_rows); i++) {
        tests[count++] = test_of_row(token_rows[i].name, token__row, &token_rows[i]);
    }
    memcpy(&tests[count], others, sizeof others);
    count += MOOR_ARRAY_SIZE(others);
    return run_in_each_form("json_reader", tests, count);
}
