/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/input/yaml/json.h"
#include "cmd/input/yaml/scalar.h"
#include "policy/base/array_size.h"
#include "policy/json/reader.h"

#include <stdlib.h>

/* A text and the JSON of its first document; or, where `json` is NULL, what is wrong with it. */
struct row {
    const char *name;
    const char *yaml;
    const char *json;
    const char *wrong;
};

static const struct row rows[] = {
    {"empty_document", "--- \n", "null", NULL},
    {"block_mapping", "a: b\nc: [d, e]\nf:\n- g\n",
     "{\"a\":\"b\",\"c\":[\"d\",\"e\"],\"f\":[\"g\"]}", NULL},
    {"empty_collections", "a: {}\nb: []\nc:\n", "{\"a\":{},\"b\":[],\"c\":null}", NULL},
    {"nested_lists", "- [1, [2, {a: 3}]]\n- b\n", "[[1,[2,{\"a\":3}]],\"b\"]", NULL},
    {"escapes", "\"q\\\"b\\\\n\\nt\\tz\\0e\\xe9\": 'x\"y\\z'\n",
     "{\"q\\\"b\\\\n\\nt\\u0009z\\u0000e\xC3\xA9\":\"x\\\"y\\\\z\"}", NULL},
    {"literal_and_folded", "a: |\n  x\n  y\nb: >-\n  x\n  y\n",
     "{\"a\":\"x\\ny\\n\",\"b\":\"x y\"}", NULL},
    {"words", "[yes, No, ON, off, y, n, true, FALSE, null, ~, '', 'yes', \"1\"]",
     "[true,false,true,false,true,false,true,false,null,null,\"\",\"yes\",\"1\"]", NULL},
    {"words_spelt_otherwise", "[yEs, tRUE, nULL, oN]", "[\"yEs\",\"tRUE\",\"nULL\",\"oN\"]", NULL},
    {"integers", "[0, 12, -3, +4, 0x1F, 0o17, 017, 0b101, 1_000, -0, 18446744073709551615]",
     "[0,12,-3,4,31,15,15,5,1000,0,18446744073709551615]", NULL},
    {"floats", "[1.25, .5, 1., 1e3, -2.5E-3, 08, 1_0.5]", "[1.25,0.5,1,1000,-0.0025,8,10.5]", NULL},
    {"no_numbers", "[1.2.3, 0x, 1e, '-', +, ., 1:30, 0xg, 2024-01-02, 1e999, -.]",
     "[\"1.2.3\",\"0x\",\"1e\",\"-\",\"+\",\".\",\"1:30\",\"0xg\",\"2024-01-02\",\"1e999\",\"-.\"]",
     NULL},
    {"keys_become_texts", "on: 1\n2: b\n1.5: c\n'~': d\n",
     "{\"true\":1,\"2\":\"b\",\"1.5\":\"c\",\"~\":\"d\"}", NULL},
    {"tags", "[!!str 1, !!int \"2\", !mine 3, !!null '', ! 4]", "[\"1\",2,\"3\",null,\"4\"]", NULL},
    {"keys_twice_stay_twice", "a: 1\na: 2\n", "{\"a\":1,\"a\":2}", NULL},
    {"alias", "a: &x {b: [1]}\nc: *x\n", "{\"a\":{\"b\":[1]},\"c\":{\"b\":[1]}}", NULL},
    {"alias_of_text_as_key", "a: &x b\n*x : c\n", "{\"a\":\"b\",\"b\":\"c\"}", NULL},
    {"anchor_of_key", "&x a: *x\n", "{\"a\":\"a\"}", NULL},
    {"alias_named_again", "[&x 1, *x, &x 2, *x]", "[1,1,2,2]", NULL},
    {"merge", "a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n",
     "{\"a\":{\"b\":1,\"c\":2},\"d\":{\"b\":1,\"c\":3}}", NULL},
    {"merge_after_wins", "a: &x {b: 1}\nd:\n  b: 2\n  <<: *x\n",
     "{\"a\":{\"b\":1},\"d\":{\"b\":1}}", NULL},
    {"merge_list_earlier_wins", "<<: [{a: 1, b: 1}, {a: 2, c: 2}]\n", "{\"a\":1,\"b\":1,\"c\":2}",
     NULL},
    {"merge_in_merge", "a: &x {<<: {b: 1}, c: 2}\nd: {<<: *x}\n",
     "{\"a\":{\"b\":1,\"c\":2},\"d\":{\"b\":1,\"c\":2}}", NULL},
    {"merge_of_nothing", "a: {<<: {}}\n", "{\"a\":{}}", NULL},
    {"merge_in_quotes_is_a_key", "'<<': {a: 1}\n", "{\"<<\":{\"a\":1}}", NULL},
    {"merge_word_as_value", "a: <<\n", "{\"a\":\"<<\"}", NULL},
    {"key_like_the_internal_one", "\"\\u003c<\": {a: 1}\n'\\u003c<': 2\n",
     "{\"<<\":{\"a\":1},\"\\\\u003c<\":2}", NULL},
    {"anchor_inside_of_merged", "m: {<<: {z: 1, q: 2, x: &k 3}, a: &l 4}\nu: [*k, *l]\n",
     "{\"m\":{\"a\":4,\"q\":2,\"x\":3,\"z\":1},\"u\":[3,4]}", NULL},
    {"flow_address", "[fd00::, 'b:,', \"c:]\"]\n", "[\"fd00::\",\"b:,\",\"c:]\"]", NULL},
    {"flow_address_last", "a: {b: [fd00::], c: fd00::}\n",
     "{\"a\":{\"b\":[\"fd00::\"],\"c\":\"fd00::\"}}", NULL},
    {"flow_key_with_a_colon", "{a:,b:}\n", "{\"a:\":null,\"b:\":null}", NULL},
    {"flow_colon_after_a_quote", "{\"a\":[1],'b':{c: d}}\n", "{\"a\":[1],\"b\":{\"c\":\"d\"}}",
     NULL},
    {"flow_colon_after_an_alias", "[&a x, {*a:[1]}]\n", "[\"x\",{\"x\":[1]}]", NULL},
    {"block_colons", "a: b:,\nc: |\n  d:]\ne: \"f:{\"\n",
     "{\"a\":\"b:,\",\"c\":\"d:]\\n\",\"e\":\"f:{\"}", NULL},
    {"colons_beside_private_use", "[\xEE\x80\x80, a:]\n", "[\"\xEE\x80\x80\",\"a:\"]", NULL},
    {"flow_colon_first", "[::]\n", NULL, "1:2"},
    {"flow_mapping_without_a_blank", "{a:[1]}\n", NULL, "1:1"},
    {"mark_after_a_separator",
     "---\n\xEF\xBB\xBF"
     "a: 1\nb: 2\n",
     "{\"a\":1,\"b\":2}", NULL},
    {"mark_after_a_separator_with_a_comment",
     "--- # c\r\n\xEF\xBB\xBF"
     "a: 1\r\nb: 2\r\n",
     "{\"a\":1,\"b\":2}", NULL},
    {"mark_on_another_line",
     "a: 1\n\xEF\xBB\xBF"
     "b: 2\n",
     NULL, "2:2"},
    {"block_text_without_a_line_end", "a: |\n  b", "{\"a\":\"b\\n\"}", NULL},
    {"merge_key_with_a_tag", "a: {!!str <<: {b: c}}\n", "{\"a\":{\"<<\":{\"b\":\"c\"}}}", NULL},
    {"merge_key_by_its_tag", "a: {!!merge <<: {b: c}}\n", "{\"a\":{\"b\":\"c\"}}", NULL},
    {"tag_directive_in_a_comment", "# \xC3\xA9%TAG\na: 1\n", "{\"a\":1}", NULL},
    {"tag_before_a_comma", "[!x, nginx]\n", NULL, "1:2"},
    {"tag_before_a_comma_in_a_mapping", "{a: !x, b: c}\n", NULL, "1:5"},
    {"tag_without_a_value_in_a_block", "a: !x\nb: !y\n", "{\"a\":\"\",\"b\":\"\"}", NULL},
    {"tags_of_its_own", "[!reset a, !reference [b]]\n", "[\"a\",[\"b\"]]", NULL},
    {"unknown_alias", "a: *x\n", NULL, "1:4"},
    {"alias_of_another_document", "a: &x 1\n---\nb: *x\n", "{\"a\":1}", NULL},
    {"alias_inside_of_itself", "a: &x\n  b: *x\n", NULL, "2:6"},
    {"merge_of_a_text", "a: {<<: b}\n", NULL, "1:4"},
    {"merge_of_texts", "<<: [a]\n", NULL, "1:1"},
    {"list_as_key", "? [a]\n: b\n", NULL, "1:3"},
    {"nothing_as_key", "~: a\n", NULL, "1:1"},
    {"binary", "a: !!binary aGk=\n", NULL, "1:4"},
    {"infinity", "a: [.inf]\n", NULL, "1:5"},
    {"tag_directive", "%TAG ! tag:x:\n---\na\n", NULL, "1:1"},
};

static struct moor_yaml_json open_text(const char *text)
{
    struct moor_yaml_json yaml;
    assert_int_equal(moor_yaml_json_init(&yaml, NULL), 0);
    moor_yaml_json_open(&yaml, moor_slice_from(text), 0);
    return yaml;
}

static void assert_json(const struct moor_yaml_json *yaml, const char *json)
{
    assert_slice_equal(moor_buf_slice(&yaml->document->json), json);
}

static void assert_refused(int status, const struct moor_error *err, const char *position)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%u:%u", err->line, err->column);
    assert_int_equal(status, -1);
    assert_string_equal(text, position);
    assert_true(err->text[0] != '\0');
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct moor_yaml_json yaml = open_text(row->yaml);
    struct moor_error err = {0};
    int status = moor_yaml_json_next(&yaml, &err);
    if (row->json == NULL) {
        assert_refused(status, &err, row->wrong);
    } else {
        assert_int_equal(status, 1);
        assert_json(&yaml, row->json);
    }
    moor_yaml_json_release(&yaml);
}

/* The position of the value after `"key":` in the JSON. */
static struct moor_position position_of(const struct moor_yaml_json *yaml, const char *key)
{
    const char *found =
        memmem(yaml->document->json.ptr, yaml->document->json.len, key, strlen(key));
    assert_non_null(found);
    return moor_positions_find(&yaml->document->positions,
                               (size_t)(found - yaml->document->json.ptr) + strlen(key));
}

static void assert_position(struct moor_position position, uint32_t line, uint32_t column,
                            uint32_t width)
{
    assert_int_equal(position.line, line);
    assert_int_equal(position.column, column);
    assert_int_equal(position.width, width);
}

static void places__colons_and_marks__columns_of_the_file(void **state)
{
    (void)state;
    struct moor_yaml_json yaml = open_text("---\n\xEF\xBB\xBF"
                                           "a: [b:, c, &x d:]\nb: {e:, f: \"g:,\"}\n");
    assert_int_equal(moor_yaml_json_next(&yaml, NULL), 1);
    assert_position(position_of(&yaml, "\"a\":["), 2, 5, 2);
    assert_position(position_of(&yaml, "\"b:\","), 2, 9, 1);
    assert_position(position_of(&yaml, "\"c\","), 2, 15, 2);
    assert_position(position_of(&yaml, "\"f\":"), 3, 12, 5);
    moor_yaml_json_release(&yaml);
}

static void places__tags_of_other_tools__marked_with_all_inside(void **state)
{
    (void)state;
    struct moor_yaml_json yaml = open_text(
        "a: !reset x\nb: &y !reference [z, {c: d}]\ne: *y\nf: {<<: {g: !reset h}}\ni: !my j\n");
    assert_int_equal(moor_yaml_json_next(&yaml, NULL), 1);
    assert_true(position_of(&yaml, "\"a\":").is_elsewhere);
    assert_true(position_of(&yaml, "\"b\":").is_elsewhere);
    assert_true(position_of(&yaml, "\"c\":").is_elsewhere);
    assert_true(position_of(&yaml, "\"e\":[\"z\",{\"c\":").is_elsewhere);
    assert_true(position_of(&yaml, "\"g\":").is_elsewhere);
    assert_false(position_of(&yaml, "\"i\":").is_elsewhere);
    assert_false(position_of(&yaml, "\"f\":").is_elsewhere);
    moor_yaml_json_release(&yaml);
}

static void places__each_value__where_it_stands(void **state)
{
    (void)state;
    struct moor_yaml_json yaml =
        open_text("a: one\n\xC3\xA4\xC3\xA4: {b: \"tw\xC3\xB6\", c: [x,\n  yy]}\nd: |\n  text\n");
    assert_int_equal(moor_yaml_json_next(&yaml, NULL), 1);
    assert_position(position_of(&yaml, "\"a\":"), 1, 4, 3);
    assert_position(position_of(&yaml, "\"b\":"), 2, 9, 5);
    assert_position(position_of(&yaml, "\"c\":"), 2, 19, 1);
    assert_position(position_of(&yaml, "[\"x\","), 3, 3, 2);
    assert_position(position_of(&yaml, "\"d\":"), 4, 4, 1);
    assert_position(moor_positions_find(&yaml.document->positions, 0), 1, 1, 1);
    moor_yaml_json_release(&yaml);
}

static void places__aliases_and_merges__where_the_value_is_written(void **state)
{
    (void)state;
    struct moor_yaml_json yaml =
        open_text("k: &x {v: here}\nl: *x\nm:\n  z: 1\n  <<: *x\n  w: there\n");
    assert_int_equal(moor_yaml_json_next(&yaml, NULL), 1);
    assert_slice_equal(moor_buf_slice(&yaml.document->json),
                       "{\"k\":{\"v\":\"here\"},\"l\":{\"v\":\"here\"},"
                       "\"m\":{\"v\":\"here\",\"w\":\"there\",\"z\":1}}");
    assert_position(position_of(&yaml, "\"l\":{\"v\":"), 1, 11, 4);
    assert_position(position_of(&yaml, "\"m\":{\"v\":"), 1, 11, 4);
    assert_position(position_of(&yaml, "\"w\":"), 6, 6, 5);
    assert_position(position_of(&yaml, "\"z\":"), 4, 6, 1);
    assert_position(position_of(&yaml, "\"m\":"), 4, 3, 1);
    moor_yaml_json_release(&yaml);
}

static void places__after_anchors_and_tags__the_value_alone(void **state)
{
    (void)state;
    struct moor_yaml_json yaml =
        open_text("a: &x one\nb: !!str 1.25\nc: &y 'two'\nd: !!str &z \"3\"\n");
    assert_int_equal(moor_yaml_json_next(&yaml, NULL), 1);
    assert_position(position_of(&yaml, "\"a\":"), 1, 7, 3);
    assert_position(position_of(&yaml, "\"b\":"), 2, 10, 4);
    assert_position(position_of(&yaml, "\"c\":"), 3, 7, 5);
    assert_position(position_of(&yaml, "\"d\":"), 4, 13, 3);
    moor_yaml_json_release(&yaml);
}

static void documents__broken_ones__the_others_are_read(void **state)
{
    (void)state;
    struct moor_yaml_json yaml =
        open_text("a: 1\n--- {b: 2\n---\nc: \"3\n---\nd: 4\n...\n---\n\te: 5\n---\nf: &x 6\n");
    const char *const wanted[] = {"{\"a\":1}", "", "", "{\"d\":4}", "", "{\"f\":6}"};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(wanted); i++) {
        bool is_read = moor_yaml_json_next(&yaml, NULL) == 1;
        assert_int_equal(is_read, wanted[i][0] != '\0');
        if (is_read) {
            assert_json(&yaml, wanted[i]);
        }
    }
    assert_position(position_of(&yaml, "\"f\":"), 11, 7, 1);
    assert_int_equal(moor_yaml_json_next(&yaml, NULL), 0);
    assert_int_equal(moor_yaml_json_next(&yaml, NULL), 0);
    moor_yaml_json_release(&yaml);
}

static void documents__more_errors_than_are_read__end(void **state)
{
    (void)state;
    struct moor_buf text;
    moor_buf_init(&text, 65536);
    for (int i = 0; i < 100; i++) {
        moor_buf_append_text(&text, "---\n{\n");
    }
    moor_buf_append_byte(&text, '\0');
    text.len--;
    struct moor_yaml_json yaml = open_text(text.ptr);
    int errors = 0;
    struct moor_error err = {0};
    while (moor_yaml_json_next(&yaml, &err) != 0) {
        errors++;
        err = (struct moor_error){0};
    }
    assert_int_equal(errors, MOOR_YAML_JSON_MAX_ERRORS);
    moor_yaml_json_release(&yaml);
    moor_buf_release(&text);
}

/* `count` times `part`, then `end` and a NUL. */
static char *repeat(const char *part, size_t count, const char *end)
{
    struct moor_buf text;
    moor_buf_init(&text, (size_t)1024 * 1024);
    for (size_t i = 0; i < count; i++) {
        moor_buf_append_text(&text, part);
    }
    moor_buf_append_text(&text, end);
    moor_buf_append_byte(&text, '\0');
    assert_false(text.failed);
    return text.ptr;
}

static int read_repeated(const char *part, size_t count, const char *end, struct moor_error *err)
{
    char *text = repeat(part, count, end);
    struct moor_yaml_json yaml = open_text(text);
    int status = moor_yaml_json_next(&yaml, err);
    moor_yaml_json_release(&yaml);
    free(text);
    return status;
}

static void limits__depth(void **state)
{
    (void)state;
    struct moor_error err = {0};
    assert_int_equal(read_repeated("- ", MOOR_YAML_MAX_DEPTH, "x\n", NULL), 1);
    assert_int_equal(read_repeated("- ", MOOR_YAML_MAX_DEPTH + 1, "x\n", &err), -1);
    assert_int_equal(err.code, MOOR_ERROR_LIMIT);
}

static void limits__anchors(void **state)
{
    (void)state;
    struct moor_error err = {0};
    assert_int_equal(read_repeated("- &a x\n", MOOR_YAML_MAX_ANCHORS, "", NULL), 1);
    assert_int_equal(read_repeated("- &a x\n", MOOR_YAML_MAX_ANCHORS + 1, "", &err), -1);
    assert_int_equal(err.code, MOOR_ERROR_LIMIT);
}

static void limits__what_aliases_bring(void **state)
{
    (void)state;
    struct moor_error err = {0};
    /* An alias of 4 bytes that brings 52: ten times the text is soon reached. */
    assert_int_equal(read_repeated("*a, ", 4, "x]\n", NULL), -1);
    static const char head[] = "- &a \"01234567890123456789012345678901234567890123456789\"\n";
    for (size_t aliases = 1; aliases <= 400; aliases += 399) {
        char *text = repeat("- *a\n", aliases, "");
        struct moor_buf all;
        moor_buf_init(&all, 65536);
        moor_buf_append_text(&all, head);
        moor_buf_append_text(&all, text);
        moor_buf_append_byte(&all, '\0');
        struct moor_yaml_json yaml = open_text(all.ptr);
        assert_int_equal(moor_yaml_json_next(&yaml, &err), aliases == 1 ? 1 : -1);
        moor_yaml_json_release(&yaml);
        moor_buf_release(&all);
        free(text);
    }
    assert_int_equal(err.code, MOOR_ERROR_LIMIT);
}

int main(void)
{
    enum {
        ROWS = MOOR_ARRAY_SIZE(rows)
    };
    const struct CMUnitTest others[] = {
        cmocka_unit_test(places__each_value__where_it_stands),
        cmocka_unit_test(places__colons_and_marks__columns_of_the_file),
        cmocka_unit_test(places__tags_of_other_tools__marked_with_all_inside),
        cmocka_unit_test(places__aliases_and_merges__where_the_value_is_written),
        cmocka_unit_test(places__after_anchors_and_tags__the_value_alone),
        cmocka_unit_test(documents__broken_ones__the_others_are_read),
        cmocka_unit_test(documents__more_errors_than_are_read__end),
        cmocka_unit_test(limits__depth),
        cmocka_unit_test(limits__anchors),
        cmocka_unit_test(limits__what_aliases_bring),
    };

    enum {
        OTHERS = MOOR_ARRAY_SIZE(others)
    };
    struct CMUnitTest tests[ROWS + OTHERS];
    for (size_t i = 0; i < ROWS; i++) {
        tests[i] = test_of_row(rows[i].name, test_row, &rows[i]);
    }
    memcpy(&tests[ROWS], others, sizeof others);
    return cmocka_run_group_tests_name("yaml_json", tests, NULL, NULL);
}
