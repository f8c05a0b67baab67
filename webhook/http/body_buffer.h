/* SPDX-License-Identifier: Apache-2.0 */
/*
 * body_buffer - the memory that the bodies of requests are received in.
 *
 * libh2o would double its buffer until the body fits and copy each time; so it gets room for all of
 * it as soon as the head tells its size.  That costs addresses, not memory: pages come with the
 * bytes that fill them.  Getting these pages from the system is a fifth of what receiving a large
 * body costs: one worker keeps the room of its last one for the next, until none has come for
 * MOOR_BODY_BUFFER_KEPT_US, or too much is buffered.
 *
 * Threads:  the worker's own.
 * Memory:   what all workers together keep is at most one body of `max_body_bytes`.
 */
#ifndef MOOR_WEBHOOK_HTTP_BODY_BUFFER_H
#define MOOR_WEBHOOK_HTTP_BODY_BUFFER_H

#include "webhook/http/connection.h"

#define MOOR_BODY_BUFFER_KEPT_US 1000000U

/* Before the first connection, and after the last. */
void moor_body_buffers_init(struct moor_worker *worker);
void moor_body_buffers_release(struct moor_worker *worker);

/* The head of a request is there: makes room for the body that it announces. */
void moor_body_buffer_reserve(struct moor_connection *connection);

/* No request is on its way: the next one begins in a buffer of the usual size. */
void moor_body_buffer_release(struct moor_connection *connection);

/* Now and then: gives back what has not been used for some time. */
void moor_body_buffers_sweep(struct moor_worker *worker);

#endif
