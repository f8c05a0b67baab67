/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diff - writes the changed lines of a file as a unified diff for `patch -p0` or `git apply -p0`.
 *
 * The edits of `pin` neither add nor remove lines, so that both texts are compared line by line.
 *
 * Threads:  main thread only.
 * Memory:   an array of line offsets per call.
 */
#ifndef MOOR_CMD_PIN_DIFF_H
#define MOOR_CMD_PIN_DIFF_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdio.h>

/*
 * Writes the difference of `before` and `after`, which have the same number of lines, under the
 * name `path`.  Writes nothing if they are equal.  Returns -1 if memory is short.
 */
int moor_pin_diff_write(FILE *out, const char *path, struct moor_slice before,
                        struct moor_slice after, struct moor_error *err) MOOR_MUST_CHECK;

#endif
