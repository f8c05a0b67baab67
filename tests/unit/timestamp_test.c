/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/base/timestamp.h"

struct row {
    const char *name;
    const char *text;
    int64_t expected; /* -1: refused */
};

/* The seconds are those of `date -u -d TEXT +%s`, a day later for dates alone. */
static struct row rows[] = {
    {"parse__first_day__its_end", "1970-01-01", 86400},
    {"parse__day__its_end_in_utc", "2027-03-31", INT64_C(1806537600)},
    {"parse__leap_day__its_end", "2028-02-29", INT64_C(1835481600)},
    {"parse__leap_day_of_a_century__its_end", "2000-02-29", INT64_C(951868800)},
    {"parse__last_day__its_end", "9999-12-31", INT64_C(253402300800)},
    {"parse__time_in_utc__moment", "2027-03-31T18:00:00Z", INT64_C(1806516000)},
    {"parse__time_in_lower_case__moment", "2027-03-31t18:00:00z", INT64_C(1806516000)},
    {"parse__time_ahead__moment", "2027-03-31T18:00:00+02:00", INT64_C(1806508800)},
    {"parse__time_after__moment", "2027-03-31T18:00:00-05:30", INT64_C(1806535800)},
    {"parse__fraction__dropped", "2027-03-31T18:00:00.999Z", INT64_C(1806516000)},
    {"parse__leap_second__next_minute", "2016-12-31T23:59:60Z", INT64_C(1483228800)},
    {"parse__empty__refused", "", -1},
    {"parse__word__refused", "tomorrow", -1},
    {"parse__day_of_no_leap_year__refused", "2027-02-29", -1},
    {"parse__day_of_no_leap_century__refused", "2100-02-29", -1},
    {"parse__day_zero__refused", "2027-03-00", -1},
    {"parse__day_31_of_april__refused", "2027-04-31", -1},
    {"parse__month_13__refused", "2027-13-01", -1},
    {"parse__month_zero__refused", "2027-00-01", -1},
    {"parse__year_before_1970__refused", "1969-12-31", -1},
    {"parse__one_digit__refused", "2027-3-31", -1},
    {"parse__five_digits__refused", "20270-03-31", -1},
    {"parse__basic_form__refused", "20270331", -1},
    {"parse__text_after__refused", "2027-03-31 ", -1},
    {"parse__text_before__refused", " 2027-03-31", -1},
    {"parse__blank_for_t__refused", "2027-03-31 18:00:00Z", -1},
    {"parse__no_offset__refused", "2027-03-31T18:00:00", -1},
    {"parse__no_seconds__refused", "2027-03-31T18:00Z", -1},
    {"parse__hour_24__refused", "2027-03-31T24:00:00Z", -1},
    {"parse__minute_60__refused", "2027-03-31T18:60:00Z", -1},
    {"parse__second_61__refused", "2027-03-31T18:00:61Z", -1},
    {"parse__fraction_without_digits__refused", "2027-03-31T18:00:00.Z", -1},
    {"parse__offset_without_colon__refused", "2027-03-31T18:00:00+0200", -1},
    {"parse__offset_of_24_hours__refused", "2027-03-31T18:00:00+24:00", -1},
    {"parse__text_after_time__refused", "2027-03-31T18:00:00ZZ", -1},
};

static void parse__row__seconds(void **state)
{
    const struct row *row = *state;
    int64_t seconds = -1;
    struct moor_error err = {0};
    int status = moor_timestamp_parse(&seconds, moor_slice_from(row->text), &err);
    assert_int_equal(status, row->expected < 0 ? -1 : 0);
    assert_int_equal(seconds, row->expected);
    assert_int_equal(err.code, row->expected < 0 ? MOOR_ERROR_VALUE : MOOR_ERROR_NONE);
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(rows)];
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        tests[i] = (struct CMUnitTest){rows[i].name, parse__row__seconds, NULL, NULL, &rows[i]};
    }
    return cmocka_run_group_tests_name("timestamp", tests, NULL, NULL);
}
