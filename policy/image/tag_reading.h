/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tag_reading - what the tokens of a tag say together: the facts that the rules of tag.c ask for.
 *
 * Each token is read once, in order.  A number belongs to the word before it (`alpine3.20`) or is
 * part of the image's version; a word is a stage, a channel or a change only after a version.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_IMAGE_TAG_READING_H
#define MOOR_POLICY_IMAGE_TAG_READING_H

#include "policy/image/tag_date.h"
#include "policy/image/tag_tokens.h"
#include "policy/image/tag_words.h"

#include <string.h>

struct moor_tag_reading {
    enum moor_tag_date date;
    unsigned groups; /* of all words */
    size_t numbers;  /* that no word takes: what may be the version */
    bool has_digit;
    bool has_version;              /* one of them stands free or behind a v */
    bool has_release;              /* it has three parts */
    bool is_full;                  /* it has three parts, or is whole in its own way */
    bool was_full;                 /* the same without the last number that was read */
    bool is_whole;                 /* it is whole in its own way */
    uint8_t parts;                 /* see struct moor_tag */
    bool is_open;                  /* a part is the letter x: `1.16.x` */
    bool has_revision;             /* `-r5` behind a version */
    bool has_stage;                /* a stage after a version */
    bool has_serial;               /* and one of them has a serial */
    bool has_channel;              /* a channel after a version and without a serial */
    bool has_change;               /* a branch or a change request after a version */
    bool has_build;                /* the serial of a build after a version or date: `-ls21` */
    bool has_runtime;              /* a runtime is named with its number */
    bool has_base;                 /* an operating system is named with its release */
    struct moor_tag_tokens tokens; /* last: it is filled, not cleared */
};

/* Reads a tag of 1 to MOOR_TAG_MAX_BYTES bytes; returns false if it is not a tag. */
bool moor_tag_read(struct moor_tag_reading *out, struct moor_slice tag);

/* The token at `index`; after the last one, an empty word. */
static inline const struct moor_tag_token *moor_tag_at(const struct moor_tag_reading *tag,
                                                       size_t index)
{
    static const struct moor_tag_token none = {.kind = MOOR_TAG_WORD, .separator = '\0'};
    return index < tag->tokens.count ? &tag->tokens.list[index] : &none;
}

/* Whether the token is a number that no word takes. */
static inline bool moor_tag_has_number(const struct moor_tag_reading *tag, size_t index)
{
    const struct moor_tag_token *token = moor_tag_at(tag, index);
    return token->kind == MOOR_TAG_NUMBER && !token->taken;
}

/* Whether the token is this word. */
static inline bool moor_tag_has_word(const struct moor_tag_reading *tag, size_t index,
                                     const char *word)
{
    return index < tag->tokens.count && moor_tag_token_is(&tag->tokens, index, word);
}

/* Whether nothing separates the token from the one before it. */
static inline bool moor_tag_is_joined(const struct moor_tag_reading *tag, size_t index)
{
    return index > 0 && index < tag->tokens.count && tag->tokens.list[index].separator == '\0';
}

/* Whether the number is 1700 to 2099: a year, or a Windows release such as 1809. */
bool moor_tag_is_year(const struct moor_tag_reading *tag, size_t index);

#endif
