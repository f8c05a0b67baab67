/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/connection_slots.h"

#include "webhook/http/places.h"

static void claim__nobody_came__nobody_has_to_leave(void **state)
{
    struct moor_connection_table *table = table_of(state);
    for (uint64_t i = 0; i < 8; i++) {
        (void)used(table, i);
    }
    struct moor_connection_slot *slot = moor_connection_table_claim(table);
    assert_int_equal(table->open, 8);
    assert_null(moor_places_dismiss(table, 10 * SECOND_US));
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
    assert_null(moor_places_dismiss(table, 10 * SECOND_US));
}

static void dismiss__one_too_many__each_chosen_once(void **state)
{
    struct moor_connection_table *table = table_of(state);
    for (uint64_t i = 0; i < 9; i++) {
        (void)used(table, 5);
    }
    struct moor_connection_slot *first = moor_places_dismiss(table, 10 * SECOND_US);
    assert_non_null(first);
    assert_null(moor_places_dismiss(table, 10 * SECOND_US));
    (void)used(table, 5);
    struct moor_connection_slot *second = moor_places_dismiss(table, 10 * SECOND_US);
    assert_non_null(second);
    assert_ptr_not_equal(first, second);
    moor_connection_table_give_back(table, first);
    moor_connection_table_give_back(table, second);
    assert_null(moor_places_dismiss(table, 10 * SECOND_US));
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
    assert_ptr_equal(moor_places_dismiss(table, 10 * SECOND_US), unused);
}

static void dismiss__young_unused_one__spared_for_the_longest_idle(void **state)
{
    struct moor_connection_table *table = table_of(state);
    for (uint64_t i = 0; i < 7; i++) {
        (void)used(table, i + (i < 4 ? 100 : 0));
    }
    (void)opened(table, 10 * SECOND_US);
    (void)opened(table, 10 * SECOND_US);
    const struct moor_connection_slot *chosen = moor_places_dismiss(table, 10 * SECOND_US);
    assert_int_equal(chosen->since_us, 4);
}

static void may_accept__below_the_maximum__yes(void **state)
{
    struct moor_connection_table *table = table_of(state);
    for (uint64_t i = 0; i < 7; i++) {
        (void)opened(table, START_US);
    }
    assert_true(moor_places_may_accept(table, START_US));
    (void)opened(table, START_US);
    assert_false(moor_places_may_accept(table, START_US));
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
    assert_false(moor_places_may_accept(table, START_US + 1000 + 500000));
    assert_true(moor_places_may_accept(table, START_US + 1000 + 500001));
}

static void may_accept__handshakes_that_trickle__not_before_a_second(void **state)
{
    struct moor_connection_table *table = table_of(state);
    fill_with_new_ones(table, START_US + SECOND_US);
    assert_false(moor_places_may_accept(table, START_US + SECOND_US));
    assert_true(moor_places_may_accept(table, START_US + SECOND_US + 1));
}

static void may_accept__flood_of_silent_ones__after_200_ms(void **state)
{
    struct moor_connection_table *table = table_of(state);
    fill_with_new_ones(table, 0);
    assert_false(moor_places_may_accept(table, START_US + 200000));
    assert_true(moor_places_may_accept(table, START_US + 200001));
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
    assert_null(moor_places_dismiss(table, START_US + 200000));
    assert_ptr_equal(moor_places_dismiss(table, START_US + 200003), oldest);
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
    struct moor_connection_slot *chosen = moor_places_dismiss(table, START_US + 200009);
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
    assert_null(moor_places_dismiss(table, 30 + SECOND_US));
    assert_ptr_equal(moor_places_dismiss(table, 31 + SECOND_US), longest);
}

static void dismiss__idle_for_less_than_a_second__nobody(void **state)
{
    struct moor_connection_table *table = table_of(state);
    for (uint64_t i = 0; i < 9; i++) {
        (void)used(table, START_US + i);
    }
    assert_null(moor_places_dismiss(table, START_US + SECOND_US));
    assert_non_null(moor_places_dismiss(table, START_US + SECOND_US + 1));
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
    assert_null(moor_places_dismiss(table, START_US + 500002));
    assert_ptr_equal(moor_places_dismiss(table, START_US + 500003), longest);
    assert_false(moor_places_may_stay(longest, START_US + 500003));
}

static void wait__before_250_ms__asks_nobody_to_end(void **state)
{
    struct moor_connection_table *table = table_of(state);
    const struct moor_connection_slot *slot = used(table, START_US);
    moor_places_wait(table, START_US);
    moor_places_wait(table, START_US + 250000);
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
    moor_places_wait(table, START_US);
    moor_places_wait(table, START_US + 250001);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(moor_connection_slot_is_parting(slots[i]), i < 3);
    }
}

static void wait__a_place_was_found_meanwhile__begins_anew(void **state)
{
    struct moor_connection_table *table = table_of(state);
    const struct moor_connection_slot *slot = used(table, START_US);
    moor_places_wait(table, START_US);
    (void)used(table, START_US + 1000);
    moor_places_wait(table, START_US + 250001);
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
    assert_ptr_equal(moor_places_dismiss(table, 10 * SECOND_US), held);
    assert_false(moor_places_may_stay(held, 10 * SECOND_US));
}

static void stays__request_begun_since__stays_and_another_is_chosen(void **state)
{
    struct moor_connection_table *table = table_of(state);
    for (uint64_t i = 0; i < 9; i++) {
        (void)used(table, i);
    }
    struct moor_connection_slot *chosen = moor_places_dismiss(table, 10 * SECOND_US);
    assert_false(moor_places_may_stay(chosen, 10 * SECOND_US));
    moor_connection_slot_enter(chosen, MOOR_CONNECTION_RECEIVING, 10 * SECOND_US);
    assert_true(moor_places_may_stay(chosen, 10 * SECOND_US));
    assert_false(moor_places_may_stay(chosen, 11 * SECOND_US + 1));
    moor_places_keep(table, chosen);
    struct moor_connection_slot *other = moor_places_dismiss(table, 10 * SECOND_US);
    assert_non_null(other);
    assert_ptr_not_equal(other, chosen);
}

static void stays__never_completed_a_request__leaves_though_busy(void **state)
{
    struct moor_connection_table *table = table_of(state);
    for (uint64_t i = 0; i < 9; i++) {
        (void)receiving(table, i);
    }
    struct moor_connection_slot *chosen = moor_places_dismiss(table, 10 * SECOND_US);
    assert_non_null(chosen);
    assert_false(moor_places_may_stay(chosen, 10 * SECOND_US));
}

static void is_crowded__more_than_half__yes(void **state)
{
    struct moor_connection_table *table = table_of(state);
    for (uint64_t i = 0; i < 4; i++) {
        (void)opened(table, START_US);
    }
    assert_false(moor_places_is_crowded(table));
    (void)opened(table, START_US);
    assert_true(moor_places_is_crowded(table));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
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
        WITH_TABLE(dismiss__held_in_the_middle_of_a_request__before_a_young_one),
        WITH_TABLE(stays__request_begun_since__stays_and_another_is_chosen),
        WITH_TABLE(stays__never_completed_a_request__leaves_though_busy),
        WITH_TABLE(is_crowded__more_than_half__yes),
    };
    return cmocka_run_group_tests_name("places", tests, NULL, NULL);
}
