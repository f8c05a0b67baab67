/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_token - the text of a string or key that the JSON reader found, with its escapes resolved.
 *
 * Threads:  pure, any thread.
 * Memory:   a text with escapes is copied to the caller's arena; any other borrows.
 */
#ifndef MOOR_POLICY_JSON_TOKEN_H
#define MOOR_POLICY_JSON_TOKEN_H

#include "policy/base/arena.h"
#include "policy/base/error.h"
#include "policy/base/slice.h"

/* What came with the last event: for KEY and STRING the text between the quotes, escapes still in
 * it; for NUMBER its digits; else empty. */
struct moor_json_token {
    struct moor_slice raw;
    size_t offset; /* of the token's first byte in the text */
    bool escaped;  /* `raw` holds at least one escape: it is not yet the value */
};

/* For moor_json_token_is(): the same where the token holds an escape. */
bool moor_json_escaped_token_is(const struct moor_json_token *token, struct moor_slice text);

/* Whether a KEY or STRING token, its escapes resolved, is exactly this text (valid UTF-8). */
static inline bool moor_json_token_is(const struct moor_json_token *token, struct moor_slice text)
{
    return token->escaped ? moor_json_escaped_token_is(token, text)
                          : moor_slice_equal(token->raw, text);
}

/* For moor_json_token_text(): the same where the token holds an escape. */
int moor_json_escaped_token_text(const struct moor_json_token *token, struct moor_arena *arena,
                                 struct moor_slice *out, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * The value of a KEY or STRING token, escapes resolved, as UTF-8: the token's own bytes where it
 * has no escape, else a copy in `arena`.  May hold NUL bytes.
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
