/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token - the text of a string or key from the JSON reader, with its escapes resolved.
 *
 * Threads:  pure, any thread.
 * Memory:   a text with escapes is copied to the caller's arena; any other text is borrowed.
 */
#ifndef MOOR_POLICY_JSON_TOKEN_H
#define MOOR_POLICY_JSON_TOKEN_H

#include "policy/base/arena.h"
#include "policy/base/error.h"
#include "policy/base/slice.h"

/*
 * The token of the last event.  `raw` is the text between the quotes for KEY and STRING, with its
 * escapes unresolved; the digits for NUMBER; and empty for other events.
 */
struct moor_json_token {
    struct moor_slice raw; /* borrowed from the reader's text */
    size_t offset;         /* offset of the token's first byte in the text */
    bool escaped;          /* `raw` has at least one escape and is not the value yet */
};

/* Implements moor_json_token_is() for a token with an escape. */
bool moor_json_escaped_token_is(const struct moor_json_token *token, struct moor_slice text);

/* Returns whether a KEY or STRING token, with its escapes resolved, equals `text` (valid UTF-8). */
static inline bool moor_json_token_is(const struct moor_json_token *token, struct moor_slice text)
{
    return token->escaped ? moor_json_escaped_token_is(token, text)
                          : moor_slice_equal(token->raw, text);
}

/* Implements moor_json_token_text() for a token with an escape. */
int moor_json_escaped_token_text(const struct moor_json_token *token, struct moor_arena *arena,
                                 struct moor_slice *out, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Returns the value of a KEY or STRING token as UTF-8 with escapes resolved.  The value is the
 * token's own bytes if it has no escape, else a copy in `arena`.  It may contain NUL bytes.
 * Returns -1 with MOOR_ERROR_MEMORY if the arena is full.
 */
MOOR_MUST_CHECK static inline int moor_json_token_text(const struct moor_json_token *token,
                                                       struct moor_arena *arena,
                                                       struct moor_slice *out,
                                                       struct moor_error *err)
{
    if (token->escaped) {
        return moor_json_escaped_token_text(token, arena, out, err);
    }
    *out = token->raw;
    return 0;
}

#endif
