/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_loop - runs one worker from its begin to its end, with libh2o.
 *
 * Each turn handles the events of the sockets, then looks at all connections (limits.h), accepts
 * (acceptor.h), and continues handshakes (handshake.h) and requests (turns.h) that wait.
 *
 * Threads:  moor_event_loop_main() is the thread; the others are for a caller that drives the loop
 *           by itself.
 * Memory:   what the loop allocates is freed when it ends, unless a connection is left.
 */
#ifndef MOOR_WEBHOOK_HTTP_EVENT_LOOP_H
#define MOOR_WEBHOOK_HTTP_EVENT_LOOP_H

#include "webhook/http/worker.h"

/* The thread: `argument` is a struct moor_worker.  Ends when the phase lets it. */
void *moor_event_loop_main(void *argument);

/*
 * What the thread does: begin once, then one turn after the other.  A turn handles the events that
 * are there; with `may_wait` it waits for the first.
 */
int moor_event_loop_begin(struct moor_worker *worker) MOOR_MUST_CHECK;
void moor_event_loop_turn(struct moor_worker *worker, bool may_wait);

#endif
