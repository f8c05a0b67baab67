/* SPDX-License-Identifier: Apache-2.0 */
/*
 * budget - which connections are paused, resumed or cut so that what all of them hold stays within
 * `max_buffered_bytes`.
 *
 * libh2o calls the handler only when the whole body is there, so that a refusal would come too
 * late: reading stops while too much is buffered.  In this order:
 *
 *   1. a large request that could go on and brings nothing for a second is cut;
 *   2. if all large requests together bring next to nothing, the older half of them is cut;
 *   3. the oldest request of all threads goes on, so that there is progress;
 *   4. paused requests are resumed while there is room, or else the others are paused;
 *   5. if pausing was not enough, answers that are not taken are cut, then the stalest requests.
 *
 * Each thread decides for its own connections, from the slots of all.  LIMITS.md has the reasons.
 *
 * Threads:  any; a pass belongs to the thread whose slots it is about.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_WEBHOOK_HTTP_BUDGET_H
#define MOOR_WEBHOOK_HTTP_BUDGET_H

#include "webhook/http/connection_table.h"

/* Since when the budget is short for a thread; all zero: it is not. */
struct moor_budget_watch {
    uint64_t since_us;
    uint64_t since_turn;
    size_t brought_before; /* `brought_bytes` of the table at that time */
};

/* The turn of an event loop after which a pass is made. */
struct moor_budget_turn {
    unsigned thread;
    uint64_t now_us;
    uint64_t number;
};

/* One pass over the table; internal, but for tests. */
struct moor_budget_pass {
    struct moor_connection_table *table;
    struct moor_budget_watch *watch;
    struct moor_budget_turn turn;
    bool over; /* the budget was exceeded when the pass began */
    bool looked_for_stuck;
    size_t stage;
    size_t at;              /* the slot that the stage looks at next */
    size_t cuts_left;       /* of requests that hold the budget */
    uint64_t held_since_us; /* they had to be read from before that */
    const struct moor_connection_slot *oldest;
};

/* Whether so much is charged that reading has to pause. */
bool moor_budget_is_over(const struct moor_connection_table *table);

/*
 * The connection that goes on when the budget is used up: the one whose large request has been on
 * its way for the longest time, of all threads.  Small requests that never end must not take its
 * place.  NULL if there is none, and while a large body is judged, whose bytes are held until it
 * has its answer.
 */
struct moor_connection_slot *moor_budget_oldest_request(const struct moor_connection_table *table);

/* Begins a pass; false: the budget is not short, nothing is to be done. */
bool moor_budget_begin(struct moor_budget_pass *out, struct moor_connection_table *table,
                       struct moor_budget_watch *watch, struct moor_budget_turn turn);

/*
 * The next action: PAUSE, RESUME or CUT of a slot of this thread, or NONE at the end.  The caller
 * carries it out before the next call: moor_connection_slot_pause() and its kin.
 */
struct moor_action moor_budget_next(struct moor_budget_pass *pass);

#endif
