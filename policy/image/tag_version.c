/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/image/tag_version.h"

#include "policy/image/tag_reading.h"

/* Returns whether the token is a version to which parts can be added: `1.25` or `v1.25`, not `2b9`.
 */
static bool is_free_number(const struct moor_tag_reading *tag, size_t index)
{
    bool is_free = !moor_tag_is_joined(tag, index) || moor_tag_has_word(tag, index - 1, "v");
    return moor_tag_has_number(tag, index) && is_free && !moor_tag_is_joined(tag, index + 1);
}

/* The offset after the parts `.x` that follow the token. */
static size_t skip_open_parts(const struct moor_tag_reading *tag, size_t index)
{
    const struct moor_tag_token *token = moor_tag_at(tag, index);
    while (moor_tag_has_word(tag, index + 1, "x") &&
           moor_tag_at(tag, index + 1)->separator == '.' && !moor_tag_is_joined(tag, index + 2)) {
        token = moor_tag_at(tag, ++index);
    }
    return (size_t)token->start + token->len;
}

bool moor_tag_find_version(struct moor_tag_version *out, struct moor_slice tag)
{
    /* As in tag.c: moor_tag_read() sets all that is read. */
    __attribute__((uninitialized)) struct moor_tag_reading reading;
    *out = (struct moor_tag_version){0};
    if (!moor_tag_read(&reading, tag)) {
        return false;
    }
    for (size_t i = 0; i < reading.tokens.count; i++) {
        const struct moor_tag_token *number = moor_tag_at(&reading, i);
        if (is_free_number(&reading, i) && number->parts > out->parts) {
            out->before = moor_slice_sub(tag, 0, (size_t)number->start + number->len);
            out->after = moor_slice_sub(tag, skip_open_parts(&reading, i), tag.len);
            out->parts = number->parts;
        }
    }
    return out->parts > 0;
}

/* Returns whether the token is of a variant: a system, a runtime, or a smaller image. */
static bool is_of_variant(const struct moor_tag_reading *tag, size_t index)
{
    const unsigned variants =
        MOOR_WORD_SYSTEM | MOOR_WORD_CODENAME | MOOR_WORD_RUNTIME | MOOR_WORD_MACHINE;
    const unsigned moving = MOOR_WORD_CHANNEL | MOOR_WORD_STAGE | MOOR_WORD_TRUNK;
    const struct moor_tag_token *token = moor_tag_at(tag, index);
    return token->kind == MOOR_TAG_NUMBER
               ? !moor_tag_has_number(tag, index)
               : ((token->groups & variants) != 0 && (token->groups & moving) == 0) ||
                     moor_tag_has_word(tag, index, "slim");
}

bool moor_tag_find_variant(struct moor_slice *out, struct moor_slice tag)
{
    __attribute__((uninitialized)) struct moor_tag_reading reading;
    *out = (struct moor_slice){0};
    if (!moor_tag_read(&reading, tag)) {
        return false;
    }
    size_t first = (moor_tag_at(&reading, 0)->groups & MOOR_WORD_CHANNEL) != 0 ? 1 : 0;
    for (size_t i = first; i < reading.tokens.count; i++) {
        if (!is_of_variant(&reading, i)) {
            return false;
        }
    }
    if (first < reading.tokens.count) {
        *out = moor_slice_sub(tag, moor_tag_at(&reading, first)->start, tag.len);
    }
    return true;
}
