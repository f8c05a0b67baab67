/* SPDX-License-Identifier: Apache-2.0 */
/*
 * places - which connection gives way when there are more than allowed.
 *
 * At the maximum a new connection waits in the backlog of the kernel until another one can end
 * without harm.  These give way at once, in this order:
 *
 *   1. a connection that never completed a request and is older than a second, the oldest first;
 *      while such connections hold more than a quarter of the places, also a younger one whose
 *      client has sent nothing for 200 ms (500 ms after its first bytes);
 *   2. while new connections hold no more than a quarter: a used connection that has been idle, or
 *      in the middle of a request, for more than a second, the longest first (500 ms while
 * unfinished requests hold more than a quarter).
 *
 * If there is none of these for 250 ms, a quarter of the used connections is asked to end: the next
 * answer of each says so.  One that does not send another request is idle for a second and gives
 * way then.  So a burst of clients is served one after the other, and a client that holds
 * connections cannot lock the others out.
 *
 * Threads:  any thread.
 * Memory:   none; the table's.
 */
#ifndef MOOR_WEBHOOK_HTTP_PLACES_H
#define MOOR_WEBHOOK_HTTP_PLACES_H

#include "webhook/http/connection_table.h"

/* Whether there is a place for another connection, or a connection that gives way to it at once. */
bool moor_places_may_accept(const struct moor_connection_table *table, uint64_t now_us);

/* Whether more than half of the places are taken. */
bool moor_places_is_crowded(const struct moor_connection_table *table);

/* New connections wait and none may be accepted: after some time used ones are asked to end. */
void moor_places_wait(struct moor_connection_table *table, uint64_t now_us);

/*
 * If there are more than `max` connections, not counting those that leave already: marks the next
 * one that has to leave and returns it, so that its thread can be woken; else returns NULL.
 */
struct moor_connection_slot *moor_places_dismiss(struct moor_connection_table *table,
                                                 uint64_t now_us);

/*
 * Whether a connection that is marked to leave has begun a request since: then it stays, and
 * another one has to be found.  moor_places_keep() removes the mark.
 */
bool moor_places_may_stay(const struct moor_connection_slot *slot, uint64_t now_us);
void moor_places_keep(struct moor_connection_table *table, struct moor_connection_slot *slot);

#endif
