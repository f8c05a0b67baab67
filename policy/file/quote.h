/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quote - shortens a text from the file for a diagnostic.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_FILE_QUOTE_H
#define MOOR_POLICY_FILE_QUOTE_H

#include "policy/base/slice.h"

/* The text of at most 68 bytes, with `?` for each NUL; the writer of diagnostics escapes the rest.
 */
struct moor_quoted {
    char text[72];
};

/* Returns the text, shortened with `...` between two characters. */
struct moor_quoted moor_quote(struct moor_slice text);

#endif
