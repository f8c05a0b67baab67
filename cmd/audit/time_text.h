/* SPDX-License-Identifier: Apache-2.0 */
/*
 * time_text - prints times as RFC 3339 in UTC, and parses the limits of a period.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_CMD_AUDIT_TIME_TEXT_H
#define MOOR_CMD_AUDIT_TIME_TEXT_H

#include "policy/base/error.h"

#include <stdint.h>

/* A time as text.  Use it as `moor_time_text(time).text`. */
struct moor_time_text {
    char text[32];
};

/* Prints `time`, in seconds since 1970, as `2027-03-31T18:00:00Z`. */
struct moor_time_text moor_time_text(int64_t time);

/*
 * Parses the values of --from and --to, which may be NULL, into the first second of the period and
 * the first one after it.  A date is its whole day in UTC; a time is included in the period.
 * Returns -1 with `err` if a value is not a time, or if the period is empty.
 */
int moor_time_period(int64_t *from, int64_t *to, const char *first, const char *last,
                     struct moor_error *err) MOOR_MUST_CHECK;

#endif
