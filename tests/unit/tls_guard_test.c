/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "webhook/http/tls_guard.h"

static struct moor_tls_guard guard_of_new_connection(void)
{
    struct moor_tls_guard guard;
    moor_tls_guard_init(&guard);
    return guard;
}

static bool takes_records(struct moor_tls_guard *guard, size_t count, size_t content_bytes)
{
    for (size_t i = 0; i < count; i++) {
        if (!moor_tls_guard_count_record(guard, content_bytes)) {
            return false;
        }
    }
    return true;
}

static void count_record__small_ones__as_many_as_are_spare(void **state)
{
    (void)state;
    struct moor_tls_guard guard = guard_of_new_connection();
    assert_true(takes_records(&guard, MOOR_TLS_SPARE_RECORDS, MOOR_TLS_RECORD_BYTES - 1));
    assert_false(moor_tls_guard_count_record(&guard, MOOR_TLS_RECORD_BYTES - 1));
}

static void count_record__of_full_size__any_number(void **state)
{
    (void)state;
    struct moor_tls_guard guard = guard_of_new_connection();
    assert_true(takes_records(&guard, 10000, MOOR_TLS_RECORD_BYTES));
    assert_int_equal(guard.spare_records, MOOR_TLS_SPARE_RECORDS);
}

static void count_record__large_one__earns_what_it_could_have_been_divided_into(void **state)
{
    (void)state;
    struct moor_tls_guard guard = guard_of_new_connection();
    assert_true(takes_records(&guard, MOOR_TLS_SPARE_RECORDS, 1));
    assert_true(moor_tls_guard_count_record(&guard, (size_t)3 * MOOR_TLS_RECORD_BYTES));
    assert_int_equal(guard.spare_records, 2);
    assert_true(takes_records(&guard, 2, 1));
    assert_false(moor_tls_guard_count_record(&guard, 1));
}

static void begin_request__all_spare_again(void **state)
{
    (void)state;
    struct moor_tls_guard guard = guard_of_new_connection();
    assert_true(takes_records(&guard, MOOR_TLS_SPARE_RECORDS, 0));
    moor_tls_guard_begin_request(&guard);
    assert_true(takes_records(&guard, MOOR_TLS_SPARE_RECORDS, 0));
    assert_false(moor_tls_guard_count_record(&guard, 0));
}

static void count_message__more_than_a_life_has__false(void **state)
{
    (void)state;
    struct moor_tls_guard guard = guard_of_new_connection();
    for (unsigned i = 0; i < MOOR_TLS_MAX_MESSAGES; i++) {
        moor_tls_guard_begin_request(&guard);
        assert_true(moor_tls_guard_count_message(&guard));
    }
    assert_false(moor_tls_guard_count_message(&guard));
}

static void take__more_than_a_handshake_has__false(void **state)
{
    (void)state;
    static const unsigned char alert[] = {21, 3, 3, 0, 2, 1, 0};
    struct moor_tls_guard guard = guard_of_new_connection();
    guard.read_bytes = 1000;
    assert_true(moor_tls_guard_take(&guard, alert, sizeof alert, 1000));
    guard.read_bytes = 1001;
    assert_false(moor_tls_guard_take(&guard, alert, sizeof alert, 1000));
}

static void take__client_hello_over_its_limit__false(void **state)
{
    (void)state;
    const size_t len = MOOR_HELLO_MAX_BYTES + 1;
    const unsigned char hello[] = {
        22, 3, 1, 64, 0, 1, 0, (unsigned char)(len >> 8), (unsigned char)len};
    struct moor_tls_guard guard = guard_of_new_connection();
    assert_false(moor_tls_guard_take(&guard, hello, sizeof hello, 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(count_record__small_ones__as_many_as_are_spare),
        cmocka_unit_test(count_record__of_full_size__any_number),
        cmocka_unit_test(count_record__large_one__earns_what_it_could_have_been_divided_into),
        cmocka_unit_test(begin_request__all_spare_again),
        cmocka_unit_test(count_message__more_than_a_life_has__false),
        cmocka_unit_test(take__more_than_a_handshake_has__false),
        cmocka_unit_test(take__client_hello_over_its_limit__false),
    };
    return cmocka_run_group_tests_name("tls_guard", tests, NULL, NULL);
}
