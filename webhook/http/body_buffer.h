/* SPDX-License-Identifier: Apache-2.0 */
/*
 * body_buffer - memory for the bodies of requests.
 *
 * libh2o doubles its buffer until the body fits, and copies it each time.  Instead, the buffer is
 * made large enough for the whole body when the head announces its size.  This only reserves
 * addresses: the system provides memory as the bytes arrive.
 *
 * Page faults are a fifth of the cost of receiving a large body.  Therefore one worker keeps the
 * buffer of its last large body for the next one.  It frees the buffer after
 * MOOR_BODY_BUFFER_KEPT_US without a large body, or when the budget is short.
 *
 * Threads:  the worker's own.
 * Memory:   all workers together keep at most one body of `max_body_bytes`.
 */
#ifndef MOOR_WEBHOOK_HTTP_BODY_BUFFER_H
#define MOOR_WEBHOOK_HTTP_BODY_BUFFER_H

#include "webhook/http/connection.h"

#define MOOR_BODY_BUFFER_KEPT_US 1000000U

/* Prepares the buffers of a worker before its first connection; frees them after the last one. */
void moor_body_buffers_init(struct moor_worker *worker);
void moor_body_buffers_release(struct moor_worker *worker);

/*
 * Reserves memory for the body that a complete head announces.  Does nothing if the head announces
 * no size, or one that is too large.
 */
void moor_body_buffer_reserve(struct moor_connection *connection);

/* Returns the connection to a buffer of the usual size.  Call it when the connection is idle. */
void moor_body_buffer_release(struct moor_connection *connection);

/* Frees a kept buffer that no body has used for some time.  Call it in each sweep. */
void moor_body_buffers_sweep(struct moor_worker *worker);

#endif
