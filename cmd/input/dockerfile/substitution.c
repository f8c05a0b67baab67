/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/dockerfile/substitution.h"

#include <stdint.h>

#define MAX_BYTES MOOR_DOCKERFILE_PATTERN_MAX_BYTES

/* Tokens of a compiled pattern; other tokens are the byte that they match. */
enum {
    ANY_BYTE = 256, /* `?` */
    ANY_TEXT = 257  /* `*` */
};

/* A pattern as a list of tokens, and the value in the direction in which it is matched. */
struct matcher {
    uint16_t tokens[MAX_BYTES];
    size_t count;
    char value[MAX_BYTES];
    size_t len;
    bool is_longest;
};

static bool is_ascii(struct moor_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

/* A backslash escapes `*`, `?` and itself; before `}` and `/` it only kept them in the pattern. */
static int compile(struct matcher *out, struct moor_slice pattern, struct moor_error *err)
{
    for (size_t i = 0; i < pattern.len; i++) {
        char byte = pattern.ptr[i];
        if (byte != '\\') {
            out->tokens[out->count++] = byte == '*'   ? ANY_TEXT
                                        : byte == '?' ? ANY_BYTE
                                                      : (unsigned char)byte;
            continue;
        }
        byte = ++i < pattern.len ? pattern.ptr[i] : '\0';
        if (byte == '\0' || strchr("}/*?\\", byte) == NULL) {
            return moor_error_set(err, MOOR_ERROR_SYNTAX, "invalid escape in pattern '%.*s'",
                                  MOOR_SLICE_ARGS(pattern));
        }
        out->tokens[out->count++] = (unsigned char)byte;
    }
    return 0;
}

/* A suffix is the prefix of the reversed value for the reversed pattern. */
static void reverse(struct matcher *matcher)
{
    for (size_t i = 0; i < matcher->count / 2; i++) {
        uint16_t token = matcher->tokens[i];
        matcher->tokens[i] = matcher->tokens[matcher->count - 1 - i];
        matcher->tokens[matcher->count - 1 - i] = token;
    }
    for (size_t i = 0; i < matcher->len / 2; i++) {
        char byte = matcher->value[i];
        matcher->value[i] = matcher->value[matcher->len - 1 - i];
        matcher->value[matcher->len - 1 - i] = byte;
    }
}

/* Adds to the states those that `*` reaches without a byte. */
static void close_states(const struct matcher *matcher, bool *states)
{
    for (size_t i = 0; i < matcher->count; i++) {
        states[i + 1] = states[i + 1] || (states[i] && matcher->tokens[i] == ANY_TEXT);
    }
}

static void advance(const struct matcher *matcher, bool *states, char byte)
{
    for (size_t i = matcher->count + 1; i > 0; i--) {
        bool is_entered =
            i > 1 && states[i - 2] &&
            (matcher->tokens[i - 2] == ANY_BYTE || matcher->tokens[i - 2] == (unsigned char)byte);
        bool is_kept = i <= matcher->count && states[i - 1] && matcher->tokens[i - 1] == ANY_TEXT;
        states[i - 1] = is_entered || is_kept;
    }
    close_states(matcher, states);
}

/*
 * Returns the length of the match that begins at `start` in the value, or SIZE_MAX without one. All
 * states are followed at once, so that no pattern makes the time grow exponentially.
 */
static size_t match_at(const struct matcher *matcher, size_t start)
{
    bool states[MAX_BYTES + 1] = {true};
    size_t found = SIZE_MAX;
    close_states(matcher, states);
    for (size_t at = start; at <= matcher->len; at++) {
        if (at > start) {
            advance(matcher, states, matcher->value[at - 1]);
        }
        if (states[matcher->count]) {
            found = at - start;
        }
        if (found != SIZE_MAX && !matcher->is_longest) {
            break;
        }
    }
    return found;
}

/* Removes the match at the start of the value, which is its end for `%`. */
static void append_trimmed(struct moor_buf *out, const struct matcher *matcher,
                           struct moor_slice value, char sign)
{
    size_t len = match_at(matcher, 0);
    len = len == SIZE_MAX ? 0 : len;
    moor_buf_append(out, sign == '#' ? moor_slice_sub(value, len, value.len)
                                     : moor_slice_sub(value, 0, value.len - len));
}

/* Replaces the first match, or all.  As in Go, an empty match after a match is not replaced. */
static void append_replaced(struct moor_buf *out, const struct matcher *matcher,
                            struct moor_slice value,
                            const struct moor_dockerfile_substitution *substitution)
{
    bool is_done = false;
    bool is_behind_match = false;
    for (size_t at = 0; at <= value.len;) {
        size_t len = is_done ? SIZE_MAX : match_at(matcher, at);
        if (len != SIZE_MAX && (len > 0 || !is_behind_match)) {
            moor_buf_append(out, substitution->replacement);
            is_done = !substitution->is_doubled;
        }
        is_behind_match = len != SIZE_MAX && len > 0;
        if (is_behind_match) {
            at += len;
            continue;
        }
        moor_buf_append(out, moor_slice_sub(value, at, at + 1));
        at++;
    }
}

int moor_dockerfile_substitute(struct moor_buf *out, bool *is_known, struct moor_slice value,
                               const struct moor_dockerfile_substitution *substitution,
                               size_t *work, struct moor_error *err)
{
    struct moor_slice pattern = substitution->pattern;
    struct matcher matcher = {.is_longest = substitution->sign == '/' || substitution->is_doubled};
    /* Go expands `$1` in the replacement of every match, which no real file needs. */
    bool has_group = substitution->replacement.len > 0 &&
                     memchr(substitution->replacement.ptr, '$', substitution->replacement.len);
    if (value.len > MAX_BYTES || pattern.len > MAX_BYTES || !is_ascii(value) ||
        !is_ascii(pattern) || has_group) {
        *is_known = false;
        return 0;
    }
    size_t starts = substitution->sign == '/' ? value.len + 1 : 1;
    size_t cost = starts * (value.len + 1) * (pattern.len + 1);
    if (cost > *work) {
        return moor_error_set(err, MOOR_ERROR_LIMIT, "the variables take too much work to expand");
    }
    *work -= cost;
    if (compile(&matcher, pattern, err) != 0) {
        return -1;
    }
    matcher.len = value.len;
    memcpy(matcher.value, value.len > 0 ? value.ptr : "", value.len);
    if (substitution->sign == '/') {
        append_replaced(out, &matcher, value, substitution);
        return 0;
    }
    if (substitution->sign == '%') {
        reverse(&matcher);
    }
    append_trimmed(out, &matcher, value, substitution->sign);
    return 0;
}
