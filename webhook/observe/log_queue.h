/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_queue - the lines of the log that wait to be written, and the thread that writes them.
 *
 * A line that finds no room is dropped and counted, and so is a line that a dead reader or a full
 * disk does not take.  After such a failure the next line begins on a line of its own.
 *
 * Threads:  moor_log_queue_put() and moor_log_queue_flush() any thread; the others from one thread.
 * Memory:   a ring of MOOR_LOG_QUEUE_BYTES; lines are copied.
 * Limits:   closing and flushing take at most a second, by the monotonic clock.
 */
#ifndef MOOR_WEBHOOK_OBSERVE_LOG_QUEUE_H
#define MOOR_WEBHOOK_OBSERVE_LOG_QUEUE_H

#include "policy/base/buf.h"
#include "policy/base/error.h"

#define MOOR_LOG_QUEUE_BYTES ((size_t)1024 * 1024)

struct moor_log_queue;

/* `fd` stays the caller's.  Lines wait until moor_log_queue_start(). */
int moor_log_queue_open(struct moor_log_queue **out, int fd,
                        struct moor_error *err) MOOR_MUST_CHECK;

/* Starts the writing thread, once.  Signals are blocked in it. */
int moor_log_queue_start(struct moor_log_queue *queue, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Queues a line, without its end.  With `is_json` the line is a JSON object, and a member with its
 * sequence number is put first; a line that is dropped takes its number with it.
 */
void moor_log_queue_put(struct moor_log_queue *queue, const struct moor_buf *line, bool is_json);

/* Waits until the lines that are queued now are written; returns at once without a thread. */
void moor_log_queue_flush(struct moor_log_queue *queue);

/* Writes what waits, without a thread if none can be started, and frees the queue. */
void moor_log_queue_close(struct moor_log_queue *queue);

/* Lines that were lost so far. */
uint64_t moor_log_queue_dropped(const struct moor_log_queue *queue);

#endif
