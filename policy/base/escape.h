/* SPDX-License-Identifier: Apache-2.0 */
/*
 * escape - shows text from outside in outputs, messages and logs: one form for all of them.
 *
 * Each byte of a character that cannot be printed (moor_utf8_is_hidden) and each byte that is not
 * UTF-8 becomes `\xNN`.  Two things that the runner of a GitHub workflow takes for a command are
 * broken the same way: `::` at the start of a text or of a word in it (the runner skips blanks at
 * the start of a line), and `##[` anywhere (older runners).  A backslash stays as it is, so text
 * that is escaped already stays the same.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 * Limits:   `max_bytes` of the text; a byte of it becomes at most four.
 */
#ifndef MOOR_POLICY_BASE_ESCAPE_H
#define MOOR_POLICY_BASE_ESCAPE_H

#include "policy/base/buf.h"

/* Appends `text` escaped and, if it is longer than `max_bytes`, cut in the middle with `...`. */
void moor_escape_append(struct moor_buf *out, struct moor_slice text, size_t max_bytes);

/*
 * The same as a slice: `text` itself if it has nothing to escape or cut, else what `scratch` then
 * holds.
 */
struct moor_slice moor_escaped(struct moor_buf *scratch, struct moor_slice text, size_t max_bytes);

#endif
