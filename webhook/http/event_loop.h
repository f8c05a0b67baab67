/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_loop - runs the event loop of one worker with libh2o.
 *
 * Each turn handles the events of the sockets.  Then it enforces the limits of all connections
 * (limits.h), accepts connections (acceptor.h), and continues handshakes (handshake.h) and requests
 * (turns.h) that wait.
 *
 * Threads:  moor_event_loop_main() is the main function of the thread.  The other functions are for
 *           a caller that drives the loop itself, on one thread.
 * Memory:   the loop frees its memory at the end, unless a connection is still open.
 */
#ifndef MOOR_WEBHOOK_HTTP_EVENT_LOOP_H
#define MOOR_WEBHOOK_HTTP_EVENT_LOOP_H

#include "webhook/http/worker.h"

/*
 * Main function of the thread; `argument` is a struct moor_worker.  Returns after the drain.
 */
void *moor_event_loop_main(void *argument);

/*
 * Steps of the thread: begin once, then one turn after the other.  Begin returns -1 if a descriptor
 * or the workspace cannot be created.  A turn handles the pending events; with `may_wait` it waits
 * for the first one.
 */
int moor_event_loop_begin(struct moor_worker *worker) MOOR_MUST_CHECK;
void moor_event_loop_turn(struct moor_worker *worker, bool may_wait);

#endif
