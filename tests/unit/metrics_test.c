/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "webhook/expiry.h"
#include "webhook/exposition.h"
#include "webhook/name_table.h"

#define DAY_S 86400

/* --- name_table ------------------------------------------------------------------------------- */

static void number__same_name_twice__same_number(void **state)
{
    (void)state;
    struct moor_error err = {0};
    struct moor_name_table table;
    assert_int_equal(moor_name_table_init(&table, 4, &err), 0);
    assert_int_equal(moor_name_table_number(&table, MOOR_SLICE("shop-prod")), 0);
    assert_int_equal(moor_name_table_number(&table, MOOR_SLICE("dev")), 1);
    assert_int_equal(moor_name_table_number(&table, MOOR_SLICE("shop-prod")), 0);
    assert_slice_equal(moor_name_table_at(&table, 1), "dev");
    assert_slice_equal(moor_name_table_at(&table, 2), "");
    moor_name_table_release(&table);
}

static void number__more_names_than_places__other(void **state)
{
    (void)state;
    struct moor_error err = {0};
    struct moor_name_table table;
    assert_int_equal(moor_name_table_init(&table, 1000, &err), 0);
    for (unsigned i = 0; i < 3000; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "ns-%u", i);
        assert_int_equal(moor_name_table_number(&table, moor_slice_from(name)),
                         i < 1000 ? i : 1000);
    }
    assert_int_equal(moor_name_table_number(&table, MOOR_SLICE("ns-999")), 999);
    assert_slice_equal(moor_name_table_at(&table, 999), "ns-999");
    assert_slice_equal(moor_name_table_at(&table, 1000), "other");
    moor_name_table_release(&table);
}

static void number__what_is_no_name__other(void **state)
{
    (void)state;
    struct moor_error err = {0};
    struct moor_name_table table;
    static const char longest[] = "012345678901234567890123456789012345678901234567890123456789012";
    assert_int_equal(moor_name_table_init(&table, 4, &err), 0);
    assert_int_equal(moor_name_table_number(&table, MOOR_SLICE("")), 4);
    assert_int_equal(moor_name_table_number(&table, MOOR_SLICE("a\"b")), 4);
    assert_int_equal(moor_name_table_number(&table, MOOR_SLICE("a\0b")), 4);
    assert_int_equal(moor_name_table_number(&table, MOOR_SLICE("a\n")), 4);
    assert_int_equal(moor_name_table_number(&table, moor_slice_from(longest)), 0);
    assert_int_equal(
        moor_name_table_number(&table, MOOR_SLICE("0123456789012345678901234567890123456789012345"
                                                  "678901234567890123")),
        4);
    moor_name_table_release(&table);
}

/* --- exposition ------------------------------------------------------------------------------- */

static void label__quotes_backslashes_and_line_ends__escaped(void **state)
{
    (void)state;
    struct moor_buf out;
    moor_buf_init(&out, 256);
    moor_exposition_label(&out, "{", "name", MOOR_SLICE("a\"b\\c\nd"));
    assert_slice_equal(moor_buf_slice(&out), "{name=\"a\\\"b\\\\c\\nd\"");
    moor_buf_release(&out);
}

static void histogram__values_at_and_above_a_bound__cumulative(void **state)
{
    (void)state;
    static const uint64_t bounds[] = {50, 1000};
    struct moor_histogram histogram = {.bounds = bounds, .bound_count = 2};
    static const uint64_t values[] = {0, 50, 51, 1000, 1001, 500000};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        moor_histogram_observe(&histogram, values[i]);
    }
    struct moor_buf out;
    moor_buf_init(&out, 1024);
    moor_histogram_write(&out, &histogram, "x_seconds", 1e-6);
    assert_slice_equal(moor_buf_slice(&out), "x_seconds_bucket{le=\"5e-05\"} 2\n"
                                             "x_seconds_bucket{le=\"0.001\"} 4\n"
                                             "x_seconds_bucket{le=\"+Inf\"} 6\n"
                                             "x_seconds_sum 0.502102\n"
                                             "x_seconds_count 6\n");
    moor_buf_release(&out);
}

/* --- expiry ----------------------------------------------------------------------------------- */

struct expiry_row {
    int64_t not_before_s;
    int64_t not_after_s;
    enum moor_expiry expected;
};

static void expiry__row__how_near(void **state)
{
    const struct expiry_row *row = *state;
    assert_int_equal(moor_expiry_of(row->not_before_s, row->not_after_s, (int64_t)1000 * DAY_S),
                     row->expected);
}

#define DAYS(count) ((int64_t)(count)*DAY_S)

static struct expiry_row expiry_rows[] = {
    {DAYS(700), DAYS(1031), MOOR_EXPIRY_FAR},
    {DAYS(700), DAYS(1030), MOOR_EXPIRY_FAR},
    {DAYS(700), DAYS(1030) - 1, MOOR_EXPIRY_NEAR},
    {DAYS(700), DAYS(1007), MOOR_EXPIRY_NEAR},
    {DAYS(700), DAYS(1007) - 1, MOOR_EXPIRY_CLOSE},
    {DAYS(700), DAYS(1000), MOOR_EXPIRY_CLOSE},
    {DAYS(700), DAYS(1000) - 1, MOOR_EXPIRY_PAST},
    {DAYS(999), DAYS(1002), MOOR_EXPIRY_FAR},   /* three days, two of them left */
    {DAYS(997), DAYS(1001), MOOR_EXPIRY_NEAR},  /* a quarter left */
    {DAYS(981), DAYS(1001), MOOR_EXPIRY_CLOSE}, /* a twentieth left */
    {0, DAYS(1029), MOOR_EXPIRY_NEAR},
};

int main(void)
{
    static const char *const expiry_names[] = {
        "expiry__31_days__far",          "expiry__30_days__far",
        "expiry__below_30_days__near",   "expiry__7_days__near",
        "expiry__below_7_days__close",   "expiry__now__close",
        "expiry__a_second_ago__past",    "expiry__short_life_begun__far",
        "expiry__short_life_near__near", "expiry__short_life_close__close",
        "expiry__unknown_life__near",
    };

    struct CMUnitTest tests[5 + sizeof expiry_rows / sizeof *expiry_rows] = {
        cmocka_unit_test(number__same_name_twice__same_number),
        cmocka_unit_test(number__more_names_than_places__other),
        cmocka_unit_test(number__what_is_no_name__other),
        cmocka_unit_test(label__quotes_backslashes_and_line_ends__escaped),
        cmocka_unit_test(histogram__values_at_and_above_a_bound__cumulative),
    };

    for (size_t i = 0; i < sizeof expiry_rows / sizeof *expiry_rows; i++) {
        tests[5 + i] = test_of_row(expiry_names[i], expiry__row__how_near, &expiry_rows[i]);
    }
    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
