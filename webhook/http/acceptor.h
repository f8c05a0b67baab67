/* SPDX-License-Identifier: Apache-2.0 */
/*
 * acceptor - accepts connections of the listening sockets, and cleans up when a connection closes.
 *
 * A connection is accepted only if it gets a slot of the connection table.  At the maximum number
 * of connections, another connection must also be able to give way at once.  Until then, clients
 * wait in the backlog of the kernel, and their handshakes have not begun.
 *
 * Threads:  the worker's own.
 * Memory:   each worker has its own descriptors of the listening sockets.
 */
#ifndef MOOR_WEBHOOK_HTTP_ACCEPTOR_H
#define MOOR_WEBHOOK_HTTP_ACCEPTOR_H

#include "webhook/http/worker.h"

/*
 * Opens the listeners in the event loop of the worker and begins to accept.  Returns -1 if a
 * descriptor cannot be duplicated or if libh2o is not the version that library.h knows.
 */
int moor_acceptor_open(struct moor_worker *worker) MOOR_MUST_CHECK;

/* Closes the listeners.  Connections that the kernel has already accepted are still served. */
void moor_acceptor_close(struct moor_worker *worker);

/*
 * Stops accepting.  After an error, `code` is the errno and the worker tries again after 250 ms.
 * With 0, the worker accepts again when there is room.
 */
void moor_acceptor_pause(struct moor_worker *worker, int code);

/* Accepts again if the pause is over and there is room.  Call it after each turn. */
void moor_acceptor_listen_again(struct moor_worker *worker);

/* Marks connections to leave until no more than the maximum remain, and wakes their threads. */
void moor_acceptor_make_room(struct moor_worker *worker);

/* Stops listeners that the kernel did not register.  A later turn registers them again. */
void moor_acceptor_recover(struct moor_worker *worker);

#endif
