/* SPDX-License-Identifier: Apache-2.0 */
/*
 * number - a number of YAML as a Helm template prints it.
 *
 * Helm reads values as JSON, in which all numbers are floating-point, and Go prints these with the
 * fewest digits that restore them: `1.10` becomes 1.1 and `20240107` becomes 2.0240107e+07.
 *
 * Threads:  pure, any thread.
 * Memory:   writes to the caller's buffer.
 */
#ifndef MOOR_CMD_INPUT_VALUES_NUMBER_H
#define MOOR_CMD_INPUT_VALUES_NUMBER_H

#include "policy/base/slice.h"

/* Room for what snprintf() could write; the texts that result have at most 24 bytes. */
#define MOOR_VALUES_NUMBER_MAX 340

/*
 * Writes `number`, a number of JSON, as Go's strconv.FormatFloat(number, 'g', -1, 64).  Returns the
 * text in `room`; it is empty if the number is too long or exceeds the range.
 */
struct moor_slice moor_values_number_render(char room[MOOR_VALUES_NUMBER_MAX],
                                            struct moor_slice number);

#endif
