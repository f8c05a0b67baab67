/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timestamp - a date, or an RFC 3339 time, as seconds since 1970.
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
 * Parses `2027-03-31`, which is the end of that day in UTC: the first second of the next; or
 * `2027-03-31T18:00:00+02:00`, in which `Z` may stand for the offset and the seconds may have a
 * fraction, which is dropped.  Returns -1 for anything else, days that no calendar has included.
 */
int moor_timestamp_parse(int64_t *out, struct moor_slice text,
                         struct moor_error *err) MOOR_MUST_CHECK;

#endif
