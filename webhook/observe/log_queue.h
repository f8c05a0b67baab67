/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_queue - holds the lines of the log that wait, and runs the thread that writes them.
 *
 * A line is dropped and counted if the queue has no room, or if the reader has closed the pipe or
 * the disk is full.  After such a failure, the next line begins on a new line.
 *
 * Threads:  moor_log_queue_put() and moor_log_queue_flush(): any thread; the others: one thread.
 * Memory:   a ring of MOOR_LOG_QUEUE_BYTES; lines are copied.
 * Limits:   closing and flushing take at most a second, by the monotonic clock.
 */
#ifndef MOOR_WEBHOOK_OBSERVE_LOG_QUEUE_H
#define MOOR_WEBHOOK_OBSERVE_LOG_QUEUE_H

#include "policy/base/buf.h"
#include "policy/base/error.h"

#define MOOR_LOG_QUEUE_BYTES ((size_t)1024 * 1024)

struct moor_log_queue;

/*
 * Opens a queue.  `fd` stays the caller's.  Lines wait until moor_log_queue_start().  Returns -1 if
 * there is no memory.
 */
int moor_log_queue_open(struct moor_log_queue **out, int fd,
                        struct moor_error *err) MOOR_MUST_CHECK;

/* Starts the writing thread, once, with all signals blocked.  Returns -1 if it cannot start. */
int moor_log_queue_start(struct moor_log_queue *queue, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Queues a line without its end.  With `is_json`, the line is a JSON object, and its sequence
 * number is inserted as the first member.  A dropped line also uses a number.
 */
void moor_log_queue_put(struct moor_log_queue *queue, const struct moor_buf *line, bool is_json);

/* Waits until all queued lines are written; returns at once if there is no thread. */
void moor_log_queue_flush(struct moor_log_queue *queue);

/* Writes the waiting lines, without a thread if none can start, and frees the queue. */
void moor_log_queue_close(struct moor_log_queue *queue);

/* Returns the number of lines that were lost so far. */
uint64_t moor_log_queue_dropped(const struct moor_log_queue *queue);

#endif
