/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "tests/unit/test.h"

#include "cmd/input/relative.h"
#include "policy/base/array_size.h"

/* The working directory is `/`, so that every name is known. */
struct row {
    const char *name;
    const char *base; /* the file to whose folder names are relative */
    const char *path;
    const char *expected;
    const char *inside; /* the same path, relative to the folder; NULL: it is absolute */
};

static const struct row rows[] = {
    {"beside", "base.tsv", "a.yaml", "a.yaml", "a.yaml"},
    {"dot", "base.tsv", "./a.yaml", "a.yaml", "./a.yaml"},
    {"dots_in_the_middle", "base.tsv", "x/./y/../a.yaml", "x/a.yaml", "x/y/../a.yaml"},
    {"slashes", "base.tsv", "x//y///a.yaml", "x/y/a.yaml", "x//y/a.yaml"},
    {"above_the_root", "base.tsv", "../../a.yaml", "a.yaml", "../a.yaml"},
    {"absolute", "base.tsv", "/x/a.yaml", "x/a.yaml", NULL},
    {"absolute_base", "/x/base.tsv", "x/a.yaml", "a.yaml", "a.yaml"},
    {"base_in_a_folder", "x/base.tsv", "x/y/a.yaml", "y/a.yaml", "y/a.yaml"},
    {"base_beside_the_folder", "x/base.tsv", "y/a.yaml", "../y/a.yaml", "../y/a.yaml"},
    {"two_folders_up", "x/y/base.tsv", "a.yaml", "../../a.yaml", "../../a.yaml"},
    {"same_start_of_a_name", "x/base.tsv", "xy/a.yaml", "../xy/a.yaml", "../xy/a.yaml"},
    {"base_with_dots", "x/../y/./base.tsv", "./y/a.yaml", "a.yaml", "./a.yaml"},
    {"the_folder_itself", "x/base.tsv", "x", ".", "."},
    {"the_folder_above", "x/y/base.tsv", "x/", "..", ".."},
    {"name_with_dots", "base.tsv", "..a/...", "..a/...", "..a/..."},
    {"empty", "base.tsv", "", ".", ""},
};

static void append__row__name(void **state)
{
    const struct row *row = *state;
    struct moor_relative relative;
    struct moor_buf out;
    moor_buf_init(&out, 4096);
    assert_int_equal(moor_relative_init(&relative, row->base, NULL), 0);
    moor_relative_append(&out, &relative, moor_slice_from(row->path));
    assert_slice_equal(moor_buf_slice(&out), row->expected);
    moor_buf_clear(&out);
    moor_relative_append_inside(&out, &relative,
                                moor_slice_from(row->inside != NULL ? row->inside : row->path));
    assert_slice_equal(moor_buf_slice(&out), row->expected);
    moor_buf_release(&out);
    moor_relative_release(&relative);
}

static void append__path_over_the_limit__fails(void **state)
{
    (void)state;
    static char path[2 * MOOR_RELATIVE_MAX_BYTES];
    struct moor_relative relative;
    struct moor_buf out;
    memset(path, 'a', sizeof path - 1);
    moor_buf_init(&out, SIZE_MAX);
    assert_int_equal(moor_relative_init(&relative, "base.tsv", NULL), 0);
    moor_relative_append(&out, &relative, moor_slice_from(path));
    assert_true(out.failed);
    moor_buf_release(&out);
    moor_relative_release(&relative);
}

int main(void)
{
    enum {
        ROWS = MOOR_ARRAY_SIZE(rows)
    };

    struct CMUnitTest tests[ROWS + 1];
    for (size_t i = 0; i < ROWS; i++) {
        tests[i] = test_of_row(rows[i].name, append__row__name, &rows[i]);
    }
    tests[ROWS] = (struct CMUnitTest)cmocka_unit_test(append__path_over_the_limit__fails);
    return chdir("/") != 0 || cmocka_run_group_tests_name("relative", tests, NULL, NULL) != 0;
}
