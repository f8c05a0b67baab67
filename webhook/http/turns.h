/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turns - when requests are judged.
 *
 * Judging runs on the event loop.  Two rules keep it from delaying the other connections:
 *
 *   - A loop turn spends about MOOR_TURN_US on judging.  Requests beyond that wait until the loop
 *     has read from the other connections, at least one of them for each turn.
 *   - One request with a large body is judged at a time, of all workers, so that the memory which
 *     judging a large body needs exists once.  A worker never waits for that right: it tries again
 *     after each turn, and is woken when the right is free.
 *
 * Threads:  the worker's own.
 * Memory:   nothing is allocated; a waiting request is linked through its client.
 */
#ifndef MOOR_WEBHOOK_HTTP_TURNS_H
#define MOOR_WEBHOOK_HTTP_TURNS_H

#include "webhook/http/connection.h"

#define MOOR_TURN_US 2000U

/* Calls `judge` of the worker for the request, now or after a later turn. */
void moor_turns_enter(struct moor_connection *connection, h2o_req_t *req);

/* After each turn of the loop: judges requests that wait. */
void moor_turns_run(struct moor_worker *worker);

/* Whether any request waits; whether one does that need not wait for another worker. */
bool moor_turns_are_waiting(const struct moor_worker *worker);
bool moor_turns_can_run(const struct moor_worker *worker);

/* The connection is closing: its request is not judged any more. */
void moor_turns_forget(struct moor_connection *connection);

#endif
