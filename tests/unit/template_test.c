/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/input/template.h"
#include "policy/base/array_size.h"

/* A text with templates, and what YAML reads in its place. */
struct row {
    const char *name;
    const char *text;
    const char *filled; /* NULL: there is no template */
};

static const struct row rows[] = {
    {"none", "image: a", NULL},
    {"scalar", "image: {{ .x }}:1", "image: $$$$$$$$:1"},
    {"line_of_its_own", "a:\n  {{- if .x }}\n  b: c", "a:\n  #$$$$$$$$$$$\n  b: c"},
    {"two_in_a_line", "{{a}} {{b}}", "#$$$$ $$$$$"},
    {"quoted", "a: \"{{ q \"b\" }}\"", "a: \"$$$$$$$$$$$\""},
    {"several_lines", "a: {{ b\nc }}\nd", "a: $$$$\n#$$$\nd"},
    {"without_end", "a: {{ b\nc", "a: $$$$\n#"},
    {"wide_character", "a: {{\u00e9}} b", "a: $$$$$ b"},
};

static void fill__row__keeps_positions(void **state)
{
    const struct row *row = *state;
    struct moor_buf out;
    moor_buf_init(&out, 1024);
    assert_int_equal(moor_template_fill(&out, moor_slice_from(row->text)), row->filled != NULL);
    if (row->filled != NULL) {
        assert_slice_equal(moor_buf_slice(&out), row->filled);
    }
    moor_buf_release(&out);
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(rows)];
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        tests[i] = test_of_row(rows[i].name, fill__row__keeps_positions, &rows[i]);
    }
    return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}
