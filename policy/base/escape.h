/* SPDX-License-Identifier: Apache-2.0 */
/*
 * escape - makes text from outside safe to print, in one form for outputs, messages and logs.
 *
 * Each byte of a character that cannot be printed (moor_utf8_is_hidden) and each byte that is not
 * UTF-8 becomes `\xNN`.  Two sequences that the runner of a GitHub workflow interprets as commands
 * are escaped too: `::` at the start of a text or of a word in it, because the runner skips leading
 * blanks, and `##[` anywhere, for older runners.  A backslash is not escaped, so that escaped text
 * can be escaped again without a change.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 * Limits:   `max_bytes` bytes of the text; each of them becomes at most four bytes.
 */
#ifndef MOOR_POLICY_BASE_ESCAPE_H
#define MOOR_POLICY_BASE_ESCAPE_H

#include "policy/base/buf.h"

/* Appends `text` escaped.  A text longer than `max_bytes` is shortened in the middle with `...`. */
void moor_escape_append(struct moor_buf *out, struct moor_slice text, size_t max_bytes);

/*
 * Returns `text` itself if it needs no escape and no shortening.  Otherwise returns the escaped
 * text, which is valid until `scratch` changes.
 */
struct moor_slice moor_escaped(struct moor_buf *scratch, struct moor_slice text, size_t max_bytes);

#endif
