/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tag_tokens - cuts a tag into words and numbers, and recognizes commit hashes.
 *
 * `v1.25.3-alpine3.20` has the words v and alpine and the numbers 1.25.3 and 3.20.  A number
 * includes the dots between its digits; a word has only letters.  A piece is the text between `-`,
 * `_` and `.`; commit hashes and dates are pieces.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing; offsets and slices refer to the lower-case copy.
 * Limits:   MOOR_TAG_MAX_BYTES bytes, and as many tokens.
 */
#ifndef MOOR_POLICY_IMAGE_TAG_TOKENS_H
#define MOOR_POLICY_IMAGE_TAG_TOKENS_H

#include "policy/base/slice.h"

#include <stdint.h>

/* Maximum length of a tag, by distribution/reference. */
#define MOOR_TAG_MAX_BYTES 128

/* The kinds of tokens. */
enum moor_tag_kind {
    MOOR_TAG_WORD,
    MOOR_TAG_NUMBER
};

/* A word or number of a tag. */
struct moor_tag_token {
    enum moor_tag_kind kind;
    uint8_t start;   /* offset in the text */
    uint8_t len;     /* length in bytes */
    uint8_t parts;   /* numbers: parts between dots, 3 for 1.25.3 */
    uint8_t digits;  /* numbers: digits of the first part */
    char separator;  /* `-`, `_` or `.` before the token; 0 if it is joined to the previous one */
    bool taken;      /* numbers: it belongs to the word before it; see tag_reading.c */
    unsigned groups; /* words: enum moor_tag_group */
};

/* The tokens of a tag, in order. */
struct moor_tag_tokens {
    char text[MOOR_TAG_MAX_BYTES]; /* the tag in lower case */
    size_t len;                    /* length of the text */
    struct moor_tag_token list[MOOR_TAG_MAX_BYTES];
    size_t count; /* number of tokens */
};

/* Cuts a tag of 1 to MOOR_TAG_MAX_BYTES bytes into tokens.  Returns false if the tag is invalid. */
bool moor_tag_tokens_init(struct moor_tag_tokens *out, struct moor_slice tag);

/* Returns the text in lower case. */
static inline struct moor_slice moor_tag_text(const struct moor_tag_tokens *tokens)
{
    return (struct moor_slice){tokens->text, tokens->len};
}

/* Returns whether the token is this word, which is in lower case. */
static inline bool moor_tag_token_is(const struct moor_tag_tokens *tokens, size_t index,
                                     const char *word)
{
    const struct moor_tag_token *token = &tokens->list[index];
    return moor_slice_is((struct moor_slice){tokens->text + token->start, token->len}, word);
}

/* Gives the next piece, which may be empty, and moves `*at` past it.  Returns false at the end. */
bool moor_tag_next_piece(struct moor_slice *out, struct moor_slice text, size_t *at);

/*
 * Returns whether the piece is a commit hash: 40 or 64 hex digits, or 7 to 40 with both letters and
 * digits.  A g or v may precede it.
 */
bool moor_tag_is_commit(struct moor_slice piece);

/*
 * Returns whether the piece has `from` to `to` lower-case hex digits and nothing else.  `letters`
 * and `digits` (both may be NULL) receive whether it has letters and decimal digits.
 */
bool moor_tag_is_hex(struct moor_slice piece, size_t from, size_t to, bool *letters, bool *digits);

/* Returns whether the piece is a year or day with letters, not a hash: `feb2024`, `20240206b`. */
bool moor_tag_is_word_with_date(struct moor_slice piece);

#endif
