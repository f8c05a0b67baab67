/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_line - the text of one log line, without the line's end and without its sequence number.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_WEBHOOK_OBSERVE_LOG_LINE_H
#define MOOR_WEBHOOK_OBSERVE_LOG_LINE_H

#include "policy/base/buf.h"
#include "policy/judge.h"
#include "webhook/log_level.h"

#include <time.h>

#define MOOR_LOG_LINE_BYTES ((size_t)64 * 1024)
#define MOOR_LOG_MAX_IMAGES 64

/* Where and when a line is written. */
struct moor_log_stamp {
    struct timespec time;
    struct moor_slice instance; /* this server: the name of its Pod or host */
};

/* Buffers that lines are built in.  A caller that logs often keeps one to avoid allocations. */
struct moor_log_room {
    struct moor_buf line;
    struct moor_buf value; /* escaped */
    struct moor_buf path;
};

void moor_log_room_init(struct moor_log_room *room);
void moor_log_room_release(struct moor_log_room *room);

/* What is known of a judged request beside its verdict. */
struct moor_log_review {
    struct moor_log_room *room; /* the caller's, or NULL */
    const struct moor_policy *policy;
    const struct moor_verdict *verdict;
    struct moor_slice peer;               /* address and port of the client */
    struct moor_slice client_certificate; /* its subject, or empty */
    uint64_t duration_us;
};

/* As a JSON object; the log puts the sequence number in front of its members. */
void moor_log_line_event(struct moor_buf *out, const struct moor_log_stamp *stamp,
                         enum moor_log_level level, struct moor_slice message);
void moor_log_line_review(struct moor_buf *out, const struct moor_log_stamp *stamp,
                          const struct moor_log_review *review);

/* For people at a terminal. */
void moor_log_text_event(struct moor_buf *out, const struct moor_log_stamp *stamp,
                         enum moor_log_level level, struct moor_slice message);
void moor_log_text_review(struct moor_buf *out, const struct moor_log_stamp *stamp,
                          const struct moor_log_review *review);

#endif
