/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turns - schedules the evaluation of requests.
 *
 * Requests are evaluated on the event loop.  Two rules keep the evaluation from delaying other
 * connections:
 *
 *   - A turn of the loop spends about MOOR_TURN_US on evaluation.  Further requests wait until the
 *     loop has read from the other connections; each turn evaluates at least one of them.
 *   - All workers together evaluate one request with a large body at a time, so that the memory for
 *     its evaluation exists once.  A worker never blocks for that right: it tries again after each
 *     turn, and is woken when the right is free.
 *
 * Threads:  the worker's own.
 * Memory:   allocates nothing; a waiting request is linked through its connection.
 */
#ifndef MOOR_WEBHOOK_HTTP_TURNS_H
#define MOOR_WEBHOOK_HTTP_TURNS_H

#include "webhook/http/connection.h"

#define MOOR_TURN_US 2000U

/* Calls `judge` of the worker for the request, now or after a later turn. */
void moor_turns_enter(struct moor_connection *connection, h2o_req_t *req);

/* Evaluates requests that wait.  Call it after each turn of the loop. */
void moor_turns_run(struct moor_worker *worker);

/*
 * Return whether any request waits, and whether a request waits that does not need another worker
 * to finish first.
 */
bool moor_turns_are_waiting(const struct moor_worker *worker);
bool moor_turns_can_run(const struct moor_worker *worker);

/* Drops the waiting request of a connection that is closing. */
void moor_turns_forget(struct moor_connection *connection);

#endif
