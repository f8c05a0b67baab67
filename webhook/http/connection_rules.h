/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection_rules - decides what to do with one connection after a turn of its event loop.
 *
 * The rules cover the maximum time in a state, the drain, a place that is given to a newer
 * connection, and the end that the client announced.  A connection gets at most one action a turn;
 * limits.h applies the action.
 *
 * Threads:  pure; call it on the thread that owns the slot.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_WEBHOOK_HTTP_CONNECTION_RULES_H
#define MOOR_WEBHOOK_HTTP_CONNECTION_RULES_H

#include "webhook/http/connection_table.h"

/* Circumstances of a turn that the rules depend on. */
struct moor_connection_look {
    uint64_t now_us;
    const struct moor_connection_times *times; /* NULL in a turn that compares no times */
    bool draining;                             /* idle connections end */
    bool cutting;                              /* all connections end */
};

/* Returns the action for the connection, or NONE.  The `slot` of the action is not set. */
struct moor_action moor_connection_rules_next(const struct moor_connection_slot *slot,
                                              const struct moor_connection_look *look);

#endif
