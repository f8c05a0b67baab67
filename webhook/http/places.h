/* SPDX-License-Identifier: Apache-2.0 */
/*
 * places - decides which connection gives way when there are more than allowed.
 *
 * At the maximum, a new connection waits in the backlog of the kernel until another one can end
 * without harm.  Connections give way at once in this order:
 *
 *   1. A connection that never completed a request and is older than a second, the oldest first.
 *      While such connections hold more than a quarter of the places, a younger one also gives way
 *      if its client has sent nothing for 200 ms (500 ms after its first bytes).
 *   2. While new connections hold no more than a quarter: a used connection that has been idle, or
 *      in the middle of a request, for more than a second, the longest first.  The time is 500 ms
 *      while unfinished requests hold more than a quarter.
 *
 * If no connection gives way for 250 ms, a quarter of the used connections is asked to end: the
 * next answer of each closes it.  A connection without another request is idle for a second and
 * gives way then.  Clients of a burst are therefore served one after another, and a client
 * that holds connections cannot lock out the others.
 *
 * Threads:  any thread.
 * Memory:   allocates nothing; the state is in the table.
 */
#ifndef MOOR_WEBHOOK_HTTP_PLACES_H
#define MOOR_WEBHOOK_HTTP_PLACES_H

#include "webhook/http/connection_table.h"

/*
 * Returns whether there is a place for another connection, or a connection that gives way at once.
 */
bool moor_places_may_accept(const struct moor_connection_table *table, uint64_t now_us);

/* Returns whether more than half of the places are taken. */
bool moor_places_is_crowded(const struct moor_connection_table *table);

/*
 * Records that a new connection waits and cannot be accepted.  After 250 ms of waiting, used
 * connections are asked to end.
 */
void moor_places_wait(struct moor_connection_table *table, uint64_t now_us);

/*
 * If there are more than `max` connections, not counting those that already leave, marks the next
 * one to leave.  Returns its slot, so that its thread can be woken; else returns NULL.
 */
struct moor_connection_slot *moor_places_dismiss(struct moor_connection_table *table,
                                                 uint64_t now_us);

/*
 * moor_places_may_stay() returns whether a connection that is marked to leave has begun a request
 * since.  The connection then stays, and another one has to leave.  moor_places_keep() removes the
 * mark.
 */
bool moor_places_may_stay(const struct moor_connection_slot *slot, uint64_t now_us);
void moor_places_keep(struct moor_connection_table *table, struct moor_connection_slot *slot);

#endif
