/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/amounts.h"
#include "policy/base/array_size.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A unit and its size in the smallest unit of its kind. */
struct unit {
    const char *name;
    uint64_t factor;
};

/*
 * Ascending, because moor_amount_text() takes the last unit that divides the value.  The empty unit
 * follows `B`, so that a size in bytes is printed as it is usually written.
 */
static const struct unit counts[] = {{"", 1}};
static const struct unit durations[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
static const struct unit sizes[] = {{"B", 1},
                                    {"", 1},
                                    {"KiB", 1024},
                                    {"MiB", (uint64_t)1024 * 1024},
                                    {"GiB", (uint64_t)1024 * 1024 * 1024}};

static const struct {
    const struct unit *units;
    size_t count;
} amounts[] = {
    [MOOR_AMOUNT_COUNT] = {counts, MOOR_ARRAY_SIZE(counts)},
    [MOOR_AMOUNT_SIZE] = {sizes, MOOR_ARRAY_SIZE(sizes)},
    [MOOR_AMOUNT_DURATION] = {durations, MOOR_ARRAY_SIZE(durations)},
};

int moor_amount_parse(uint64_t *out, const char *text, enum moor_amount amount, uint64_t max)
{
    /* strtoull() would accept a sign and leading blanks. */
    if (!isdigit((unsigned char)*text)) {
        return -1;
    }
    char *rest = NULL;
    errno = 0;
    uint64_t number = strtoull(text, &rest, 10);
    if (errno != 0) {
        return -1;
    }
    /* Dividing the maximum instead of multiplying the number cannot overflow. */
    for (size_t i = 0; i < amounts[amount].count; i++) {
        const struct unit *unit = &amounts[amount].units[i];
        if (strcmp(rest, unit->name) == 0 && number <= max / unit->factor) {
            *out = number * unit->factor;
            return 0;
        }
    }
    return -1;
}

struct moor_amount_text moor_amount_text(uint64_t value, enum moor_amount amount)
{
    struct moor_amount_text out;
    const struct unit *unit = amounts[amount].units;
    for (size_t i = 0; i < amounts[amount].count; i++) {
        const struct unit *larger = &amounts[amount].units[i];
        unit = value % larger->factor == 0 && value > 0 ? larger : unit;
    }
    (void)snprintf(out.text, sizeof out.text, "%" PRIu64 "%s", value / unit->factor, unit->name);
    return out;
}
