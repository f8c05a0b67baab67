/* SPDX-License-Identifier: Apache-2.0 */
/*
 * amounts - parses and prints durations and sizes of a command line: `250ms`, `5s`, `64KiB`,
 * `7MiB`.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 * Limits:   whole numbers up to MOOR_AMOUNTS_MAX_DURATION_MS and MOOR_AMOUNTS_MAX_SIZE.
 */
#ifndef MOOR_CMD_AMOUNTS_H
#define MOOR_CMD_AMOUNTS_H

#include "policy/base/error.h"

#include <limits.h>
#include <stdint.h>

#define MOOR_AMOUNTS_MAX_DURATION_MS ((uint64_t)INT_MAX)
#define MOOR_AMOUNTS_MAX_SIZE        ((uint64_t)SIZE_MAX / 2)

/* The kind of an amount, and the unit of its value. */
enum moor_amount {
    MOOR_AMOUNT_COUNT,
    MOOR_AMOUNT_SIZE,    /* in bytes */
    MOOR_AMOUNT_DURATION /* in milliseconds */
};

/* Parses `5s` as 5000.  Returns -1 if `text` is not an amount of this kind or exceeds `max`. */
int moor_amount_parse(uint64_t *out, const char *text, enum moor_amount amount,
                      uint64_t max) MOOR_MUST_CHECK;

/* Prints 5000 as `5s`, in the largest unit that divides it.  Use `moor_amount_text(...).text`. */
struct moor_amount_text {
    char text[32];
};

struct moor_amount_text moor_amount_text(uint64_t value, enum moor_amount amount);

#endif
