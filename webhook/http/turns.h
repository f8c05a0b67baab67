/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turns - when the costly steps of a connection run: its handshake, and judging its requests.
 *
 * Both run on the event loop.  Three rules keep them from delaying the other connections:
 *
 *   - A loop turn spends about MOOR_TURN_US on judging.  Requests beyond that wait until the loop
 *     has read from the other connections, at least one of them for each turn.
 *   - One request with a large body is judged at a time, of all workers, so that the memory which
 *     judging a large body needs exists once.  A worker never waits for that right: it tries again
 *     after each turn, and is woken when the right is free.
 *   - A loop turn takes at most MOOR_TURN_HANDSHAKES steps of handshakes: each costs hundreds of
 *     microseconds, six milliseconds with an RSA key of 4096 bits, and hundreds of clients can ask
 *     for one at the same moment.
 *
 * Threads:  the worker's own.
 * Memory:   nothing is allocated; a waiting request is linked through its client.
 */
#ifndef MOOR_WEBHOOK_HTTP_TURNS_H
#define MOOR_WEBHOOK_HTTP_TURNS_H

#include "webhook/http/connection.h"

#define MOOR_TURN_US         2000U
#define MOOR_TURN_HANDSHAKES 8U

/* Before the first request.  `judge` answers a request; it is called once for each. */
void moor_turns_init(struct moor_worker *worker, void (*judge)(h2o_req_t *req));

/* Judges the request now or queues it. */
void moor_turns_enter(struct moor_connection *connection, h2o_req_t *req);

/*
 * Bytes of a client's handshake were received: whether it may continue now.  If not, reading stops,
 * and moor_handshake_go_on() is called after a later turn.
 */
bool moor_turns_may_shake_hands(struct moor_connection *connection);

/* After each turn of the loop: continues handshakes and judges requests that wait. */
void moor_turns_run(struct moor_worker *worker);

/* Whether any request waits; whether one does that need not wait for another worker. */
bool moor_turns_are_waiting(const struct moor_worker *worker);
bool moor_turns_can_run(const struct moor_worker *worker);

/* The connection is closing: its request is not judged any more. */
void moor_turns_forget(struct moor_connection *connection);

#endif
