/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log - writes one line for each event and each evaluated request, on a thread of its own.
 *
 * A caller puts a whole line into a queue of fixed size and continues.  If the reader of the log
 * stalls, the queue fills up.  Lines that do not fit are dropped and counted, and the sequence
 * numbers of the lines show the gap.  A request never waits for the reader.  Lines are written
 * together, each within a few milliseconds.
 *
 * Threads:  every function except open, start and close may be called from any thread.
 * Memory:   the log owns its queue; lines are copied.
 * Limits:   MOOR_LOG_QUEUE_BYTES of waiting lines, MOOR_LOG_LINE_BYTES for a line.  The rate of
 *           lines of each enum moor_log_topic is limited, see log_limit.h.
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

/* Selection of the evaluated requests that are logged. */
enum moor_log_requests {
    MOOR_LOG_REQUESTS_FINDINGS, /* requests with an image below `audit` */
    MOOR_LOG_REQUESTS_CHANGES,  /* warned or denied ones, and changes of images without dry runs */
    MOOR_LOG_REQUESTS_ALL
};

struct moor_log_config {
    int fd; /* destination; stays the caller's */
    enum moor_log_level level;
    enum moor_log_format format;
    enum moor_log_requests requests;
};

struct moor_log;

/*
 * Opens a log.  Lines wait in the queue until moor_log_start().  Returns -1 if there is no memory.
 */
int moor_log_open(struct moor_log **out, const struct moor_log_config *config,
                  struct moor_error *err) MOOR_MUST_CHECK;

/* Starts the writing thread, once, with all signals blocked.  Returns -1 if it cannot start. */
int moor_log_start(struct moor_log *log, struct moor_error *err) MOOR_MUST_CHECK;

/* Writes the waiting lines, for at most a second, and frees the log.  Ignores NULL. */
void moor_log_close(struct moor_log *log);

/*
 * Waits until all lines logged so far are written, for at most a second.  Call it before the
 * process exits without moor_log_close().
 */
void moor_log_flush(struct moor_log *log);

/* Logs an event of the server.  `format` produces `msg`; line ends at its end are dropped. */
void moor_log_event(struct moor_log *log, enum moor_log_level level, const char *format, ...)
    MOOR_PRINTF(3, 4);

/* Logs each line of `lines` as an event of its own, with `prefix` before it. */
void moor_log_lines(struct moor_log *log, enum moor_log_level level, const char *prefix,
                    struct moor_slice lines);

/* Topics of lines that a client can cause as often as it wants. */
enum moor_log_topic {
    MOOR_LOG_TOPIC_REQUEST,     /* the request could not be evaluated */
    MOOR_LOG_TOPIC_ENVIRONMENT, /* the policy lacks the environment of the path */
    MOOR_LOG_TOPIC_CONNECTION,  /* events of connections, at level debug */
    MOOR_LOG_TOPIC_COUNT
};

/*
 * Logs an event, limited by rate.  The next line of the topic reports the number of omitted lines.
 */
void moor_log_limited(struct moor_log *log, enum moor_log_topic topic, enum moor_log_level level,
                      const char *format, ...) MOOR_PRINTF(4, 5);

/* Logs the number of omitted lines of topics without a further line.  Call it once a second. */
void moor_log_tick(struct moor_log *log);

/*
 * Logs an evaluated request if the configuration selects it.  A request that is logged only because
 * the policy lacks its environment is limited by rate.
 */
void moor_log_review(struct moor_log *log, const struct moor_log_review *review);

/* Returns the number of lines that were lost so far. */
uint64_t moor_log_dropped(const struct moor_log *log);

#endif
