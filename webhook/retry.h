/* SPDX-License-Identifier: Apache-2.0 */
/*
 * retry - when a changed file that could not be used is tried again, and whether its error is
 * reported.
 *
 * A file may have failed for want of memory, so it is tried again although it has not changed.  A
 * large file that is wrong is costly to load: the time between two attempts doubles.  The same
 * error of the same file is reported once.
 *
 * Threads:  one at a time.
 * Memory:   the caller's; a zeroed struct has no failure.
 * Limits:   errors are compared in their first MOOR_RETRY_ERROR_BYTES bytes.
 */
#ifndef MOOR_WEBHOOK_RETRY_H
#define MOOR_WEBHOOK_RETRY_H

#include "policy/base/slice.h"

#include <stdint.h>

#define MOOR_RETRY_FIRST_S     2
#define MOOR_RETRY_LONGEST_S   64
#define MOOR_RETRY_ERROR_BYTES 255

struct moor_retry {
    unsigned wait_s;     /* after the last attempt, which failed; 0: there was no failure */
    uint64_t again_ms;   /* when it is tried again, by the monotonic clock */
    size_t reported_len; /* of the error that was reported last */
    char reported[MOOR_RETRY_ERROR_BYTES];
};

/* An attempt failed; `changed`: with a new content of the file.  Returns whether to report it. */
bool moor_retry_fail(struct moor_retry *retry, bool changed, struct moor_slice error,
                     uint64_t now_ms);

/* An attempt succeeded. */
void moor_retry_succeed(struct moor_retry *retry);

/* Whether the last attempt failed, and whether the time for the next one has come. */
bool moor_retry_has_failed(const struct moor_retry *retry);
bool moor_retry_is_due(const struct moor_retry *retry, uint64_t now_ms);

#endif
