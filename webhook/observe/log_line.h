/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_line - formats log lines, without the end of the line and the sequence number.
 *
 * JSON lines are for log collectors, text lines for terminals.  Values of requests are escaped and
 * truncated, so that a request can neither forge a line nor fill the log.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 * Limits:   a line has at most MOOR_LOG_LINE_BYTES and MOOR_LOG_MAX_IMAGES images.
 */
#ifndef MOOR_WEBHOOK_OBSERVE_LOG_LINE_H
#define MOOR_WEBHOOK_OBSERVE_LOG_LINE_H

#include "policy/base/buf.h"
#include "policy/judge.h"
#include "webhook/log_level.h"

#include <time.h>

#define MOOR_LOG_LINE_BYTES ((size_t)64 * 1024)
#define MOOR_LOG_MAX_IMAGES 64

/* Time and origin of a line. */
struct moor_log_stamp {
    struct timespec time;
    struct moor_slice instance; /* name of the server's Pod or host */
};

/* Buffers for building lines.  A caller that logs often keeps one to avoid allocations. */
struct moor_log_room {
    struct moor_buf line;
    struct moor_buf value; /* escaped value */
    struct moor_buf path;
};

/* Initializes the buffers, which allocate on first use; release them afterwards. */
void moor_log_room_init(struct moor_log_room *room);
void moor_log_room_release(struct moor_log_room *room);

/* Evaluated request, as it is logged. */
struct moor_log_review {
    struct moor_log_room *room; /* the caller's, or NULL */
    const struct moor_policy *policy;
    const struct moor_verdict *verdict;
    struct moor_slice peer;               /* address and port of the client */
    struct moor_slice client_certificate; /* subject of the certificate, or empty */
    uint64_t duration_us;
};

/* Append a JSON object; the log inserts the sequence number as the first member. */
void moor_log_line_event(struct moor_buf *out, const struct moor_log_stamp *stamp,
                         enum moor_log_level level, struct moor_slice message);
void moor_log_line_review(struct moor_buf *out, const struct moor_log_stamp *stamp,
                          const struct moor_log_review *review);

/* Append a line of text for a terminal. */
void moor_log_text_event(struct moor_buf *out, const struct moor_log_stamp *stamp,
                         enum moor_log_level level, struct moor_slice message);
void moor_log_text_review(struct moor_buf *out, const struct moor_log_stamp *stamp,
                          const struct moor_log_review *review);

#endif
