/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection_rules - what has to be done with one connection after a turn of its event loop: its
 * time in a state, the drain, its place, and the end that its client has announced.
 *
 * A connection gets at most one action a turn.  limits.h carries it out.
 *
 * Threads:  pure; the thread that owns the slot.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_WEBHOOK_HTTP_CONNECTION_RULES_H
#define MOOR_WEBHOOK_HTTP_CONNECTION_RULES_H

#include "webhook/http/connection_table.h"

/* What a rule has to know beside the connection. */
struct moor_connection_look {
    uint64_t now_us;
    const struct moor_connection_times *times; /* NULL: times are compared in a later turn */
    bool draining;                             /* idle connections end */
    bool cutting;                              /* all connections end */
};

/* The action for the connection; its `slot` is not set. */
struct moor_action moor_connection_rules_next(const struct moor_connection_slot *slot,
                                              const struct moor_connection_look *look);

#endif
