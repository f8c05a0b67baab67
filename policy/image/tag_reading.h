/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tag_reading - combines the tokens of a tag into the facts that the rules of tag.c need.
 *
 * Each token is read once, in order.  A number belongs to the word before it (`alpine3.20`) or to
 * the image's version.  A word is a stage, channel or change request only after a version.
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

/* The facts about a tag. */
struct moor_tag_reading {
    enum moor_tag_date date;       /* the strongest date in the tag */
    unsigned groups;               /* enum moor_tag_group, over all words */
    size_t numbers;                /* numbers that no word takes: candidates for the version */
    bool has_digit;                /* the tag has a number */
    bool has_version;              /* a number is free or follows a v */
    bool has_release;              /* the version has three parts */
    bool is_full;                  /* the version has three parts or is whole */
    bool was_full;                 /* `is_full` before the last number was read */
    bool is_whole;                 /* the version is full, regardless of its number of parts */
    uint8_t parts;                 /* see struct moor_tag */
    bool is_open;                  /* a part is the letter x: `1.16.x` */
    bool has_revision;             /* `-r5` after a version */
    bool has_stage;                /* a stage after a version */
    bool has_serial;               /* a stage has a serial number */
    bool has_channel;              /* a channel after a version, without a serial number */
    bool has_change;               /* a branch or a change request after a version */
    bool has_build;                /* a build's serial number after a version or date: `-ls21` */
    bool has_runtime;              /* a runtime with its number */
    bool has_base;                 /* an operating system with its release */
    struct moor_tag_tokens tokens; /* last, because it is filled and not zeroed */
};

/* Reads a tag of 1 to MOOR_TAG_MAX_BYTES bytes.  Returns false if the tag is invalid. */
bool moor_tag_read(struct moor_tag_reading *out, struct moor_slice tag);

/* Returns the token at `index`, or an empty word after the last token. */
static inline const struct moor_tag_token *moor_tag_at(const struct moor_tag_reading *tag,
                                                       size_t index)
{
    static const struct moor_tag_token none = {.kind = MOOR_TAG_WORD, .separator = '\0'};
    return index < tag->tokens.count ? &tag->tokens.list[index] : &none;
}

/* Returns whether the token is a number that no word takes. */
static inline bool moor_tag_has_number(const struct moor_tag_reading *tag, size_t index)
{
    const struct moor_tag_token *token = moor_tag_at(tag, index);
    return token->kind == MOOR_TAG_NUMBER && !token->taken;
}

/* Returns whether the token is this word, which is in lower case. */
static inline bool moor_tag_has_word(const struct moor_tag_reading *tag, size_t index,
                                     const char *word)
{
    return index < tag->tokens.count && moor_tag_token_is(&tag->tokens, index, word);
}

/* Returns whether no separator precedes the token. */
static inline bool moor_tag_is_joined(const struct moor_tag_reading *tag, size_t index)
{
    return index > 0 && index < tag->tokens.count && tag->tokens.list[index].separator == '\0';
}

/* Returns whether the number is 1700 to 2099: a year, or a Windows release such as 1809. */
bool moor_tag_is_year(const struct moor_tag_reading *tag, size_t index);

#endif
