/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_limit - limits the rate of log lines that a client can cause at will.
 *
 * A limit admits MOOR_LOG_LIMIT_BURST lines at once and one line a second in the long run.  It
 * counts the lines that it omits, so that a later line can report their number.
 *
 * Threads:  any thread, without a lock.
 * Memory:   the caller's; a zeroed struct is a fresh limit.
 */
#ifndef MOOR_WEBHOOK_HTTP_LOG_LIMIT_H
#define MOOR_WEBHOOK_HTTP_LOG_LIMIT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define MOOR_LOG_LIMIT_BURST 10

struct moor_log_limit {
    atomic_uint_fast64_t
        next_us; /* time at which the allowance of all admitted lines is restored */
    atomic_uint_fast64_t omitted; /* omitted lines that were not reported */
};

/*
 * Returns whether a line may be written at `now_us` of the monotonic clock.  If so, `*omitted` is
 * the number of lines that were omitted before it.  Else the line is counted as omitted.
 */
bool moor_log_limit_take(struct moor_log_limit *limit, uint64_t now_us, uint64_t *omitted);

/*
 * Returns the number of omitted lines that were not reported, once no line was requested for some
 * seconds; 0 before that.  Each number is returned once.
 */
uint64_t moor_log_limit_rest(struct moor_log_limit *limit, uint64_t now_us);

#endif
