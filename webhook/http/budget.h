/* SPDX-License-Identifier: Apache-2.0 */
/*
 * budget - keeps the memory of all connections within `max_buffered_bytes`.
 *
 * libh2o calls the handler only when the whole body has arrived.  Rejecting the request then would
 * be too late, so reading stops while too much is buffered.  A pass decides, in this order:
 *
 *   1. A large request that could continue but receives no byte for a second is cut.
 *   2. If all large requests together receive almost nothing, the older half of them is cut.
 *   3. The oldest request of all threads is resumed, so that there is always progress.
 *   4. Other paused requests are resumed if there is room; else the requests that are being read
 * are paused.
 *   5. If pausing was not enough, answers that clients do not read are cut, then the requests
 *      without progress for the longest time.
 *
 * Each thread decides about its own connections and reads the slots of all threads.  LIMITS.md
 * explains the constants.
 *
 * Threads:  any thread; a pass belongs to the thread whose slots it acts on.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_WEBHOOK_HTTP_BUDGET_H
#define MOOR_WEBHOOK_HTTP_BUDGET_H

#include "webhook/http/connection_table.h"

/* Start of the period in which the budget is short for a thread; all zero if it is not short. */
struct moor_budget_watch {
    uint64_t since_us;
    uint64_t since_turn;
    size_t brought_before; /* `brought_bytes` of the table at the start */
};

/* Turn of an event loop after which a pass is made. */
struct moor_budget_turn {
    unsigned thread;
    uint64_t now_us;
    uint64_t number;
};

/* One pass over the table.  The fields are internal; tests read them. */
struct moor_budget_pass {
    struct moor_connection_table *table;
    struct moor_budget_watch *watch;
    struct moor_budget_turn turn;
    bool over; /* the budget was exceeded when the pass began */
    bool looked_for_stuck;
    size_t stage;
    size_t at;              /* next slot of the current stage */
    size_t cuts_left;       /* requests that may still be cut in stage 2 */
    uint64_t held_since_us; /* only requests last resumed before this time are cut */
    const struct moor_connection_slot *oldest;
};

/* Returns whether so many bytes are charged that reading has to pause. */
bool moor_budget_is_over(const struct moor_connection_table *table);

/*
 * Returns the connection that continues when the budget is used up: the one with the oldest large
 * request of all threads.  Small requests do not count, because small requests that never end would
 * take its place.  Returns NULL if there is no large request.  Also returns NULL while a large body
 * is evaluated, because its bytes are held until the answer is made.
 */
struct moor_connection_slot *moor_budget_oldest_request(const struct moor_connection_table *table);

/* Begins a pass.  Returns false if the budget is not short and there is nothing to do. */
bool moor_budget_begin(struct moor_budget_pass *out, struct moor_connection_table *table,
                       struct moor_budget_watch *watch, struct moor_budget_turn turn);

/*
 * Returns the next action: PAUSE, RESUME or CUT for a slot of this thread, or NONE at the end.  The
 * caller applies the action before the next call, for example with moor_connection_slot_pause().
 */
struct moor_action moor_budget_next(struct moor_budget_pass *pass);

#endif
