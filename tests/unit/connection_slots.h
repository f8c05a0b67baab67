/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection_slots - a table of connections for tests, and connections in it.
 */
#ifndef MOOR_TESTS_UNIT_CONNECTION_SLOTS_H
#define MOOR_TESTS_UNIT_CONNECTION_SLOTS_H

#include "tests/unit/test.h"

#include "webhook/http/connection_table.h"

#define SECOND_US   UINT64_C(1000000)
#define BURST       MOOR_CONNECTION_BURST_BYTES
#define BUDGET      (100 * BURST)
#define MAX_REQUEST (20 * BURST)
#define START_US    (10 * SECOND_US)

struct fixture {
    struct moor_connection_table table;
};

static inline int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    *state = fixture;
    return fixture == NULL
               ? -1
               : moor_connection_table_init(&fixture->table, 8, BUDGET, MAX_REQUEST, NULL);
}

static inline int tear_down(void **state)
{
    struct fixture *fixture = *state;
    moor_connection_table_release(&fixture->table);
    free(fixture);
    return 0;
}

static inline struct moor_connection_table *table_of(void **state)
{
    struct fixture *fixture = *state;
    return &fixture->table;
}

static inline struct moor_connection_slot *opened(struct moor_connection_table *table,
                                                  uint64_t at_us)
{
    struct moor_connection_slot *slot = moor_connection_table_claim(table);
    assert_non_null(slot);
    moor_connection_table_open(table, slot, 3, at_us);
    return slot;
}

/* A connection that completed a request at `at_us` and is idle since. */

static inline struct moor_connection_slot *used(struct moor_connection_table *table, uint64_t at_us)
{
    struct moor_connection_slot *slot = opened(table, at_us);
    moor_connection_slot_begin_answer(slot, at_us);
    moor_connection_slot_enter(slot, MOOR_CONNECTION_IDLE, at_us);
    return slot;
}

static inline struct moor_connection_slot *receiving(struct moor_connection_table *table,
                                                     uint64_t at_us)
{
    struct moor_connection_slot *slot = opened(table, at_us);
    moor_connection_slot_enter(slot, MOOR_CONNECTION_RECEIVING, at_us);
    return slot;
}

/* Charges the connection as its own thread does; `other` represents every kind of bytes. */
static inline void hold(struct moor_connection_table *table, struct moor_connection_slot *slot,
                        size_t other_bytes)
{
    moor_connection_slot_charge(table, slot, (struct moor_connection_bytes){.other = other_bytes},
                                0);
}

#define WITH_TABLE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
