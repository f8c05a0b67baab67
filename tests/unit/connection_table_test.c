/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "webhook/http/connection_table.h"

#define SECOND_US   UINT64_C(1000000)
#define BURST       MOOR_CONNECTION_BURST_BYTES
#define BUDGET      (100 * BURST)
#define MAX_REQUEST (20 * BURST)

struct fixture {
    struct moor_connection_table table;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    *state = fixture;
    return fixture == NULL
               ? -1
               : moor_connection_table_init(&fixture->table, 8, BUDGET, MAX_REQUEST, NULL);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    moor_connection_table_release(&fixture->table);
    free(fixture);
    return 0;
}

static struct moor_connection_table *table_of(void **state)
{
    struct fixture *fixture = *state;
    return &fixture->table;
}

static struct moor_connection_slot *opened(struct moor_connection_table *table, uint64_t at_us)
{
    struct moor_connection_slot *slot = moor_connection_table_claim(table);
    assert_non_null(slot);
    moor_connection_table_open(table, slot, 3, at_us);
    return slot;
}

/* A connection that completed a request at `at_us` and is idle since. */
static struct moor_connection_slot *used(struct moor_connection_table *table, uint64_t at_us)
{
    struct moor_connection_slot *slot = opened(table, at_us);
    moor_connection_slot_begin_answer(slot, at_us);
    moor_connection_slot_enter(slot, MOOR_CONNECTION_IDLE, at_us);
    return slot;
}

static struct moor_connection_slot *receiving(struct moor_connection_table *table, uint64_t at_us)
{
    struct moor_connection_slot *slot = opened(table, at_us);
    moor_connection_slot_enter(slot, MOOR_CONNECTION_RECEIVING, at_us);
    return slot;
}

static void claim__all_slots__null_until_one_is_given_back(void **state)
{
    struct moor_connection_table *table = table_of(state);
    struct moor_connection_slot *slot = NULL;
    for (size_t i = 0; i < 8 + MOOR_SERVER_SPARE_CONNECTIONS; i++) {
        assert_true(moor_connection_table_has_room(table));
        slot = opened(table, 7);
        assert_int_equal(slot->thread, 3);
    }
    assert_false(moor_connection_table_has_room(table));
    assert_null(moor_connection_table_claim(table));
    moor_connection_table_give_back(table, slot);
    assert_ptr_equal(moor_connection_table_claim(table), slot);
}

static void claim__nobody_came__nobody_has_to_leave(void **state)
{
    struct moor_connection_table *table = table_of(state);
    for (uint64_t i = 0; i < 8; i++) {
        (void)used(table, i);
    }
    struct moor_connection_slot *slot = moor_connection_table_claim(table);
    assert_int_equal(table->open, 8);
    assert_null(moor_connection_table_dismiss(table, 10 * SECOND_US));
    moor_connection_table_give_back(table, slot);
    assert_int_equal(table->open, 8);
    assert_ptr_equal(moor_connection_table_claim(table), slot);
}

static void dismiss__at_the_maximum__nobody(void **state)
{
    struct moor_connection_table *table = table_of(state);
    for (uint64_t i = 0; i < 8; i++) {
        (void)used(table, i);
    }
    assert_null(moor_connection_table_dismiss(table, 10 * SECOND_US));
}

static void dismiss__one_too_many__each_chosen_once(void **state)
{
    struct moor_connection_table *table = table_of(state);
    for (uint64_t i = 0; i < 9; i++) {
        (void)used(table, 5);
    }
    struct moor_connection_slot *first = moor_connection_table_dismiss(table, 10 * SECOND_US);
    assert_non_null(first);
    assert_null(moor_connection_table_dismiss(table, 10 * SECOND_US));
    (void)used(table, 5);
    struct moor_connection_slot *second = moor_connection_table_dismiss(table, 10 * SECOND_US);
    assert_non_null(second);
    assert_ptr_not_equal(first, second);
    moor_connection_table_give_back(table, first);
    moor_connection_table_give_back(table, second);
    assert_null(moor_connection_table_dismiss(table, 10 * SECOND_US));
}

static void dismiss__old_unused_one__before_the_longest_idle(void **state)
{
    struct moor_connection_table *table = table_of(state);
    for (uint64_t i = 0; i < 7; i++) {
        (void)used(table, i);
    }
    struct moor_connection_slot *unused = opened(table, SECOND_US);
    moor_connection_slot_enter(unused, MOOR_CONNECTION_RECEIVING, 9 * SECOND_US);
    (void)opened(table, 10 * SECOND_US);
    assert_ptr_equal(moor_connection_table_dismiss(table, 10 * SECOND_US), unused);
}

static void dismiss__young_unused_one__spared_for_the_longest_idle(void **state)
{
    struct moor_connection_table *table = table_of(state);
    for (uint64_t i = 0; i < 7; i++) {
        (void)used(table, i + (i < 4 ? 100 : 0));
    }
    (void)opened(table, 10 * SECOND_US);
    (void)opened(table, 10 * SECOND_US);
    const struct moor_connection_slot *chosen =
        moor_connection_table_dismiss(table, 10 * SECOND_US);
    assert_int_equal(chosen->since_us, 4);
}

#define START_US (10 * SECOND_US)

static void may_accept__below_the_maximum__yes(void **state)
{
    struct moor_connection_table *table = table_of(state);
    for (uint64_t i = 0; i < 7; i++) {
        (void)opened(table, START_US);
    }
    assert_true(moor_connection_table_may_accept(table, START_US));
    (void)opened(table, START_US);
    assert_false(moor_connection_table_may_accept(table, START_US));
}

/* Eight connections with one byte of the handshake at `heard_us`, or without any. */
static void fill_with_new_ones(struct moor_connection_table *table, uint64_t heard_us)
{
    for (uint64_t i = 0; i < 8; i++) {
        struct moor_connection_slot *slot = opened(table, START_US + i);
        if (heard_us > 0) {
            moor_connection_slot_greet(slot, heard_us);
        }
    }
}

static void may_accept__burst_of_handshakes__not_before_one_stalls(void **state)
{
    struct moor_connection_table *table = table_of(state);
    fill_with_new_ones(table, START_US + 1000);
    assert_false(moor_connection_table_may_accept(table, START_US + 1000 + 500000));
    assert_true(moor_connection_table_may_accept(table, START_US + 1000 + 500001));
}

static void may_accept__handshakes_that_trickle__not_before_a_second(void **state)
{
    struct moor_connection_table *table = table_of(state);
    fill_with_new_ones(table, START_US + SECOND_US);
    assert_false(moor_connection_table_may_accept(table, START_US + SECOND_US));
    assert_true(moor_connection_table_may_accept(table, START_US + SECOND_US + 1));
}

static void may_accept__flood_of_silent_ones__after_200_ms(void **state)
{
    struct moor_connection_table *table = table_of(state);
    fill_with_new_ones(table, 0);
    assert_false(moor_connection_table_may_accept(table, START_US + 200000));
    assert_true(moor_connection_table_may_accept(table, START_US + 200001));
}

static void dismiss__flood_of_young_ones__oldest_of_them_that_stalls(void **state)
{
    struct moor_connection_table *table = table_of(state);
    for (uint64_t i = 0; i < 6; i++) {
        (void)used(table, i + START_US);
    }
    struct moor_connection_slot *oldest = opened(table, START_US);
    (void)opened(table, START_US + 1);
    (void)opened(table, START_US + 2);
    assert_null(moor_connection_table_dismiss(table, START_US + 200000));
    assert_ptr_equal(moor_connection_table_dismiss(table, START_US + 200003), oldest);
}

static void dismiss__flood_of_silent_ones__spares_a_young_one_that_has_begun_its_handshake(
    void **state)
{
    struct moor_connection_table *table = table_of(state);
    struct moor_connection_slot *client = opened(table, START_US);
    moor_connection_slot_greet(client, START_US + 190000);
    for (uint64_t i = 1; i < 9; i++) {
        (void)opened(table, START_US + i);
    }
    struct moor_connection_slot *chosen = moor_connection_table_dismiss(table, START_US + 200009);
    assert_non_null(chosen);
    assert_ptr_not_equal(chosen, client);
}

static void dismiss__all_busy__nobody_until_one_has_been_for_long(void **state)
{
    struct moor_connection_table *table = table_of(state);
    struct moor_connection_slot *longest = NULL;
    for (uint64_t i = 0; i < 9; i++) {
        struct moor_connection_slot *slot = used(table, 20 - i);
        moor_connection_slot_begin_answer(slot, i == 5 ? 30 : 40);
        longest = i == 5 ? slot : longest;
    }
    assert_null(moor_connection_table_dismiss(table, 30 + SECOND_US));
    assert_ptr_equal(moor_connection_table_dismiss(table, 31 + SECOND_US), longest);
}

static void dismiss__idle_for_less_than_a_second__nobody(void **state)
{
    struct moor_connection_table *table = table_of(state);
    for (uint64_t i = 0; i < 9; i++) {
        (void)used(table, START_US + i);
    }
    assert_null(moor_connection_table_dismiss(table, START_US + SECOND_US));
    assert_non_null(moor_connection_table_dismiss(table, START_US + SECOND_US + 1));
}

static void dismiss__many_unfinished_requests__one_that_stalls_before_a_younger_idle_one(
    void **state)
{
    struct moor_connection_table *table = table_of(state);
    (void)used(table, START_US);
    struct moor_connection_slot *longest = NULL;
    for (uint64_t i = 1; i < 9; i++) {
        struct moor_connection_slot *slot = used(table, 1);
        moor_connection_slot_enter(slot, MOOR_CONNECTION_RECEIVING,
                                   START_US + (i == 5 ? 2 : 20 + i));
        longest = i == 5 ? slot : longest;
    }
    assert_null(moor_connection_table_dismiss(table, START_US + 500002));
    assert_ptr_equal(moor_connection_table_dismiss(table, START_US + 500003), longest);
    assert_false(moor_connection_slot_stays(table, longest, START_US + 500003));
}

static void wait__before_250_ms__asks_nobody_to_end(void **state)
{
    struct moor_connection_table *table = table_of(state);
    const struct moor_connection_slot *slot = used(table, START_US);
    moor_connection_table_wait(table, START_US);
    moor_connection_table_wait(table, START_US + 250000);
    assert_false(moor_connection_slot_is_parting(slot));
}

static void wait__after_250_ms__asks_the_longest_idle_used_ones_to_end(void **state)
{
    struct moor_connection_table *table = table_of(state);
    struct moor_connection_slot *slots[8];
    for (uint64_t i = 0; i < 7; i++) {
        slots[i] = used(table, START_US + i);
    }
    slots[7] = opened(table, START_US);
    moor_connection_table_wait(table, START_US);
    moor_connection_table_wait(table, START_US + 250001);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(moor_connection_slot_is_parting(slots[i]), i < 3);
    }
}

static void wait__a_place_was_found_meanwhile__begins_anew(void **state)
{
    struct moor_connection_table *table = table_of(state);
    const struct moor_connection_slot *slot = used(table, START_US);
    moor_connection_table_wait(table, START_US);
    (void)used(table, START_US + 1000);
    moor_connection_table_wait(table, START_US + 250001);
    assert_false(moor_connection_slot_is_parting(slot));
}

static void dismiss__held_in_the_middle_of_a_request__before_a_young_one(void **state)
{
    struct moor_connection_table *table = table_of(state);
    struct moor_connection_slot *held = NULL;
    for (uint64_t i = 0; i < 8; i++) {
        struct moor_connection_slot *slot = used(table, 1);
        moor_connection_slot_enter(slot, MOOR_CONNECTION_RECEIVING, i == 5 ? 2 : 3);
        held = i == 5 ? slot : held;
    }
    (void)opened(table, 10 * SECOND_US);
    assert_ptr_equal(moor_connection_table_dismiss(table, 10 * SECOND_US), held);
    assert_false(moor_connection_slot_stays(table, held, 10 * SECOND_US));
}

static void stays__request_begun_since__stays_and_another_is_chosen(void **state)
{
    struct moor_connection_table *table = table_of(state);
    for (uint64_t i = 0; i < 9; i++) {
        (void)used(table, i);
    }
    struct moor_connection_slot *chosen = moor_connection_table_dismiss(table, 10 * SECOND_US);
    assert_false(moor_connection_slot_stays(table, chosen, 10 * SECOND_US));
    moor_connection_slot_enter(chosen, MOOR_CONNECTION_RECEIVING, 10 * SECOND_US);
    assert_true(moor_connection_slot_stays(table, chosen, 10 * SECOND_US));
    struct moor_connection_slot *other = moor_connection_table_dismiss(table, 10 * SECOND_US);
    assert_non_null(other);
    assert_ptr_not_equal(other, chosen);
}

static void stays__never_completed_a_request__leaves_though_busy(void **state)
{
    struct moor_connection_table *table = table_of(state);
    for (uint64_t i = 0; i < 9; i++) {
        (void)receiving(table, i);
    }
    struct moor_connection_slot *chosen = moor_connection_table_dismiss(table, 10 * SECOND_US);
    assert_non_null(chosen);
    assert_false(moor_connection_slot_stays(table, chosen, 10 * SECOND_US));
}

static void charge__changes__summed_up(void **state)
{
    struct moor_connection_table *table = table_of(state);
    struct moor_connection_slot *one = receiving(table, 1);
    struct moor_connection_slot *two = receiving(table, 2);
    moor_connection_slot_charge(table, one, 100, false);
    moor_connection_slot_charge(table, two, 3 * BURST, false);
    assert_int_equal(table->charged_bytes, 200 + 4 * BURST);
    moor_connection_slot_charge(table, two, 10, true);
    assert_int_equal(table->charged_bytes, 220 + BURST);
    moor_connection_table_give_back(table, one);
    moor_connection_table_give_back(table, two);
    assert_int_equal(table->charged_bytes, 0);
}

static void budget__pause_leaves_room_for_one_request(void **state)
{
    struct moor_connection_table *table = table_of(state);
    struct moor_connection_slot *slot = receiving(table, 1);
    moor_connection_slot_charge(table, slot, 78 * BURST, false);
    assert_true(moor_connection_table_have_budget(table));
    assert_false(moor_connection_table_over_budget(table));
    moor_connection_slot_charge(table, slot, 79 * BURST, false);
    assert_false(moor_connection_table_have_budget(table));
    assert_false(moor_connection_table_over_budget(table));
    moor_connection_slot_charge(table, slot, 79 * BURST + 1, false);
    assert_true(moor_connection_table_over_budget(table));
    assert_false(moor_connection_table_far_over_budget(table));
    moor_connection_slot_charge(table, slot, 163 * BURST, false);
    assert_false(moor_connection_table_far_over_budget(table));
    moor_connection_slot_charge(table, slot, 163 * BURST + 1, false);
    assert_true(moor_connection_table_far_over_budget(table));
}

static void budget__far_over_by_unsent_answers__not_without_them(void **state)
{
    struct moor_connection_table *table = table_of(state);
    struct moor_connection_slot *slot = receiving(table, 1);
    moor_connection_slot_charge(table, slot, 163 * BURST + 1, false);
    assert_true(moor_connection_table_far_over_without_unsent(table));
    atomic_store(&table->unsent_bytes, 1);
    assert_true(moor_connection_table_far_over_budget(table));
    assert_false(moor_connection_table_far_over_without_unsent(table));
}

static void budget__smaller_than_a_request__pauses_at_half(void **state)
{
    (void)state;
    struct moor_connection_table table;
    assert_int_equal(moor_connection_table_init(&table, 2, 10 * BURST, 20 * BURST, NULL), 0);
    assert_int_equal(table.pause_at_bytes, 5 * BURST);
    moor_connection_table_release(&table);
}

static void oldest_request__of_those_receiving(void **state)
{
    struct moor_connection_table *table = table_of(state);
    assert_null(moor_connection_table_oldest_request(table));
    (void)used(table, 1);
    struct moor_connection_slot *late = receiving(table, 9);
    struct moor_connection_slot *early = receiving(table, 5);
    struct moor_connection_slot *small = receiving(table, 1);
    moor_connection_slot_charge(table, late, MOOR_CONNECTION_SMALL_BYTES + 1, false);
    moor_connection_slot_charge(table, early, MOOR_CONNECTION_SMALL_BYTES + 1, false);
    moor_connection_slot_charge(table, small, MOOR_CONNECTION_SMALL_BYTES, false);
    assert_ptr_equal(moor_connection_table_oldest_request(table), early);
    moor_connection_slot_begin_answer(early, 10);
    assert_ptr_equal(moor_connection_table_oldest_request(table), late);
}

static void oldest_request__while_a_large_body_is_judged__nobody(void **state)
{
    struct moor_connection_table *table = table_of(state);
    struct moor_connection_slot *waiting = receiving(table, 5);
    moor_connection_slot_charge(table, waiting, MOOR_CONNECTION_SMALL_BYTES + 1, false);
    assert_ptr_equal(moor_connection_table_oldest_request(table), waiting);
    moor_connection_table_await_judging(table);
    assert_null(moor_connection_table_oldest_request(table));
    assert_true(moor_connection_table_try_judging(table));
    assert_false(moor_connection_table_end_judging(table));
    assert_ptr_equal(moor_connection_table_oldest_request(table), waiting);
}

static void try_judging__taken__false_until_it_is_given_back(void **state)
{
    struct moor_connection_table *table = table_of(state);
    moor_connection_table_await_judging(table);
    moor_connection_table_await_judging(table);
    assert_true(moor_connection_table_try_judging(table));
    assert_true(moor_connection_table_is_judging(table));
    assert_false(moor_connection_table_try_judging(table));
    assert_true(moor_connection_table_end_judging(table));
    assert_true(moor_connection_table_try_judging(table));
    assert_false(moor_connection_table_end_judging(table));
    assert_false(moor_connection_table_is_judging(table));
}

static void forget_judging__announced_one__no_other_waits(void **state)
{
    struct moor_connection_table *table = table_of(state);
    moor_connection_table_await_judging(table);
    moor_connection_table_await_judging(table);
    assert_true(moor_connection_table_try_judging(table));
    moor_connection_table_forget_judging(table);
    assert_false(moor_connection_table_end_judging(table));
}

static void enter__same_state__keeps_its_time(void **state)
{
    struct moor_connection_table *table = table_of(state);
    struct moor_connection_slot *slot = receiving(table, 5);
    moor_connection_slot_enter(slot, MOOR_CONNECTION_RECEIVING, 9);
    assert_int_equal(slot->since_us, 5);
    moor_connection_slot_enter(slot, MOOR_CONNECTION_IDLE, 9);
    assert_int_equal(slot->since_us, 9);
}

static struct overdue_row {
    const char *name;
    enum moor_connection_state state;
    uint64_t requests;
    uint64_t limit_ms;
    enum moor_limit limit;
} overdue_rows[] = {
    {"overdue__handshake", MOOR_CONNECTION_HANDSHAKE, 0, 1, MOOR_LIMIT_HANDSHAKE_TIMEOUT},
    {"overdue__receiving", MOOR_CONNECTION_RECEIVING, 0, 2, MOOR_LIMIT_REQUEST_TIMEOUT},
    {"overdue__receiving_again", MOOR_CONNECTION_RECEIVING, 5, 2, MOOR_LIMIT_REQUEST_TIMEOUT},
    {"overdue__idle_new", MOOR_CONNECTION_IDLE, 0, 3, MOOR_LIMIT_IDLE_TIMEOUT},
    {"overdue__idle_used", MOOR_CONNECTION_IDLE, 1, 4, MOOR_LIMIT_IDLE_TIMEOUT},
    {"overdue__answering", MOOR_CONNECTION_ANSWERING, 1, 5, MOOR_LIMIT_UNSENT_TIMEOUT},
    {"overdue__closing", MOOR_CONNECTION_CLOSING, 1, 5, MOOR_LIMIT_UNSENT_TIMEOUT},
};

static void overdue__row__only_past_its_limit(void **state)
{
    const struct overdue_row *row = *state;
    const struct moor_connection_times times = {.handshake_timeout_ms = 1,
                                                .request_timeout_ms = 2,
                                                .new_connection_idle_ms = 3,
                                                .idle_timeout_ms = 4,
                                                .unsent_timeout_ms = 5};
    const struct moor_connection_slot slot = {
        .state = row->state, .since_us = SECOND_US, .requests = row->requests};
    uint64_t limit_us = SECOND_US + row->limit_ms * 1000U;
    assert_int_equal(moor_connection_slot_overdue(&slot, &times, 0), MOOR_LIMIT_NONE);
    assert_int_equal(moor_connection_slot_overdue(&slot, &times, limit_us), MOOR_LIMIT_NONE);
    assert_int_equal(moor_connection_slot_overdue(&slot, &times, limit_us + 1), row->limit);
}

static void limit_name__every_limit__named(void **state)
{
    (void)state;
    for (int limit = 0; limit < MOOR_LIMIT_COUNT; limit++) {
        assert_non_null(moor_limit_name((enum moor_limit)limit));
    }
}

#define WITH_TABLE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TABLE(claim__all_slots__null_until_one_is_given_back),
        WITH_TABLE(claim__nobody_came__nobody_has_to_leave),
        WITH_TABLE(dismiss__at_the_maximum__nobody),
        WITH_TABLE(dismiss__one_too_many__each_chosen_once),
        WITH_TABLE(dismiss__old_unused_one__before_the_longest_idle),
        WITH_TABLE(dismiss__young_unused_one__spared_for_the_longest_idle),
        WITH_TABLE(may_accept__below_the_maximum__yes),
        WITH_TABLE(may_accept__burst_of_handshakes__not_before_one_stalls),
        WITH_TABLE(may_accept__handshakes_that_trickle__not_before_a_second),
        WITH_TABLE(may_accept__flood_of_silent_ones__after_200_ms),
        WITH_TABLE(dismiss__flood_of_young_ones__oldest_of_them_that_stalls),
        WITH_TABLE(dismiss__flood_of_silent_ones__spares_a_young_one_that_has_begun_its_handshake),
        WITH_TABLE(dismiss__all_busy__nobody_until_one_has_been_for_long),
        WITH_TABLE(dismiss__idle_for_less_than_a_second__nobody),
        WITH_TABLE(dismiss__many_unfinished_requests__one_that_stalls_before_a_younger_idle_one),
        WITH_TABLE(wait__before_250_ms__asks_nobody_to_end),
        WITH_TABLE(wait__after_250_ms__asks_the_longest_idle_used_ones_to_end),
        WITH_TABLE(wait__a_place_was_found_meanwhile__begins_anew),
        WITH_TABLE(try_judging__taken__false_until_it_is_given_back),
        WITH_TABLE(forget_judging__announced_one__no_other_waits),
        WITH_TABLE(dismiss__held_in_the_middle_of_a_request__before_a_young_one),
        WITH_TABLE(stays__request_begun_since__stays_and_another_is_chosen),
        WITH_TABLE(stays__never_completed_a_request__leaves_though_busy),
        WITH_TABLE(charge__changes__summed_up),
        WITH_TABLE(budget__pause_leaves_room_for_one_request),
        WITH_TABLE(budget__far_over_by_unsent_answers__not_without_them),
        cmocka_unit_test(budget__smaller_than_a_request__pauses_at_half),
        WITH_TABLE(oldest_request__of_those_receiving),
        WITH_TABLE(oldest_request__while_a_large_body_is_judged__nobody),
        WITH_TABLE(enter__same_state__keeps_its_time),
        cmocka_unit_test(limit_name__every_limit__named),
    };

    enum {
        OVERDUE_COUNT = sizeof overdue_rows / sizeof *overdue_rows
    };
    struct CMUnitTest tests_of_rows[OVERDUE_COUNT];
    for (size_t i = 0; i < OVERDUE_COUNT; i++) {
        tests_of_rows[i] = (struct CMUnitTest){
            overdue_rows[i].name, overdue__row__only_past_its_limit, NULL, NULL, &overdue_rows[i]};
    }
    int failed = cmocka_run_group_tests_name("connections", tests, NULL, NULL);
    return failed + cmocka_run_group_tests_name("connections", tests_of_rows, NULL, NULL);
}
