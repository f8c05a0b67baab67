/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/dockerfile/words.h"

#include "cmd/input/dockerfile/space.h"

#include <ctype.h>
#include <stdint.h>
#include <strings.h>

/* The digits of a number that fits, as in Go, in 64 bits. */
#define MOST_DIGITS 18

bool moor_dockerfile_is_word(struct moor_slice word, const char *text)
{
    return word.len == strlen(text) && strncasecmp(word.ptr, text, word.len) == 0;
}

struct moor_slice moor_dockerfile_take_word(struct moor_slice *rest)
{
    size_t start = 0;
    size_t len = 0;
    while (start < rest->len && moor_dockerfile_is_blank(rest->ptr[start])) {
        start++;
    }
    *rest = moor_slice_sub(*rest, start, rest->len);
    while (len < rest->len && !moor_dockerfile_is_blank(rest->ptr[len])) {
        len++;
    }
    struct moor_slice word = moor_slice_sub(*rest, 0, len);
    *rest = moor_slice_sub(*rest, len, rest->len);
    return word;
}

/*
 * A single quote protects an escape too, and an escape protects any other byte, so that the end of
 * the word is found without expanding it.
 */
struct moor_slice moor_dockerfile_take_quoted_word(struct moor_slice *rest, char escape)
{
    char quote = '\0';
    size_t at = 0;
    *rest = moor_dockerfile_trim(*rest);
    for (; at < rest->len; at++) {
        char byte = rest->ptr[at];
        if (quote == '\0' && moor_dockerfile_space(*rest, at) > 0) {
            break;
        }
        if (byte == escape && quote != '\'') {
            at++;
        } else if (quote != '\0' ? byte == quote : byte == '"' || byte == '\'') {
            quote = quote != '\0' ? '\0' : byte;
        }
    }
    /* An escape at the end of the line has nothing to protect. */
    size_t end = at > rest->len ? rest->len - 1 : at;
    struct moor_slice word = moor_slice_sub(*rest, 0, end);
    *rest = moor_slice_sub(*rest, at, rest->len);
    return word;
}

bool moor_dockerfile_has_template(struct moor_slice text)
{
    for (size_t i = 0; i + 1 < text.len; i++) {
        char byte = text.ptr[i];
        char next = text.ptr[i + 1];
        if ((byte == '{' && (next == '{' || next == '%')) || (byte == '<' && next == '%')) {
            return true;
        }
    }
    return false;
}

bool moor_dockerfile_read_number(size_t *out, struct moor_slice text)
{
    size_t at = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+') ? 1 : 0;
    bool is_number = at < text.len && text.len <= at + MOST_DIGITS;
    *out = 0;
    for (size_t i = at; is_number && i < text.len; i++) {
        is_number = isdigit((unsigned char)text.ptr[i]);
        *out = *out * 10 + (size_t)(text.ptr[i] - '0');
    }
    *out = at == 1 && text.ptr[0] == '-' && *out > 0 ? SIZE_MAX : *out;
    return is_number;
}

/* A stricter name would make a valid stage an image; a looser one would hide an image. */
bool moor_dockerfile_is_stage_name(struct moor_slice name)
{
    bool is_valid = name.len > 0 && isalpha((unsigned char)name.ptr[0]);
    for (size_t i = 0; is_valid && i < name.len; i++) {
        is_valid = isalnum((unsigned char)name.ptr[i]) ||
                   (name.ptr[i] != '\0' && strchr("-_.", name.ptr[i]) != NULL);
    }
    return is_valid;
}
