/* SPDX-License-Identifier: Apache-2.0 */
/*
 * body_buffer - the memory that the bodies of requests are received in.
 *
 * libh2o would double its buffer until the body fits, and copy it each time.  Instead, the buffer
 * is made large enough for the whole body when the head announces its size.  This reserves
 * addresses; memory is used as the bytes arrive.  Getting these pages from the system is a fifth of
 * the cost of receiving a large body, so one worker keeps the buffer of its last large body for the
 * next one. The buffer is freed after MOOR_BODY_BUFFER_KEPT_US without a large body, or if too much
 * is buffered.
 *
 * Threads:  the worker's own.
 * Memory:   all workers together keep at most one body of `max_body_bytes`.
 */
#ifndef MOOR_WEBHOOK_HTTP_BODY_BUFFER_H
#define MOOR_WEBHOOK_HTTP_BODY_BUFFER_H

#include "webhook/http/connection.h"

#define MOOR_BODY_BUFFER_KEPT_US 1000000U

/* Before the first connection, and after the last. */
void moor_body_buffers_init(struct moor_worker *worker);
void moor_body_buffers_release(struct moor_worker *worker);

/* The head of a request was received: reserves memory for the body that it announces. */
void moor_body_buffer_reserve(struct moor_connection *connection);

/* The connection is idle: its next request begins in a buffer of the usual size. */
void moor_body_buffer_release(struct moor_connection *connection);

/* Periodically: frees a buffer that has not been used for some time. */
void moor_body_buffers_sweep(struct moor_worker *worker);

#endif
