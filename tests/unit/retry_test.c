/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "webhook/retry.h"

static void fail__same_error_again__reported_once(void **state)
{
    (void)state;
    struct moor_retry retry = {0};
    assert_true(moor_retry_fail(&retry, true, MOOR_SLICE("no memory"), 0));
    assert_false(moor_retry_fail(&retry, false, MOOR_SLICE("no memory"), 0));
    assert_true(moor_retry_fail(&retry, false, MOOR_SLICE("no memory at all"), 0));
    assert_false(moor_retry_fail(&retry, false, MOOR_SLICE("no memory at all"), 0));
}

static void fail__file_changed__same_error_reported_again(void **state)
{
    (void)state;
    struct moor_retry retry = {0};
    (void)moor_retry_fail(&retry, true, MOOR_SLICE("line 1"), 0);
    assert_true(moor_retry_fail(&retry, true, MOOR_SLICE("line 1"), 0));
}

static void fail__after_a_success__reported_again(void **state)
{
    (void)state;
    struct moor_retry retry = {0};
    (void)moor_retry_fail(&retry, true, MOOR_SLICE("line 1"), 0);
    moor_retry_succeed(&retry);
    assert_false(moor_retry_has_failed(&retry));
    assert_true(moor_retry_fail(&retry, false, MOOR_SLICE("line 1"), 0));
}

static void fail__long_errors__compared_in_their_first_255_bytes(void **state)
{
    (void)state;
    struct moor_retry retry = {0};
    char error[300];
    memset(error, 'x', sizeof error);
    (void)moor_retry_fail(&retry, true, (struct moor_slice){error, sizeof error}, 0);
    error[255] = 'y';
    assert_false(moor_retry_fail(&retry, false, (struct moor_slice){error, sizeof error}, 0));
    error[254] = 'y';
    assert_true(moor_retry_fail(&retry, false, (struct moor_slice){error, sizeof error}, 0));
}

static void is_due__each_failure__after_twice_the_time_up_to_64_s(void **state)
{
    (void)state;
    static const uint64_t waits_ms[] = {2000, 4000, 8000, 16000, 32000, 64000, 64000};
    struct moor_retry retry = {0};
    uint64_t now_ms = 500;
    assert_false(moor_retry_is_due(&retry, UINT64_MAX));
    for (size_t i = 0; i < sizeof waits_ms / sizeof *waits_ms; i++) {
        (void)moor_retry_fail(&retry, i == 0, MOOR_SLICE("error"), now_ms);
        assert_true(moor_retry_has_failed(&retry));
        now_ms += waits_ms[i];
        assert_false(moor_retry_is_due(&retry, now_ms - 1));
        assert_true(moor_retry_is_due(&retry, now_ms));
    }
}

static void is_due__file_changed__begins_with_2_s_again(void **state)
{
    (void)state;
    struct moor_retry retry = {0};
    (void)moor_retry_fail(&retry, true, MOOR_SLICE("error"), 0);
    (void)moor_retry_fail(&retry, false, MOOR_SLICE("error"), 2000);
    (void)moor_retry_fail(&retry, true, MOOR_SLICE("error"), 3000);
    assert_true(moor_retry_is_due(&retry, 5000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fail__same_error_again__reported_once),
        cmocka_unit_test(fail__file_changed__same_error_reported_again),
        cmocka_unit_test(fail__after_a_success__reported_again),
        cmocka_unit_test(fail__long_errors__compared_in_their_first_255_bytes),
        cmocka_unit_test(is_due__each_failure__after_twice_the_time_up_to_64_s),
        cmocka_unit_test(is_due__file_changed__begins_with_2_s_again),
    };
    return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
