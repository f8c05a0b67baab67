/* SPDX-License-Identifier: Apache-2.0 */
/*
 * now - the moment by which exemptions are judged: the clock's, or the one that --now names.
 *
 * Threads:  any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_CMD_NOW_H
#define MOOR_CMD_NOW_H

#include "policy/base/error.h"

#include <stdint.h>

/* Reads `text`, `2027-03-31T18:00:00Z`; NULL is the clock's time. */
int moor_now_read(int64_t *out, const char *text, struct moor_error *err) MOOR_MUST_CHECK;

#endif
