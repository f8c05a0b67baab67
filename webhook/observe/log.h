/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log - one line for each event and each judged request, written by a thread of its own.
 *
 * A caller puts a whole line into a queue of fixed size and continues.  If the reader of the log
 * stalls, the queue fills up: lines that do not fit are dropped and counted, and the sequence
 * number in each line shows the gap.  A request never waits for the reader.  Lines are written
 * together, each within a few milliseconds.
 *
 * Threads:  every function but open, start and close may be called from any thread.
 * Memory:   the log owns its queue; lines are copied.
 * Limits:   MOOR_LOG_QUEUE_BYTES of waiting lines, MOOR_LOG_LINE_BYTES for one.  The lines of each
 *           enum moor_log_topic are limited by rate, see log_limit.h.
 */
#ifndef MOOR_WEBHOOK_OBSERVE_LOG_H
#define MOOR_WEBHOOK_OBSERVE_LOG_H

#include "policy/base/buf.h"
#include "policy/base/error.h"
#include "policy/base/slice.h"
#include "policy/judge.h"
#include "webhook/log_level.h"
#include "webhook/observe/log_line.h"
#include "webhook/observe/log_queue.h"

#include <stdint.h>

enum moor_log_format {
    MOOR_LOG_JSON,
    MOOR_LOG_TEXT
};

/* Which judged requests get a line. */
enum moor_log_requests {
    MOOR_LOG_REQUESTS_FINDINGS, /* those in which an image failed `audit` or more */
    MOOR_LOG_REQUESTS_CHANGES,  /* and all others, but for dry runs and updates without a new image
                                 */
    MOOR_LOG_REQUESTS_ALL
};

struct moor_log_config {
    int fd; /* where lines go; stays the caller's */
    enum moor_log_level level;
    enum moor_log_format format;
    enum moor_log_requests requests;
};

struct moor_log;

/* Lines wait in the queue until moor_log_start(). */
int moor_log_open(struct moor_log **out, const struct moor_log_config *config,
                  struct moor_error *err) MOOR_MUST_CHECK;

/* Starts the writing thread, once.  Signals are blocked in it. */
int moor_log_start(struct moor_log *log, struct moor_error *err) MOOR_MUST_CHECK;

/* Writes what waits, for at most a second, and frees the log.  NULL is ignored. */
void moor_log_close(struct moor_log *log);

/*
 * Waits until all lines logged so far are written, for at most a second: call it before the process
 * ends without moor_log_close().
 */
void moor_log_flush(struct moor_log *log);

/* Logs an event of the server; `format` gives `msg`.  Line ends at the end of `msg` are dropped. */
void moor_log_event(struct moor_log *log, enum moor_log_level level, const char *format, ...)
    MOOR_PRINTF(3, 4);

/* Lines that a client can cause as often as it likes, without a verdict. */
enum moor_log_topic {
    MOOR_LOG_TOPIC_REQUEST,     /* the request could not be evaluated */
    MOOR_LOG_TOPIC_ENVIRONMENT, /* the policy lacks the environment of the path */
    MOOR_LOG_TOPIC_CONNECTION,  /* what happens to connections, at level debug */
    MOOR_LOG_TOPIC_COUNT
};

/*
 * The same, limited by rate: the topic's next line tells how many lines of the topic were left out
 * before it.
 */
void moor_log_limited(struct moor_log *log, enum moor_log_topic topic, enum moor_log_level level,
                      const char *format, ...) MOOR_PRINTF(4, 5);

/* Call it once a second: logs how many lines were left out where no further line followed. */
void moor_log_tick(struct moor_log *log);

/*
 * Logs a judged request if the configuration wants it.  A request that is logged only because the
 * policy lacks its environment is limited by rate.
 */
void moor_log_review(struct moor_log *log, const struct moor_log_review *review);

/* Lines that were lost so far. */
uint64_t moor_log_dropped(const struct moor_log *log);

#endif
