/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/amounts.h"
#include "policy/base/array_size.h"

struct row {
    const char *text;
    enum moor_amount amount;
    uint64_t value; /* NONE: it is no amount */
    const char *written;
};

#define NONE UINT64_MAX

static const struct row rows[] = {
    {"0ms", MOOR_AMOUNT_DURATION, 0, "0ms"},
    {"250ms", MOOR_AMOUNT_DURATION, 250, "250ms"},
    {"5s", MOOR_AMOUNT_DURATION, 5000, "5s"},
    {"1500ms", MOOR_AMOUNT_DURATION, 1500, "1500ms"},
    {"120s", MOOR_AMOUNT_DURATION, 120000, "2m"},
    {"1h", MOOR_AMOUNT_DURATION, 3600000, "1h"},
    {"596h", MOOR_AMOUNT_DURATION, (uint64_t)596 * 3600000, "596h"},
    {"597h", MOOR_AMOUNT_DURATION, NONE, ""},
    {"5", MOOR_AMOUNT_DURATION, NONE, ""},
    {"5S", MOOR_AMOUNT_DURATION, NONE, ""},
    {"1.5s", MOOR_AMOUNT_DURATION, NONE, ""},
    {"5 s", MOOR_AMOUNT_DURATION, NONE, ""},
    {"512", MOOR_AMOUNT_SIZE, 512, "512"},
    {"512B", MOOR_AMOUNT_SIZE, 512, "512"},
    {"64KiB", MOOR_AMOUNT_SIZE, 65536, "64KiB"},
    {"7MiB", MOOR_AMOUNT_SIZE, (uint64_t)7 * 1024 * 1024, "7MiB"},
    {"1024MiB", MOOR_AMOUNT_SIZE, (uint64_t)1024 * 1024 * 1024, "1GiB"},
    {"1025", MOOR_AMOUNT_SIZE, 1025, "1025"},
    {"7MB", MOOR_AMOUNT_SIZE, NONE, ""},
    {"7M", MOOR_AMOUNT_SIZE, NONE, ""},
    {"18446744073709551615GiB", MOOR_AMOUNT_SIZE, NONE, ""},
    {"12", MOOR_AMOUNT_COUNT, 12, "12"},
    {"012", MOOR_AMOUNT_COUNT, 12, "12"},
    {"+12", MOOR_AMOUNT_COUNT, NONE, ""},
    {"-12", MOOR_AMOUNT_COUNT, NONE, ""},
    {"", MOOR_AMOUNT_COUNT, NONE, ""},
    {" 12", MOOR_AMOUNT_COUNT, NONE, ""},
    {"0x12", MOOR_AMOUNT_COUNT, NONE, ""},
};

static void parse__row__its_value_and_text(void **state)
{
    const struct row *row = *state;
    uint64_t max =
        row->amount == MOOR_AMOUNT_DURATION ? MOOR_AMOUNTS_MAX_DURATION_MS : MOOR_AMOUNTS_MAX_SIZE;
    uint64_t value = 0;
    int status = moor_amount_parse(&value, row->text, row->amount, max);
    assert_int_equal(status, row->value == NONE ? -1 : 0);
    if (status == 0) {
        assert_int_equal(value, row->value);
        assert_string_equal(moor_amount_text(value, row->amount).text, row->written);
    }
}

static void parse__maximum__the_last_that_is_taken(void **state)
{
    (void)state;
    uint64_t value = 0;
    assert_int_equal(moor_amount_parse(&value, "10s", MOOR_AMOUNT_DURATION, 10000), 0);
    assert_int_equal(moor_amount_parse(&value, "10001ms", MOOR_AMOUNT_DURATION, 10000), -1);
    assert_int_equal(value, 10000);
}

int main(void)
{
    enum {
        ROWS = MOOR_ARRAY_SIZE(rows)
    };
    struct CMUnitTest tests[ROWS + 1];
    for (size_t i = 0; i < ROWS; i++) {
        tests[i] = test_of_row(rows[i].text, parse__row__its_value_and_text, &rows[i]);
    }
    tests[ROWS] = (struct CMUnitTest)cmocka_unit_test(parse__maximum__the_last_that_is_taken);
    return cmocka_run_group_tests_name("amounts", tests, NULL, NULL);
}
