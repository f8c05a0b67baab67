/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/connection_slots.h"

#include "policy/base/array_size.h"
#include "webhook/http/connection_rules.h"

#define NOW_US (100 * SECOND_US)

static const struct moor_connection_times times = {.handshake_timeout_ms = 1,
                                                   .request_timeout_ms = 2,
                                                   .new_connection_idle_ms = 3,
                                                   .idle_timeout_ms = 4,
                                                   .unsent_timeout_ms = 5};

enum phase {
    SERVING,
    DRAINING,
    CUTTING
};

#define NONE        MOOR_ACTION_NONE
#define CUT         MOOR_ACTION_CUT
#define END_READING MOOR_ACTION_END_READING

/* A connection that came into its state `age_us` ago. */
static const struct row {
    const char *name;
    enum moor_connection_state state;
    uint64_t requests;
    uint64_t age_us;
    enum moor_action_kind kind;
    enum moor_limit limit;
    enum phase phase;
    bool no_sweep;
    struct moor_connection_slot flags;
} rows[] = {
    {"next__handshake_1_ms", MOOR_CONNECTION_HANDSHAKE, 0, 1000, .kind = NONE},
    {"next__handshake_over_1_ms", MOOR_CONNECTION_HANDSHAKE, 0, 1001, .kind = CUT,
     .limit = MOOR_LIMIT_HANDSHAKE_TIMEOUT},
    {"next__receiving_2_ms", MOOR_CONNECTION_RECEIVING, 0, 2000, .kind = NONE},
    {"next__receiving_over_2_ms", MOOR_CONNECTION_RECEIVING, 0, 2001, .kind = CUT,
     .limit = MOOR_LIMIT_REQUEST_TIMEOUT},
    {"next__receiving_again_over_2_ms", MOOR_CONNECTION_RECEIVING, 5, 2001, .kind = CUT,
     .limit = MOOR_LIMIT_REQUEST_TIMEOUT},
    {"next__new_and_idle_3_ms", MOOR_CONNECTION_IDLE, 0, 3000, .kind = NONE},
    {"next__new_and_idle_over_3_ms", MOOR_CONNECTION_IDLE, 0, 3001, .kind = END_READING,
     .limit = MOOR_LIMIT_IDLE_TIMEOUT},
    {"next__used_and_idle_4_ms", MOOR_CONNECTION_IDLE, 1, 4000, .kind = NONE},
    {"next__used_and_idle_over_4_ms", MOOR_CONNECTION_IDLE, 1, 4001, .kind = END_READING,
     .limit = MOOR_LIMIT_IDLE_TIMEOUT},
    {"next__idle_too_long__has_ended_already", MOOR_CONNECTION_IDLE, 1, 4001, .kind = NONE,
     .limit = MOOR_LIMIT_IDLE_TIMEOUT, .flags.ended = true},
    {"next__answering_5_ms", MOOR_CONNECTION_ANSWERING, 1, 5000, .kind = NONE},
    {"next__answering_over_5_ms", MOOR_CONNECTION_ANSWERING, 1, 5001, .kind = CUT,
     .limit = MOOR_LIMIT_UNSENT_TIMEOUT},
    {"next__closing_over_5_ms", MOOR_CONNECTION_CLOSING, 1, 5001, .kind = CUT,
     .limit = MOOR_LIMIT_UNSENT_TIMEOUT},
    {"next__overdue_between_sweeps", MOOR_CONNECTION_CLOSING, 1, 5001, .kind = NONE,
     .no_sweep = true},

    {"next__cut_already", MOOR_CONNECTION_ANSWERING, 1, 5001, .kind = NONE, .phase = CUTTING,
     .flags.cut = true},
    {"next__client_is_done", MOOR_CONNECTION_IDLE, 1, 0, .kind = MOOR_ACTION_HANG_UP,
     .flags.over = true},
    {"next__client_is_done_and_waits_for_its_answer", MOOR_CONNECTION_ANSWERING, 1, 0, .kind = NONE,
     .flags.over = true},

    {"next__leaving", MOOR_CONNECTION_IDLE, 1, 5, .kind = MOOR_ACTION_LEAVE,
     .limit = MOOR_LIMIT_CONNECTIONS, .flags = {.leaving = true, .chosen_since_us = NOW_US - 5}},
    {"next__leaving_and_read_once_more", MOOR_CONNECTION_IDLE, 1, 5, .kind = CUT,
     .limit = MOOR_LIMIT_CONNECTIONS,
     .flags = {.leaving = true, .chosen_since_us = NOW_US - 5, .deferred = true}},
    {"next__leaving_with_a_request_begun_since", MOOR_CONNECTION_RECEIVING, 1, 5,
     .kind = MOOR_ACTION_STAY, .flags = {.leaving = true, .chosen_since_us = NOW_US - 9}},
    {"next__leaving_new_one_with_its_first_request", MOOR_CONNECTION_RECEIVING, 0, 5,
     .kind = MOOR_ACTION_LEAVE, .limit = MOOR_LIMIT_CONNECTIONS,
     .flags = {.leaving = true, .chosen_since_us = NOW_US - 9}},

    {"next__draining_used_and_idle", MOOR_CONNECTION_IDLE, 1, 0, .kind = END_READING,
     .phase = DRAINING},
    {"next__draining_used_and_idle__has_ended_already", MOOR_CONNECTION_IDLE, 1, 0, .kind = NONE,
     .phase = DRAINING, .flags.ended = true},
    {"next__draining_in_a_request", MOOR_CONNECTION_RECEIVING, 1, 0, .kind = NONE,
     .phase = DRAINING},
    {"next__draining_new_for_a_second", MOOR_CONNECTION_IDLE, 0, 1000000, .kind = NONE,
     .phase = DRAINING, .no_sweep = true},
    {"next__draining_new_for_more_than_a_second", MOOR_CONNECTION_IDLE, 0, 1000001,
     .kind = END_READING, .phase = DRAINING, .no_sweep = true},
    {"next__cutting_in_a_request", MOOR_CONNECTION_RECEIVING, 1, 0, .kind = CUT, .phase = CUTTING},
    {"next__cutting_an_answer", MOOR_CONNECTION_ANSWERING, 1, 0, .kind = CUT, .phase = CUTTING},
};

static void next__row__this_action(void **state)
{
    const struct row *row = *state;
    struct moor_connection_slot slot = row->flags;
    slot.state = row->state;
    slot.requests = row->requests;
    slot.since_us = NOW_US - row->age_us;
    const struct moor_connection_look look = {.now_us = NOW_US,
                                              .times = row->no_sweep ? NULL : &times,
                                              .draining = row->phase == DRAINING,
                                              .cutting = row->phase == CUTTING};
    struct moor_action action = moor_connection_rules_next(&slot, &look);
    assert_int_equal(action.kind, row->kind);
    assert_int_equal(action.limit, row->limit);
}

static void next__state_of_a_later_moment__nothing(void **state)
{
    (void)state;
    struct moor_connection_slot slot = {.state = MOOR_CONNECTION_RECEIVING, .since_us = NOW_US + 1};
    const struct moor_connection_look look = {.now_us = NOW_US, .times = &times};
    assert_int_equal(moor_connection_rules_next(&slot, &look).kind, NONE);
}

int main(void)
{
    enum {
        ROW_COUNT = MOOR_ARRAY_SIZE(rows)
    };
    struct CMUnitTest tests_of_rows[ROW_COUNT];
    for (size_t i = 0; i < ROW_COUNT; i++) {
        tests_of_rows[i] = test_of_row(rows[i].name, next__row__this_action, &rows[i]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next__state_of_a_later_moment__nothing),
    };
    int failed = cmocka_run_group_tests_name("connection_rules", tests, NULL, NULL);
    return failed + cmocka_run_group_tests_name("connection_rules", tests_of_rows, NULL, NULL);
}
