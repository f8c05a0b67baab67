/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/connection_slots.h"

#include "policy/base/array_size.h"
#include "policy/base/buf.h"
#include "webhook/http/budget.h"

#define NOW_US       (100 * SECOND_US)
#define TURN         1000
#define MINE         3 /* the thread of opened() */
#define OTHER        9
#define LARGE        (MOOR_CONNECTION_SMALL_BYTES + 1)
#define MAX_SLOTS    4

/* The budget is over above 80 bursts, and far over above 164. */
#define AT_BUDGET    80
#define OVER_BUDGET  81
#define AT_FAR_OVER  164
#define NO_ROOM      77 /* with two paused large requests: for one more burst, but not for two */
#define ROOM_FOR_TWO 76

/* A connection, named by its place in the row: a, b, c.  Times are ages in microseconds. */
struct given {
    unsigned thread; /* 0: no connection */
    size_t input;
    size_t unsent;
    uint64_t since;
    uint64_t progress; /* last change of the input */
    uint64_t turned;   /* 0: it was never paused */
    bool paused;
    bool cut;
};

static const struct row {
    const char *name;
    struct given slots[MAX_SLOTS];
    size_t filled_bursts; /* charged for a connection of another thread that is answering */
    size_t filled_unsent; /* unsent bytes among them */
    size_t judging;
    uint64_t short_since; /* age of the watch; 0: the budget was not short before */
    uint64_t short_turns;
    size_t brought;       /* bytes received since then */
    const char *expected; /* the actions in their order */
} rows[] = {
    {"next__at_the_budget__nothing",
     {{MINE, .input = 0}},
     .filled_bursts = AT_BUDGET,
     .expected = ""},
    {"next__over__all_large_ones_but_the_oldest_pause",
     {{MINE, LARGE, .since = 5}, {MINE, LARGE, .since = 9}, {MINE, LARGE, .since = 1}},
     .filled_bursts = OVER_BUDGET,
     .expected = "pause a, pause c"},
    {"next__over__small_ones_go_on",
     {{MINE, LARGE - 1, .since = 5}, {MINE, LARGE, .since = 9}},
     .filled_bursts = OVER_BUDGET,
     .expected = ""},
    {"next__over__oldest_is_of_another_thread__all_pause",
     {{OTHER, LARGE, .since = 9}, {MINE, LARGE, .since = 5}},
     .filled_bursts = OVER_BUDGET,
     .expected = "pause b"},
    {"next__over__large_body_is_judged__the_oldest_pauses_too",
     {{MINE, LARGE, .since = 9}, {MINE, LARGE, .since = 5}},
     .filled_bursts = OVER_BUDGET,
     .judging = 1,
     .expected = "pause a, pause b"},
    {"next__over__oldest_is_paused__it_goes_on",
     {{MINE, LARGE, .since = 9, .paused = true}, {MINE, LARGE, .since = 5, .paused = true}},
     .filled_bursts = OVER_BUDGET,
     .expected = "resume a"},
    {"next__over__a_cut_one_is_left_alone",
     {{MINE, LARGE, .since = 5, .cut = true}, {MINE, LARGE, .since = 9}},
     .filled_bursts = OVER_BUDGET,
     .expected = ""},
    {"next__room_for_two__the_longest_waiting_first",
     {{MINE, LARGE, .since = 5, .paused = true}, {MINE, LARGE, .since = 9, .paused = true}},
     .filled_bursts = ROOM_FOR_TWO,
     .expected = "resume b, resume a"},
    {"next__room_for_one__only_the_oldest",
     {{MINE, LARGE, .since = 5, .paused = true}, {MINE, LARGE, .since = 9, .paused = true}},
     .filled_bursts = NO_ROOM,
     .expected = "resume b"},
    {"next__room__those_of_another_thread_are_left_to_it",
     {{OTHER, LARGE, .since = 9, .paused = true}, {MINE, LARGE, .since = 5, .paused = true}},
     .filled_bursts = ROOM_FOR_TWO,
     .expected = "resume b"},

    {"next__stalled_for_a_second__not_yet",
     {{MINE, LARGE, .since = 9, .progress = 1000000}},
     .filled_bursts = OVER_BUDGET,
     .expected = ""},
    {"next__stalled_for_more_than_a_second__cut",
     {{MINE, LARGE, .since = 9, .progress = 1000001}, {MINE, LARGE, .since = 5}},
     .filled_bursts = OVER_BUDGET,
     .expected = "cut a buffered_stall"},
    {"next__stalled__paused_itself__not_cut",
     {{OTHER, LARGE, .since = 9}, {MINE, LARGE, .since = 5, .progress = 5000000, .paused = true}},
     .filled_bursts = OVER_BUDGET,
     .expected = ""},
    {"next__stalled__nobody_waits__not_cut",
     {{MINE, LARGE, .since = 9, .progress = 5000000}},
     .filled_bursts = AT_BUDGET - 3,
     .expected = ""},
    {"next__stalled__others_wait__cut_though_within_the_budget",
     {{MINE, LARGE, .since = 9, .progress = 1000001}, {OTHER, LARGE, .since = 5, .paused = true}},
     .filled_bursts = ROOM_FOR_TWO,
     .expected = "cut a buffered_stall"},

#define HELD(age)                                       \
    {                                                   \
        MINE, LARGE, .since = (age), .turned = 90000000 \
    }
#define STUCK .filled_bursts = OVER_BUDGET, .short_since = 1500001, .short_turns = 17
    {"next__stuck__the_older_half_is_cut",
     {HELD(3000001), HELD(3000003), HELD(3000002)},
     STUCK,
     .expected = "cut b buffered_stall, cut c buffered_stall"},
    {"next__stuck__one_alone_is_cut", {HELD(3000001)}, STUCK, .expected = "cut a buffered_stall"},
    {"next__stuck__held_for_three_seconds__not_yet", {HELD(3000000)}, STUCK, .expected = ""},
    {"next__stuck__read_from_only_since__not_cut",
     {{MINE, LARGE, .since = 5000000, .turned = 1500000}},
     STUCK,
     .expected = ""},
    {"next__stuck__those_of_another_thread_are_left_to_it",
     {{OTHER, LARGE, .since = 5000000, .turned = 90000000}},
     STUCK,
     .expected = ""},
    {"next__short_for_a_second_and_a_half__not_stuck_yet",
     {HELD(5000000)},
     .filled_bursts = OVER_BUDGET,
     .short_since = 1500000,
     .short_turns = 17,
     .expected = ""},
    {"next__short_for_16_turns__not_stuck_yet",
     {HELD(5000000)},
     .filled_bursts = OVER_BUDGET,
     .short_since = 1500001,
     .short_turns = 16,
     .expected = ""},
    {"next__short__256_KiB_brought__not_stuck",
     {HELD(5000000)},
     STUCK,
     .brought = (size_t)256 << 10,
     .expected = ""},
    {"next__short__a_byte_less_brought__stuck",
     {HELD(5000000)},
     STUCK,
     .brought = ((size_t)256 << 10) - 1,
     .expected = "cut a buffered_stall"},
    {"next__short__large_body_is_judged__not_stuck",
     {HELD(5000000)},
     STUCK,
     .judging = 1,
     .expected = "pause a"},
    {"next__stalled_and_stuck__the_stalled_one_makes_room_for_the_others",
     {{MINE, LARGE, .since = 4000000, .progress = 1000001, .turned = 90000000}, HELD(5000000)},
     STUCK,
     .expected = "cut a buffered_stall"},

    {"next__at_far_over__nothing_is_cut",
     {{MINE, .unsent = BURST / 2}},
     .filled_bursts = AT_FAR_OVER - 1,
     .expected = ""},
    {"next__far_over__by_an_untaken_answer__cut",
     {{MINE, .unsent = BURST / 2 + 1}},
     .filled_bursts = AT_FAR_OVER - 1,
     .expected = "cut a buffered_close"},
    {"next__far_over__untaken_answers_first_the_largest_first",
     {{MINE, .unsent = 2 * BURST, .since = 9},
      {MINE, .unsent = 4 * BURST, .since = 5},
      {OTHER, LARGE, .since = 9},
      {MINE, LARGE, .since = 1}},
     .filled_bursts = AT_FAR_OVER - 3,
     .expected = "pause d, cut b buffered_close, cut a buffered_close"},
    {"next__far_over__no_untaken_answer__the_stalest_large_request",
     {{OTHER, LARGE, .since = 9},
      {MINE, LARGE, .since = 5, .progress = 3},
      {MINE, LARGE, .since = 4, .progress = 7}},
     .filled_bursts = AT_FAR_OVER,
     .expected = "pause b, pause c, cut c buffered_close, cut b buffered_close"},
    {"next__far_over__by_untaken_answers_of_another_thread__left_to_it",
     {{OTHER, LARGE, .since = 9}, {MINE, LARGE, .since = 5}},
     .filled_bursts = AT_FAR_OVER,
     .filled_unsent = 4 * BURST,
     .expected = "pause b"},
};

static void place(struct moor_connection_table *table, const struct given *given)
{
    struct moor_connection_slot *slot = moor_connection_table_claim(table);
    moor_connection_table_open(table, slot, given->thread, NOW_US - given->since);
    moor_connection_slot_enter(
        slot, given->unsent > 0 ? MOOR_CONNECTION_ANSWERING : MOOR_CONNECTION_RECEIVING,
        NOW_US - given->since);
    moor_connection_slot_charge(
        table, slot, (struct moor_connection_bytes){.input = given->input, .unsent = given->unsent},
        NOW_US - given->progress);
    slot->turned_us = given->turned > 0 ? NOW_US - given->turned : 0;
    if (given->paused) {
        moor_connection_slot_pause(table, slot, slot->turned_us);
    }
    if (given->cut) {
        moor_connection_slot_cut(table, slot);
    }
}

static void fill(struct moor_connection_table *table, const struct row *row)
{
    struct moor_connection_slot *slot = moor_connection_table_claim(table);
    moor_connection_table_open(table, slot, OTHER, START_US);
    moor_connection_slot_begin_answer(slot, START_US);
    const size_t held = (row->filled_bursts - 1) * BURST; /* the first burst counts twice */
    moor_connection_slot_charge(table, slot,
                                (struct moor_connection_bytes){.other = held - row->filled_unsent,
                                                               .unsent = row->filled_unsent},
                                START_US);
}

/* Carries out the action like the event loop, and records it. */
static void carry_out(struct moor_connection_table *table, struct moor_action action,
                      struct moor_buf *text)
{
    static const char *const verbs[] = {
        [MOOR_ACTION_PAUSE] = "pause", [MOOR_ACTION_RESUME] = "resume", [MOOR_ACTION_CUT] = "cut"};
    moor_buf_printf(text, "%s%s %c", text->len > 0 ? ", " : "", verbs[action.kind],
                    (int)('a' + (action.slot - table->slots)));
    if (action.kind == MOOR_ACTION_CUT) {
        moor_buf_printf(text, " %s", moor_limit_name(action.limit));
        moor_connection_slot_cut(table, action.slot);
    } else if (action.kind == MOOR_ACTION_PAUSE) {
        moor_connection_slot_pause(table, action.slot, NOW_US);
    } else {
        moor_connection_slot_resume(table, action.slot, NOW_US);
    }
}

static void next__row__these_actions(void **state)
{
    const struct row *row = *state;
    struct moor_connection_table table;
    struct moor_budget_pass pass;
    struct moor_buf text;
    moor_buf_init(&text, 4096);
    assert_int_equal(moor_connection_table_init(&table, 8, BUDGET, MAX_REQUEST, NULL), 0);
    for (size_t i = 0; i < MAX_SLOTS && row->slots[i].thread != 0; i++) {
        place(&table, &row->slots[i]);
    }
    fill(&table, row);
    table.judging = row->judging;
    table.brought_bytes = row->brought;
    struct moor_budget_watch watch = {0};
    if (row->short_since > 0) {
        watch = (struct moor_budget_watch){NOW_US - row->short_since, TURN - row->short_turns, 0};
    }
    const struct moor_budget_turn turn = {MINE, NOW_US, TURN};
    if (moor_budget_begin(&pass, &table, &watch, turn)) {
        struct moor_action action = moor_budget_next(&pass);
        while (action.kind != MOOR_ACTION_NONE) {
            carry_out(&table, action, &text);
            action = moor_budget_next(&pass);
        }
    }
    assert_slice_equal(moor_buf_slice(&text), row->expected);
    moor_buf_release(&text);
    moor_connection_table_release(&table);
}

static void begin__not_short__the_watch_begins_anew(void **state)
{
    struct moor_connection_table *table = table_of(state);
    struct moor_budget_watch watch = {.since_us = 5};
    struct moor_budget_pass pass;
    assert_false(moor_budget_begin(&pass, table, &watch, (struct moor_budget_turn){0}));
    assert_int_equal(watch.since_us, 0);
}

static void is_over__room_for_one_request_is_left(void **state)
{
    struct moor_connection_table *table = table_of(state);
    struct moor_connection_slot *slot = receiving(table, 1);
    hold(table, slot, 79 * BURST);
    assert_false(moor_budget_is_over(table));
    hold(table, slot, 79 * BURST + 1);
    assert_true(moor_budget_is_over(table));
}

static void hold_input(struct moor_connection_table *table, struct moor_connection_slot *slot,
                       size_t bytes)
{
    moor_connection_slot_charge(table, slot, (struct moor_connection_bytes){.input = bytes}, 0);
}

static void oldest_request__of_those_receiving(void **state)
{
    struct moor_connection_table *table = table_of(state);
    assert_null(moor_budget_oldest_request(table));
    (void)used(table, 1);
    struct moor_connection_slot *late = receiving(table, 9);
    struct moor_connection_slot *early = receiving(table, 5);
    struct moor_connection_slot *small = receiving(table, 1);
    hold_input(table, late, LARGE);
    hold_input(table, early, LARGE);
    hold_input(table, small, LARGE - 1);
    assert_ptr_equal(moor_budget_oldest_request(table), early);
    moor_connection_slot_begin_answer(early, 10);
    assert_ptr_equal(moor_budget_oldest_request(table), late);
}

static void oldest_request__while_a_large_body_is_judged__nobody(void **state)
{
    struct moor_connection_table *table = table_of(state);
    struct moor_connection_slot *waiting = receiving(table, 5);
    hold_input(table, waiting, LARGE);
    assert_ptr_equal(moor_budget_oldest_request(table), waiting);
    moor_connection_table_await_judging(table);
    assert_null(moor_budget_oldest_request(table));
    assert_true(moor_connection_table_try_judging(table));
    assert_false(moor_connection_table_end_judging(table));
    assert_ptr_equal(moor_budget_oldest_request(table), waiting);
}

int main(void)
{
    enum {
        ROW_COUNT = MOOR_ARRAY_SIZE(rows)
    };
    struct CMUnitTest tests_of_rows[ROW_COUNT];
    for (size_t i = 0; i < ROW_COUNT; i++) {
        tests_of_rows[i] = test_of_row(rows[i].name, next__row__these_actions, &rows[i]);
    }
    const struct CMUnitTest tests[] = {
        WITH_TABLE(begin__not_short__the_watch_begins_anew),
        WITH_TABLE(is_over__room_for_one_request_is_left),
        WITH_TABLE(oldest_request__of_those_receiving),
        WITH_TABLE(oldest_request__while_a_large_body_is_judged__nobody),
    };
    int failed = cmocka_run_group_tests_name("budget", tests, NULL, NULL);
    return failed + cmocka_run_group_tests_name("budget", tests_of_rows, NULL, NULL);
}
