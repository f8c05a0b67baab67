/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quote - a text from the file as a diagnostic shows it.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_FILE_QUOTE_H
#define MOOR_POLICY_FILE_QUOTE_H

#include "policy/base/slice.h"

/* A text from the file, cut, with `?` for each NUL: the writer of the diagnostics escapes the rest.
 */
struct moor_quoted {
    char text[72];
};

struct moor_quoted moor_quote(struct moor_slice text);

#endif
