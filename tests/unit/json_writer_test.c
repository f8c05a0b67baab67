/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/json/reader.h"
#include "policy/json/writer.h"

/* --- strings --------------------------------------------------------------------------------- */

struct string_row {
    const char *name;
    const char *bytes;
    size_t len;
    const char *json;
};

#define BYTES(literal) (literal), sizeof(literal) - 1

static const struct string_row string_rows[] = {
    {"string__empty__quotes", BYTES(""), "\"\""},
    {"string__plain__as_it_is", BYTES("nginx:1.25 <&>/"), "\"nginx:1.25 <&>/\""},
    {"string__quote_and_backslash__escaped", BYTES("a\"b\\c"), "\"a\\\"b\\\\c\""},
    {"string__short_escapes__used", BYTES("\n\r\t"), "\"\\n\\r\\t\""},
    {"string__nul__escaped", BYTES("a\0b"), "\"a\\u0000b\""},
    {"string__first_and_last_control__escaped", BYTES("\x01\x1F"), "\"\\u0001\\u001f\""},
    {"string__backspace_and_form_feed__escaped", BYTES("\b\f"), "\"\\u0008\\u000c\""},
    {"string__delete__escaped", BYTES("\x7F"), "\"\\u007f\""},
    {"string__line_and_paragraph_separator__escaped", BYTES("\xE2\x80\xA8\xE2\x80\xA9"),
     "\"\\u2028\\u2029\""},
    {"string__beside_the_separators__as_it_is", BYTES("\xE2\x80\xA7\xE2\x82\xA8"),
     "\"\xE2\x80\xA7\xE2\x82\xA8\""},
    {"string__utf8__as_it_is", BYTES("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"),
     "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\""},
    {"string__byte_that_starts_nothing__replaced", BYTES("a\xFFz"), "\"a\xEF\xBF\xBDz\""},
    {"string__latin1__replaced", BYTES("caf\xE9"), "\"caf\xEF\xBF\xBD\""},
    {"string__cut_sequence__each_byte_replaced", BYTES("\xE2\x82"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
    {"string__surrogate__each_byte_replaced", BYTES("\xED\xA0\x80"),
     "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    {"string__overlong_quote__never_a_quote", BYTES("\xC0\xA2"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
    {"string__lead_before_quote__quote_escaped", BYTES("\xC3\""), "\"\xEF\xBF\xBD\\\"\""},
};

static void string__row(void **state)
{
    const struct string_row *row = *state;
    struct moor_buf out;
    struct moor_json_writer writer;
    moor_buf_init(&out, 1000);
    moor_json_writer_init(&writer, &out);
    moor_json_string(&writer, (struct moor_slice){row->bytes, row->len});
    assert_slice_equal(moor_buf_slice(&out), row->json);
    assert_int_equal(moor_buf_check(&out, NULL), 0);
    moor_buf_release(&out);
}

/* --- structure ------------------------------------------------------------------------------- */

/* Letters: { } [ ] as they are, k a key, s a string, t true, n a number, r raw. */
struct script_row {
    const char *name;
    const char *script;
    const char *json; /* NULL: the buffer fails */
};

static const struct script_row script_rows[] = {
    {"script__empty_object__written", "{}", "{}"},
    {"script__empty_array__written", "[]", "[]"},
    {"script__scalar_alone__written", "n", "18446744073709551615"},
    {"script__members__with_commas", "{ksktkn}",
     "{\"k\":\"s\",\"k\":true,\"k\":18446744073709551615}"},
    {"script__items__with_commas", "[str]", "[\"s\",true,[1]]"},
    {"script__nested__commas_of_each_level", "{k[{}{ks}]k{k[]}}",
     "{\"k\":[{},{\"k\":\"s\"}],\"k\":{\"k\":[]}}"},
    {"script__level_opened_again__no_comma_first", "[[s][s]]", "[[\"s\"],[\"s\"]]"},
    {"script__object_then_array_on_a_level__kinds_kept_apart", "[{ks}[s]{ks}]",
     "[{\"k\":\"s\"},[\"s\"],{\"k\":\"s\"}]"},
    {"script__32_levels__written",
     "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
     "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"},
    {"script__33_levels__failed", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", NULL},
    {"script__value_without_name__failed", "{s}", NULL},
    {"script__name_without_value__failed", "{k}", NULL},
    {"script__two_names__failed", "{kks}", NULL},
    {"script__name_in_array__failed", "[k", NULL},
    {"script__name_outside__failed", "k", NULL},
    {"script__array_ended_as_object__failed", "[}", NULL},
    {"script__object_ended_as_array__failed", "{]", NULL},
    {"script__end_without_beginning__failed", "}", NULL},
    {"script__two_values__failed", "{}s", NULL},
};

static void run_step(struct moor_json_writer *writer, char step)
{
    switch (step) {
    case '{':
        moor_json_object_begin(writer);
        break;
    case '}':
        moor_json_object_end(writer);
        break;
    case '[':
        moor_json_array_begin(writer);
        break;
    case ']':
        moor_json_array_end(writer);
        break;
    case 'k':
        moor_json_key(writer, "k");
        break;
    case 's':
        moor_json_text(writer, "s");
        break;
    case 't':
        moor_json_bool(writer, true);
        break;
    case 'n':
        moor_json_u64(writer, UINT64_MAX);
        break;
    default:
        moor_json_raw(writer, MOOR_SLICE("[1]"));
        break;
    }
}

static void script__row(void **state)
{
    const struct script_row *row = *state;
    struct moor_buf out;
    struct moor_json_writer writer;
    moor_buf_init(&out, 1000);
    moor_json_writer_init(&writer, &out);
    for (const char *step = row->script; *step != '\0'; step++) {
        run_step(&writer, *step);
    }
    assert_int_equal(moor_buf_check(&out, NULL), row->json != NULL ? 0 : -1);
    assert_true(row->json == NULL || moor_slice_is(moor_buf_slice(&out), row->json));
    moor_buf_release(&out);
}

static const struct lines_row {
    const char *name;
    uint32_t lines;
    const char *script;
    const char *json;
} lines_rows[] = {
    {"lines__none__compact", 0, "{k[s]}", "{\"k\":[\"s\"]}"},
    {"lines__a_level__deeper_ones_compact", 1, "{k[ss]kt}",
     "{\n  \"k\": [\"s\",\"s\"],\n  \"k\": true\n}"},
    {"lines__two_levels__items_indented", 2, "{k[s{ks}]}",
     "{\n  \"k\": [\n    \"s\",\n    {\"k\":\"s\"}\n  ]\n}"},
    {"lines__empty_levels__on_one_line", 3, "{k[]k{}}", "{\n  \"k\": [],\n  \"k\": {}\n}"},
    {"lines__value_alone__no_line", 1, "s", "\"s\""},
    {"lines__array_outside__items_indented", 1, "[nr]", "[\n  18446744073709551615,\n  [1]\n]"},
    {"lines__key_without_value__failed", 1, "{k}", NULL},
};

static void lines__row(void **state)
{
    const struct lines_row *row = *state;
    struct moor_buf out;
    struct moor_json_writer writer;
    moor_buf_init(&out, 1000);
    moor_json_writer_init_lines(&writer, &out, row->lines);
    for (const char *step = row->script; *step != '\0'; step++) {
        run_step(&writer, *step);
    }
    assert_int_equal(moor_buf_check(&out, NULL), row->json != NULL ? 0 : -1);
    if (row->json != NULL) {
        assert_slice_equal(moor_buf_slice(&out), row->json);
    }
    moor_buf_release(&out);
}

static void key_any__quotes_and_line_end__escaped(void **state)
{
    (void)state;
    struct moor_buf out;
    struct moor_json_writer writer;
    moor_buf_init(&out, 1000);
    moor_json_writer_init(&writer, &out);
    moor_json_object_begin(&writer);
    moor_json_key_any(&writer, MOOR_SLICE("a\"\n"));
    moor_json_bool(&writer, true);
    moor_json_key_any(&writer, MOOR_SLICE(""));
    moor_json_bool(&writer, false);
    moor_json_object_end(&writer);
    assert_slice_equal(moor_buf_slice(&out), "{\"a\\\"\\n\":true,\"\":false}");
    assert_int_equal(moor_buf_check(&out, NULL), 0);
    moor_buf_release(&out);
}

static void member__each_kind__written(void **state)
{
    (void)state;
    struct moor_buf out;
    struct moor_json_writer writer;
    moor_buf_init(&out, 1000);
    moor_json_writer_init(&writer, &out);
    moor_json_object_begin(&writer);
    moor_json_member_string(&writer, "a", MOOR_SLICE("x\"y"));
    moor_json_member_text(&writer, "b", NULL);
    moor_json_member_bool(&writer, "c", false);
    moor_json_member_u64(&writer, "d", 0);
    moor_json_object_end(&writer);
    assert_slice_equal(moor_buf_slice(&out), "{\"a\":\"x\\\"y\",\"b\":\"\",\"c\":false,\"d\":0}");
    moor_buf_release(&out);
}

/* At every size, the buffer holds the whole text or is marked as failed, and never overflows. */
static void writer__every_size_of_buffer__whole_or_failed(void **state)
{
    (void)state;
    static const char whole[] = "{\"k\":[\"a\\u0001\\n\xEF\xBF\xBD\",7],\"l\":true}";
    for (size_t max = 0; max < sizeof whole + 3; max++) {
        struct moor_buf out;
        struct moor_json_writer writer;
        moor_buf_init(&out, max);
        moor_json_writer_init(&writer, &out);
        moor_json_object_begin(&writer);
        moor_json_key(&writer, "k");
        moor_json_array_begin(&writer);
        moor_json_text(&writer, "a\x01\n\xFF");
        moor_json_u64(&writer, 7);
        moor_json_array_end(&writer);
        moor_json_member_bool(&writer, "l", true);
        moor_json_object_end(&writer);
        assert_in_range(out.len, 0, max);
        bool fits = max >= sizeof whole - 1;
        assert_int_equal(moor_buf_check(&out, NULL), fits ? 0 : -1);
        assert_true(!fits || moor_slice_is(moor_buf_slice(&out), whole));
        moor_buf_release(&out);
    }
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(string_rows) + MOOR_ARRAY_SIZE(script_rows) +
                            MOOR_ARRAY_SIZE(lines_rows) + 3];
    size_t count = 0;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(string_rows); i++) {
        tests[count++] = test_of_row(string_rows[i].name, string__row, &string_rows[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(script_rows); i++) {
        tests[count++] = test_of_row(script_rows[i].name, script__row, &script_rows[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(lines_rows); i++) {
        tests[count++] = test_of_row(lines_rows[i].name, lines__row, &lines_rows[i]);
    }
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(key_any__quotes_and_line_end__escaped);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(member__each_kind__written);
    tests[count] =
        (struct CMUnitTest)cmocka_unit_test(writer__every_size_of_buffer__whole_or_failed);
    return cmocka_run_group_tests_name("json_writer", tests, NULL, NULL);
}
