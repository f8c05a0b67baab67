/* SPDX-License-Identifier: Apache-2.0 */
/*
 * retry - decides when an invalid file is tried again, and whether its error is reported.
 *
 * An unchanged file is tried again, because loading may have failed for lack of memory.  Loading a
 * large invalid file is costly, so the time between two attempts doubles.  The same error of the
 * same file is reported once.
 *
 * Threads:  one at a time.
 * Memory:   the caller's; a zeroed struct has no failure.
 * Limits:   the first MOOR_RETRY_ERROR_BYTES bytes of errors are compared.
 */
#ifndef MOOR_WEBHOOK_RETRY_H
#define MOOR_WEBHOOK_RETRY_H

#include "policy/base/slice.h"

#include <stdint.h>

#define MOOR_RETRY_FIRST_S     2
#define MOOR_RETRY_LONGEST_S   64
#define MOOR_RETRY_ERROR_BYTES 255

struct moor_retry {
    unsigned wait_s;     /* time after the last attempt; 0: it did not fail */
    uint64_t again_ms;   /* next attempt, by the monotonic clock */
    size_t reported_len; /* length of the last reported error */
    char reported[MOOR_RETRY_ERROR_BYTES];
};

/*
 * Records a failed attempt; `changed` if the content of the file was new.  Returns whether to
 * report the error.
 */
bool moor_retry_fail(struct moor_retry *retry, bool changed, struct moor_slice error,
                     uint64_t now_ms);

/* Records a successful attempt. */
void moor_retry_succeed(struct moor_retry *retry);

/* Return whether the last attempt failed, and whether the next attempt is due. */
bool moor_retry_has_failed(const struct moor_retry *retry);
bool moor_retry_is_due(const struct moor_retry *retry, uint64_t now_ms);

#endif
