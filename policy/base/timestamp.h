/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timestamp - parses a date, or an RFC 3339 time, to seconds since 1970.
 *
 * Threads:  pure, any thread; reads no clock and no time zone.
 * Memory:   allocates nothing.
 * Limits:   years 1970 to 9999.
 */
#ifndef MOOR_POLICY_BASE_TIMESTAMP_H
#define MOOR_POLICY_BASE_TIMESTAMP_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdint.h>

/*
 * Parses a date such as `2027-03-31`, which means the end of that day in UTC: the result is the
 * first second of the next day.  Also parses a time such as `2027-03-31T18:00:00+02:00`.  The
 * offset may be `Z`, and a fraction of the second is dropped.  Returns -1 for any other text, and
 * for a day that the calendar does not have.
 */
int moor_timestamp_parse(int64_t *out, struct moor_slice text,
                         struct moor_error *err) MOOR_MUST_CHECK;

#endif
