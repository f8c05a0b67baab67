/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "webhook/http/log_limit.h"

static void take__a_burst_then_one_a_second_and_nothing_uncounted(void **state)
{
    (void)state;
    struct moor_log_limit limit = {0};
    uint64_t taken = 0;
    uint64_t reported = 0;
    uint64_t omitted = 0;
    for (uint64_t now_us = 1; now_us < 60000000; now_us += 1000) {
        if (moor_log_limit_take(&limit, now_us, &omitted)) {
            taken++;
            reported += omitted;
        }
    }
    assert_int_equal(taken, MOOR_LOG_LIMIT_BURST + 59);
    assert_int_equal(moor_log_limit_rest(&limit, 60000000), 0);
    reported += moor_log_limit_rest(&limit, 120000000);
    assert_int_equal(taken + reported, 60000);
    assert_int_equal(moor_log_limit_rest(&limit, 240000000), 0);
}

static void take__burst_is_used_up__the_next_one_tells_how_many_were_left_out(void **state)
{
    (void)state;
    struct moor_log_limit limit = {0};
    uint64_t omitted = 0;
    for (int i = 0; i < MOOR_LOG_LIMIT_BURST; i++) {
        assert_true(moor_log_limit_take(&limit, 5, &omitted));
        assert_int_equal(omitted, 0);
    }
    assert_false(moor_log_limit_take(&limit, 5, &omitted));
    assert_false(moor_log_limit_take(&limit, 1000004, &omitted));
    assert_true(moor_log_limit_take(&limit, 1000005, &omitted));
    assert_int_equal(omitted, 2);
}

static void rest__lines_are_still_coming__0(void **state)
{
    (void)state;
    struct moor_log_limit limit = {0};
    uint64_t omitted = 0;
    for (int i = 0; i <= MOOR_LOG_LIMIT_BURST; i++) {
        (void)moor_log_limit_take(&limit, 0, &omitted);
    }
    const uint64_t worked_off_us = UINT64_C(1000000) * MOOR_LOG_LIMIT_BURST;
    assert_int_equal(moor_log_limit_rest(&limit, worked_off_us - 1), 0);
    assert_int_equal(moor_log_limit_rest(&limit, worked_off_us), 1);
    assert_int_equal(moor_log_limit_rest(&limit, worked_off_us), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(take__a_burst_then_one_a_second_and_nothing_uncounted),
        cmocka_unit_test(take__burst_is_used_up__the_next_one_tells_how_many_were_left_out),
        cmocka_unit_test(rest__lines_are_still_coming__0),
    };
    return cmocka_run_group_tests_name("log_limit", tests, NULL, NULL);
}
