/* SPDX-License-Identifier: Apache-2.0 */
/*
 * now - the time at which exemptions are evaluated: the current time, or the value of --now.
 *
 * Threads:  any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_CMD_NOW_H
#define MOOR_CMD_NOW_H

#include "policy/base/error.h"

#include <stdint.h>

/*
 * Parses `text`, such as `2027-03-31T18:00:00Z`, into seconds since the epoch.  A date such as
 * `2027-03-31` is the start of that day in UTC, and NULL is the current time.  Returns -1 with the
 * reason in `err` if `text` is neither a time nor a date.
 */
int moor_now_read(int64_t *out, const char *text, struct moor_error *err) MOOR_MUST_CHECK;

#endif
