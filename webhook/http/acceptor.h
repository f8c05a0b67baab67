/* SPDX-License-Identifier: Apache-2.0 */
/*
 * acceptor - from a listening socket to a connection, and what is done when the connection closes.
 *
 * A connection is accepted only if there is a slot for it, and at the maximum only if another
 * connection gives way at once.  Until then clients wait in the backlog of the kernel: their
 * handshakes have not begun.
 *
 * Threads:  the worker's own.
 * Memory:   each worker has descriptors of its own for the listening sockets.
 */
#ifndef MOOR_WEBHOOK_HTTP_ACCEPTOR_H
#define MOOR_WEBHOOK_HTTP_ACCEPTOR_H

#include "webhook/http/worker.h"

/* Opens the listeners in the event loop of the worker, and begins to accept. */
int moor_acceptor_open(struct moor_worker *worker) MOOR_MUST_CHECK;

/* Closes the listeners.  Connections that the kernel has accepted already are still served. */
void moor_acceptor_close(struct moor_worker *worker);

/* Stops accepting for some time, after the error `code`; 0: until there is room. */
void moor_acceptor_pause(struct moor_worker *worker, int code);

/* After each turn: accepts again if the time for it has come and there is room. */
void moor_acceptor_listen_again(struct moor_worker *worker);

/* Marks connections to leave until there are no more than allowed, and wakes their threads. */
void moor_acceptor_make_room(struct moor_worker *worker);

/* Stops listeners that the kernel did not register; they are registered with the next turns. */
void moor_acceptor_recover(struct moor_worker *worker);

#endif
