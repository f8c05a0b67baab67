/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/input/values/number.h"

#define LONGEST_NUMBER    128
#define MOST_DIGITS       17 /* restore any double */
/* Go's 'g' uses an exponent outside of these limits. */
#define SMALLEST_EXPONENT (-4)
#define LARGEST_EXPONENT  5

static bool differs(double left, double right)
{
    return left < right || left > right;
}

/* Writes the shortest `d.ddde+XX` that restores the value.  Returns its number of digits. */
static int write_shortest(char *out, size_t room, double value)
{
    /*
     * C has no conversion for the shortest digits, which Go prints by default, so that the
     * precision grows until the value is the same.
     */
    int digits = 1;
    for (; digits <= MOST_DIGITS; digits++) {
        (void)snprintf(out, room, "%.*e", digits - 1, value);
        if (!differs(strtod(out, NULL), value)) {
            break;
        }
    }
    return digits;
}

struct moor_slice moor_values_number_render(char room[MOOR_VALUES_NUMBER_MAX],
                                            struct moor_slice number)
{
    char text[LONGEST_NUMBER + 1] = {0};
    if (number.len == 0 || number.len > LONGEST_NUMBER) {
        return (struct moor_slice){0};
    }
    memcpy(text, number.ptr, number.len);
    double value = strtod(text, NULL);
    /* A number beyond the range of a double is an error in Go as well. */
    if (isinf(value)) {
        return (struct moor_slice){0};
    }
    char shortest[MOOR_VALUES_NUMBER_MAX];
    int digits = write_shortest(shortest, sizeof shortest, value);
    long exponent = strtol(strchr(shortest, 'e') + 1, NULL, 10);
    if (exponent < SMALLEST_EXPONENT || exponent > LARGEST_EXPONENT) {
        (void)snprintf(room, MOOR_VALUES_NUMBER_MAX, "%s", shortest);
    } else {
        int decimals = digits - 1 > exponent ? digits - 1 - (int)exponent : 0;
        (void)snprintf(room, MOOR_VALUES_NUMBER_MAX, "%.*f", decimals, value);
    }
    return moor_slice_from(room);
}
