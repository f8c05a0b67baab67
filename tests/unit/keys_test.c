/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/base/nearest.h"
#include "policy/file/keys.h"
#include "policy/file/quote.h"

/* A shape with every type of key, and mappings within mappings. */
struct part {
    const struct moor_yaml_node *at;
    struct moor_key_value name;
    struct moor_key_value texts;
};

struct whole {
    const struct moor_yaml_node *at;
    struct moor_key_value number;
    struct moor_key_value flag;
    struct moor_key_value choice;
    struct moor_key_value date;
    struct moor_key_value labels;
    struct part part;
    struct moor_key_list parts;
};

static const char *colour(unsigned place)
{
    static const char *const colours[] = {"red", "green", NULL};
    return colours[place];
}

static const struct moor_key part_keys[] = {
    {.name = "name",
     .type = MOOR_KEY_TEXT,
     .is_required = true,
     .offset = offsetof(struct part, name),
     .hint = "give it one"},
    {.name = "texts", .type = MOOR_KEY_TEXTS, .offset = offsetof(struct part, texts), .max = 3},
};

static const struct moor_key_table part_table = {.what = "a part",
                                                 .keys = part_keys,
                                                 .count = 2,
                                                 .size = sizeof(struct part)};

static const struct moor_key whole_keys[] = {
    {.name = "number",
     .type = MOOR_KEY_NUMBER,
     .offset = offsetof(struct whole, number),
     .min = 1,
     .max = 5},
    {.name = "flag", .type = MOOR_KEY_FLAG, .offset = offsetof(struct whole, flag)},
    {.name = "choice",
     .type = MOOR_KEY_CHOICE,
     .offset = offsetof(struct whole, choice),
     .choice = colour},
    {.name = "date", .type = MOOR_KEY_TEXT, .offset = offsetof(struct whole, date)},
    {.name = "labels",
     .type = MOOR_KEY_TEXTS_BY_NAME,
     .offset = offsetof(struct whole, labels),
     .max = 3},
    {.name = "part",
     .type = MOOR_KEY_MAPPING,
     .offset = offsetof(struct whole, part),
     .table = &part_table},
    {.name = "parts",
     .type = MOOR_KEY_MAPPINGS,
     .offset = offsetof(struct whole, parts),
     .table = &part_table},
};

static const struct moor_key_table whole_table = {.what = "a whole",
                                                  .keys = whole_keys,
                                                  .count = 7,
                                                  .size = sizeof(struct whole)};

struct fixture {
    struct moor_arena arena;
    struct moor_diagnostics diagnostics;
    struct whole whole;
};

static void read_whole(struct fixture *fixture, const char *text)
{
    *fixture = (struct fixture){0};
    moor_arena_init(&fixture->arena, (size_t)1024 * 1024);
    const struct moor_yaml_node *root = NULL;
    struct moor_error err = {0};
    assert_int_equal(moor_yaml_parse(&root, moor_slice_from(text), &fixture->arena, &err), 0);
    assert_non_null(root);
    assert_int_equal(moor_keys_read(&fixture->whole, &whole_table, root, &fixture->diagnostics,
                                    &fixture->arena, &err),
                     0);
}

#define EVERY                                                                              \
    "number: 5\nflag: true\nchoice: green\ndate: 2027-03-31\n"                             \
    "labels: {environment: [dev, test], 'a/b': [c]}\npart: {name: p, texts: [x, 'y z']}\n" \
    "parts:\n- name: q\n- {name: 7, texts: [on]}\n"

static void read__scalars__in_their_fields(void **state)
{
    (void)state;
    struct fixture fixture;
    read_whole(&fixture, EVERY);
    assert_int_equal(fixture.diagnostics.errors.total, 0);
    assert_int_equal(fixture.whole.number.number, 5);
    assert_int_equal(fixture.whole.flag.number, 1);
    assert_int_equal(fixture.whole.choice.number, 1);
    assert_slice_equal(fixture.whole.date.at->text, "2027-03-31");
    moor_arena_release(&fixture.arena);
}

static void read__texts_by_name__in_their_field(void **state)
{
    (void)state;
    struct fixture fixture;
    read_whole(&fixture, EVERY);
    assert_int_equal(fixture.whole.labels.at->count, 2);
    const struct moor_yaml_node *label = moor_yaml_get(fixture.whole.labels.at, "environment");
    assert_non_null(label);
    assert_slice_equal(label->first->text, "dev");
    assert_slice_equal(label->first->next->text, "test");
    assert_null(moor_yaml_get(fixture.whole.labels.at, "a"));
    moor_arena_release(&fixture.arena);
}

static void read__mappings__in_their_fields(void **state)
{
    (void)state;
    struct fixture fixture;
    read_whole(&fixture, EVERY);
    assert_slice_equal(fixture.whole.part.name.at->text, "p");
    assert_slice_equal(fixture.whole.part.texts.at->first->next->text, "y z");
    assert_int_equal(fixture.whole.parts.count, 2);
    const struct part *parts = fixture.whole.parts.items;
    assert_slice_equal(parts[0].name.at->text, "q");
    assert_null(parts[0].texts.at);
    assert_slice_equal(parts[1].name.at->text, "7");
    assert_int_equal(parts[1].at->line, 9);
    moor_arena_release(&fixture.arena);
}

struct row {
    const char *name;
    const char *text;
    const char *diagnostics;
};

static struct row rows[] = {
    {"number__below_range__refused", "number: 0\n",
     "f:1:9: 'number' must be a number from 1 to 5, not '0'\n"},
    {"number__above_range__refused", "number: 6\n",
     "f:1:9: 'number' must be a number from 1 to 5, not '6'\n"},
    {"number__negative__refused", "number: -1\n",
     "f:1:9: 'number' must be a number from 1 to 5, not '-1'\n"},
    {"number__hexadecimal__refused", "number: 0x1\n",
     "f:1:9: 'number' must be a number from 1 to 5, not '0x1'\n"},
    {"text__null__refused", "date: ~\n", "f:1:7: 'date' must be a string, not null\n"},
    {"text__quoted_null__kept", "date: '~'\n", ""},
    {"by_name__list__refused", "labels: [a]\n",
     "f:1:9: 'labels' must be a mapping of names to lists, not a list\n"},
    {"by_name__empty__refused", "labels: {}\n", "f:1:9: 'labels' has 0 keys, not 1 to 3\n"},
    {"by_name__at_most__kept", "labels: {a: [x], b: [x], c: [x]}\n", ""},
    {"by_name__too_many__refused", "labels: {a: [x], b: [x], c: [x], d: [x]}\n",
     "f:1:9: 'labels' has 4 keys, not 1 to 3\n"},
    {"by_name__twice__refused", "labels:\n  a: [x]\n  a: [y]\n",
     "f:3:3: duplicate key 'a', first on line 2\n"},
    {"by_name__text__refused", "labels: {a: x}\n",
     "f:1:13: 'a' must be a list, not 'x': write ['x']\n"},
    {"by_name__empty_list__refused", "labels: {a: []}\n",
     "f:1:13: 'a' is an empty list: add an item\n"},
    {"by_name__null_item__refused", "labels: {a: [null]}\n",
     "f:1:14: an item of 'a' must be a string, not null\n"},
    {"by_name__empty_key__refused", "labels: {'': [x]}\n",
     "f:1:10: a key of 'labels' must not be empty\n"},
    {"texts__at_most__kept", "part: {name: p, texts: [a, b, c]}\n", ""},
    {"texts__too_many__refused", "part: {name: p, texts: [a, b, c, d]}\n",
     "f:1:24: 'texts' has 4 items, more than 3\n"},
    {"mapping__required_missing__refused", "part: {texts: [a]}\n",
     "f:1:7: missing key 'name' in a part: give it one\n"},
    {"mapping__required_misspelt__said_once", "part: {nmae: p}\n",
     "f:1:8: unknown key 'nmae', did you mean 'name'?\n"},
    {"mappings__errors_in_items__each_placed", "parts:\n- name: [p]\n- nam: p\n- {}\n",
     "f:2:9: 'name' must be a string, not a list\n"
     "f:3:3: unknown key 'nam', did you mean 'name'?\n"
     "f:4:3: missing key 'name' in a part: give it one\n"},
    {"mappings__text__refused", "parts: p\n", "f:1:8: 'parts' must be a list, not 'p'\n"},
};

static void read__row__reported(void **state)
{
    const struct row *row = *state;
    struct fixture fixture;
    struct moor_buf diagnostics;
    read_whole(&fixture, row->text);
    moor_buf_init(&diagnostics, 4096);
    moor_diagnostics_write(&fixture.diagnostics, "f", &diagnostics);
    assert_slice_equal(moor_buf_slice(&diagnostics), row->diagnostics);
    moor_buf_release(&diagnostics);
    moor_arena_release(&fixture.arena);
}

static void read__arena_full__memory_error(void **state)
{
    (void)state;
    struct moor_arena arena;
    struct moor_arena tiny;
    struct moor_diagnostics diagnostics = {0};
    struct moor_error err = {0};
    struct whole whole = {0};
    const struct moor_yaml_node *root = NULL;
    moor_arena_init(&arena, (size_t)1024 * 1024);
    moor_arena_init(&tiny, 128);
    assert_int_equal(
        moor_yaml_parse(&root, MOOR_SLICE("parts: [{name: a}, {name: b}]"), &arena, &err), 0);
    assert_int_equal(moor_keys_read(&whole, &whole_table, root, &diagnostics, &tiny, &err), -1);
    assert_int_equal(err.code, MOOR_ERROR_MEMORY);
    moor_arena_release(&tiny);
    moor_arena_release(&arena);
}

struct distance_row {
    const char *name;
    const char *written;
    const char *known;
    size_t distance;
    bool is_close;
};

static struct distance_row distance_rows[] = {
    {"nearest__same__0", "enforce", "enforce", 0, true},
    {"nearest__letter_case__0", "Enforce", "enforce", 0, true},
    {"nearest__letter_missing__1", "enviroments", "environments", 1, true},
    {"nearest__letter_more__1", "warnn", "warn", 1, true},
    {"nearest__neighbours_swapped__1", "wran", "warn", 1, true},
    {"nearest__replaced__1", "moda", "mode", 1, true},
    {"nearest__short_and_two_off__far", "made", "warn", 3, false},
    {"nearest__two_letters__far", "on", "an", 1, false},
    {"nearest__nothing__its_length", "", "warn", 4, false},
    {"nearest__32_bytes__compared", "aaaaaaaabbbbbbbbccccccccdddddddd",
     "aaaaaaaabbbbbbbbccccccccddddddde", 1, true},
    {"nearest__33_bytes__never", "aaaaaaaabbbbbbbbccccccccdddddddde",
     "aaaaaaaabbbbbbbbccccccccdddddddd", SIZE_MAX, false},
};

static void nearest__row__distance(void **state)
{
    const struct distance_row *row = *state;
    struct moor_slice written = moor_slice_from(row->written);
    struct moor_slice known = moor_slice_from(row->known);
    size_t distance = moor_nearest_distance(written, known);
    assert_int_equal(distance, row->distance);
    assert_int_equal(moor_nearest_distance(known, written), row->distance);
    assert_int_equal(moor_nearest_is_close(written, known, distance), row->is_close);
}

static void quote__long_text__cut_between_characters(void **state)
{
    (void)state;
    struct moor_quoted quoted =
        moor_quote(MOOR_SLICE("0123456789012345678901234567890123456789012345678901234567890123456"
                              "\xC3\xA4\xC3\xB6"));
    assert_string_equal(quoted.text,
                        "0123456789012345678901234567890123456789012345678901234567890123456...");
}

static void report__control_characters__escaped(void **state)
{
    (void)state;
    const struct moor_yaml_node at = {.line = 1, .column = 2};
    struct moor_diagnostics diagnostics = {0};
    struct moor_buf out;
    moor_buf_init(&out, 1024);
    moor_diagnostics_error(&diagnostics, &at, "'%s'",
                           moor_quote(MOOR_SLICE("a\x1b[31m\n\x7f\xC2\x9B\xC2\xA9\0z")).text);
    moor_diagnostics_write(&diagnostics, "::x\n", &out);
    assert_slice_equal(moor_buf_slice(&out), "\\x3a:x\\x0a:1:2: 'a\\x1b[31m\\x0a\\x7f\\xc2\\x9b"
                                             "\xC2\xA9?z'\n");
    moor_buf_release(&out);
}

#define FIXED_TESTS 6

int main(void)
{
    struct CMUnitTest tests[FIXED_TESTS + MOOR_ARRAY_SIZE(rows) + MOOR_ARRAY_SIZE(distance_rows)] =
        {
            cmocka_unit_test(read__scalars__in_their_fields),
            cmocka_unit_test(read__texts_by_name__in_their_field),
            cmocka_unit_test(read__mappings__in_their_fields),
            cmocka_unit_test(read__arena_full__memory_error),
            cmocka_unit_test(quote__long_text__cut_between_characters),
            cmocka_unit_test(report__control_characters__escaped),
        };
    size_t count = FIXED_TESTS;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        tests[count++] =
            (struct CMUnitTest){rows[i].name, read__row__reported, NULL, NULL, &rows[i]};
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(distance_rows); i++) {
        tests[count++] = (struct CMUnitTest){distance_rows[i].name, nearest__row__distance, NULL,
                                             NULL, &distance_rows[i]};
    }
    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
