/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/connection_slots.h"

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

static size_t charge_of(struct moor_connection_table *table, struct moor_connection_slot *slot,
                        struct moor_connection_bytes bytes)
{
    moor_connection_slot_charge(table, slot, bytes, 0);
    return slot->charge;
}

static void charge__changes__summed_up(void **state)
{
    struct moor_connection_table *table = table_of(state);
    struct moor_connection_slot *one = receiving(table, 1);
    struct moor_connection_slot *two = receiving(table, 2);
    hold(table, one, 100);
    hold(table, two, 3 * BURST);
    assert_int_equal(table->charged_bytes, 200 + 4 * BURST);
    hold(table, two, 10);
    assert_int_equal(table->charged_bytes, 220);
    moor_connection_table_give_back(table, one);
    moor_connection_table_give_back(table, two);
    assert_int_equal(table->charged_bytes, 0);
}

static void charge__large_request__and_what_the_next_read_may_bring(void **state)
{
    const size_t small = MOOR_CONNECTION_SMALL_BYTES;
    struct moor_connection_table *table = table_of(state);
    struct moor_connection_slot *slot = receiving(table, 1);
    const struct moor_connection_bytes large = {.input = small + 1};
    assert_int_equal(charge_of(table, slot, (struct moor_connection_bytes){.input = small}),
                     2 * small);
    assert_int_equal(charge_of(table, slot, large), 2 * (small + 1) + BURST);
    moor_connection_slot_pause(table, slot, 5);
    assert_int_equal(table->waiting, 1);
    assert_int_equal(table->charged_bytes, 2 * (small + 1));
    moor_connection_slot_resume(table, slot, 7);
    assert_int_equal(table->waiting, 0);
    assert_int_equal(table->charged_bytes, 2 * (small + 1) + BURST);
    moor_connection_slot_begin_answer(slot, 8);
    assert_int_equal(charge_of(table, slot, large), 2 * (small + 1));
}

static void charge__unsent_answer__summed_up_and_gone_with_a_cut(void **state)
{
    struct moor_connection_table *table = table_of(state);
    struct moor_connection_slot *slot = used(table, 1);
    moor_connection_slot_charge(table, slot, (struct moor_connection_bytes){.unsent = 50}, 0);
    assert_int_equal(table->unsent_bytes, 50);
    assert_int_equal(table->charged_bytes, 100);
    moor_connection_slot_cut(table, slot);
    moor_connection_slot_cut(table, slot);
    assert_int_equal(table->unsent_bytes, 0);
    assert_int_equal(table->charged_bytes, 0);
}

static void charge__input_grows__progress_that_counts_when_it_was_large(void **state)
{
    const size_t small = MOOR_CONNECTION_SMALL_BYTES;
    struct moor_connection_table *table = table_of(state);
    struct moor_connection_slot *slot = receiving(table, 1);
    moor_connection_slot_charge(table, slot, (struct moor_connection_bytes){.input = small + 1}, 3);
    assert_int_equal(slot->progress_us, 3);
    assert_int_equal(table->brought_bytes, 0);
    moor_connection_slot_charge(table, slot, (struct moor_connection_bytes){.input = small + 1}, 4);
    assert_int_equal(slot->progress_us, 3);
    moor_connection_slot_charge(table, slot, (struct moor_connection_bytes){.input = small + 6}, 5);
    assert_int_equal(slot->progress_us, 5);
    assert_int_equal(table->brought_bytes, 5);
}

static void resume__after_a_pause__its_time_is_no_stall(void **state)
{
    struct moor_connection_table *table = table_of(state);
    struct moor_connection_slot *slot = receiving(table, 1);
    moor_connection_slot_charge(table, slot, (struct moor_connection_bytes){.input = 9}, 10);
    moor_connection_slot_pause(table, slot, 30);
    moor_connection_slot_resume(table, slot, 70);
    assert_int_equal(slot->progress_us, 50);
    assert_int_equal(slot->turned_us, 70);
}

static void give_back__paused__nobody_waits(void **state)
{
    struct moor_connection_table *table = table_of(state);
    struct moor_connection_slot *slot = receiving(table, 1);
    moor_connection_slot_pause(table, slot, 5);
    moor_connection_table_give_back(table, slot);
    assert_int_equal(table->waiting, 0);
}

static void init__budget_smaller_than_a_request__pauses_at_half(void **state)
{
    (void)state;
    struct moor_connection_table table;
    assert_int_equal(moor_connection_table_init(&table, 2, 10 * BURST, 20 * BURST, NULL), 0);
    assert_int_equal(table.pause_at_bytes, 5 * BURST);
    moor_connection_table_release(&table);
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

static void limit_name__every_limit__named(void **state)
{
    (void)state;
    for (int limit = 0; limit < MOOR_LIMIT_COUNT; limit++) {
        assert_non_null(moor_limit_name((enum moor_limit)limit));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TABLE(claim__all_slots__null_until_one_is_given_back),
        WITH_TABLE(charge__changes__summed_up),
        WITH_TABLE(charge__large_request__and_what_the_next_read_may_bring),
        WITH_TABLE(charge__unsent_answer__summed_up_and_gone_with_a_cut),
        WITH_TABLE(charge__input_grows__progress_that_counts_when_it_was_large),
        WITH_TABLE(resume__after_a_pause__its_time_is_no_stall),
        WITH_TABLE(give_back__paused__nobody_waits),
        cmocka_unit_test(init__budget_smaller_than_a_request__pauses_at_half),
        WITH_TABLE(try_judging__taken__false_until_it_is_given_back),
        WITH_TABLE(forget_judging__announced_one__no_other_waits),
        WITH_TABLE(enter__same_state__keeps_its_time),
        cmocka_unit_test(limit_name__every_limit__named),
    };
    return cmocka_run_group_tests_name("connection_table", tests, NULL, NULL);
}
