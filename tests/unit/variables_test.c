/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/input/variables.h"
#include "policy/base/array_size.h"

struct row {
    const char *name;
    const char *text;
    const char *expanded; /* NULL: a variable in it is not known */
};

/* KNOWN is `k`, EMPTY is empty, DECLARED has no value, OUTER is `$KNOWN`, LOOP itself. */
static const struct row rows[] = {
    {"no_variable", "nginx:1.25", "nginx:1.25"},
    {"empty_text", "", ""},
    {"name", "a:$KNOWN", "a:k"},
    {"name_in_braces", "a:${KNOWN}b", "a:kb"},
    {"name_ends_at_other_bytes", "$KNOWN-b", "k-b"},
    {"two", "$KNOWN/${KNOWN}", "k/k"},
    {"unknown", "a:$NOBODY", NULL},
    {"unknown_in_braces", "a:${NOBODY}", NULL},
    {"declared_without_value", "a:$DECLARED", NULL},
    {"empty_value", "a$EMPTY", "a"},
    {"default", "a:${NOBODY:-1}", "a:1"},
    {"default_without_colon", "a:${NOBODY-1}", "a:1"},
    {"default_of_a_known_one", "a:${KNOWN:-1}", "a:k"},
    {"default_of_an_empty_one", "a:${EMPTY:-1}", "a:1"},
    {"default_that_is_empty", "a${NOBODY:-}", "a"},
    {"default_with_variable", "a:${NOBODY:-$KNOWN}", "a:k"},
    {"default_in_default", "a:${NOBODY:-${NEITHER:-2}}", "a:2"},
    {"replacement", "a${KNOWN:+-b}", "a-b"},
    {"replacement_of_an_unknown_one", "a${NOBODY:+-b}", "a"},
    {"error_if_unset", "a:${NOBODY:?say it}", NULL},
    {"open_brace", "a:${KNOWN", NULL},
    {"no_name", "a:${}", NULL},
    {"last_dollar", "a$", NULL},
    {"value_with_variable", "$OUTER", "k"},
    {"value_of_itself", "$LOOP", NULL},
};

static void expand__row__its_text(void **state)
{
    const struct row *row = *state;
    struct moor_variable items[] = {
        {MOOR_SLICE("KNOWN"), MOOR_SLICE("k"), true},
        {MOOR_SLICE("EMPTY"), MOOR_SLICE(""), true},
        {MOOR_SLICE("DECLARED"), {0}, false},
        {MOOR_SLICE("OUTER"), MOOR_SLICE("$KNOWN"), true},
        {MOOR_SLICE("LOOP"), MOOR_SLICE("$LOOP"), true},
    };
    const struct moor_variables variables = {items, MOOR_ARRAY_SIZE(items)};
    struct moor_arena arena;
    struct moor_slice out = {0};
    bool is_known = false;
    moor_arena_init(&arena, (size_t)64 * 1024);
    assert_int_equal(moor_variables_expand(&out, &is_known, moor_slice_from(row->text), &variables,
                                           &arena, NULL),
                     0);
    assert_int_equal(is_known, row->expanded != NULL);
    assert_slice_equal(out, row->expanded != NULL ? row->expanded : row->text);
    moor_arena_release(&arena);
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(rows)];
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        tests[i] = test_of_row(rows[i].name, expand__row__its_text, &rows[i]);
    }
    return cmocka_run_group_tests_name("variables", tests, NULL, NULL);
}
