/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tag_tokens - a tag cut into words and numbers, and which of its pieces are hashes.
 *
 * `v1.25.3-alpine3.20` is the words v and alpine and the numbers 1.25.3 and 3.20.  A number holds
 * the dots between its digits; a word holds letters only.  Apart from that, a piece is what stands
 * between `-`, `_` and `.`: the unit of commit hashes and dates.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing; offsets and slices point into the lower-case copy.
 * Limits:   a tag of MOOR_TAG_MAX_BYTES has at most as many tokens.
 */
#ifndef MOOR_POLICY_IMAGE_TAG_TOKENS_H
#define MOOR_POLICY_IMAGE_TAG_TOKENS_H

#include "policy/base/slice.h"

#include <stdint.h>

#define MOOR_TAG_MAX_BYTES 128

enum moor_tag_kind {
    MOOR_TAG_WORD,
    MOOR_TAG_NUMBER
};

struct moor_tag_token {
    enum moor_tag_kind kind;
    uint8_t start; /* offset into the text */
    uint8_t len;
    uint8_t parts;   /* of a number: 3 for 1.25.3 */
    uint8_t digits;  /* of a number's first part */
    char separator;  /* before it: `-`, `_`, `.`; 0 where it is joined to the token before */
    bool taken;      /* a number that belongs to the word before it; see tag.c */
    unsigned groups; /* of a word: enum moor_tag_group */
};

struct moor_tag_tokens {
    char text[MOOR_TAG_MAX_BYTES]; /* the tag in lower case */
    size_t len;
    struct moor_tag_token list[MOOR_TAG_MAX_BYTES];
    size_t count;
};

/* Cuts a tag of 1 to MOOR_TAG_MAX_BYTES bytes; returns false for what is no tag. */
bool moor_tag_tokens_init(struct moor_tag_tokens *out, struct moor_slice tag);

/* The text in lower case. */
static inline struct moor_slice moor_tag_text(const struct moor_tag_tokens *tokens)
{
    return (struct moor_slice){tokens->text, tokens->len};
}

/* Whether the token is this word. */
static inline bool moor_tag_token_is(const struct moor_tag_tokens *tokens, size_t index,
                                     const char *word)
{
    const struct moor_tag_token *token = &tokens->list[index];
    return moor_slice_is((struct moor_slice){tokens->text + token->start, token->len}, word);
}

/* The next piece from `*at` on, which moves behind it; false at the end.  A piece may be empty. */
bool moor_tag_next_piece(struct moor_slice *out, struct moor_slice text, size_t *at);

/* Whether the piece is a commit's hash: 40 or 64 hex digits, or 7 to 40 mixed ones behind an
 * optional g or v. */
bool moor_tag_is_commit(struct moor_slice piece);

/* Whether all of it is lower-case hex of `from` to `to` digits; `letters` and `digits` say which of
 * both it has (may be NULL). */
bool moor_tag_is_hex(struct moor_slice piece, size_t from, size_t to, bool *letters, bool *digits);

/* Whether it is a year or a day with letters beside it: `feb2024` and `20240206b` are no hashes. */
bool moor_tag_is_word_with_date(struct moor_slice piece);

#endif
