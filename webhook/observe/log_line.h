/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_line - the text of one log line, without the line's end and without its sequence number.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_WEBHOOK_OBSERVE_LOG_LINE_H
#define MOOR_WEBHOOK_OBSERVE_LOG_LINE_H

#include "webhook/observe/log.h"

#include <time.h>

/* Where and when a line is written. */
struct moor_log_stamp {
    struct timespec time;
    struct moor_slice instance; /* this server: the name of its Pod or host */
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

/* "allowed", "warned" or "denied" */
const char *moor_log_decision(const struct moor_verdict *verdict);

#endif
