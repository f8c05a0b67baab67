/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/json/token.h"

#include "policy/json/grammar.h"

#define ESCAPE_MAX_BYTES 4 /* length in UTF-8 of the longest escape or surrogate pair */

/* RFC 3629; resolve_unicode() has excluded lone surrogates. */
static size_t encode_utf8(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

/* Resolves the escape whose `u` is at `*at`, or a surrogate pair; returns -1 if it is invalid. */
static int32_t resolve_unicode(const char **at, const char *end)
{
    int32_t unit = moor_json_hex4(*at + 1, end);
    if (unit < 0) {
        return -1;
    }
    *at += 5;
    if (unit < 0xD800 || unit > 0xDFFF) {
        return unit;
    }
    bool paired = unit < 0xDC00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u';
    int32_t low = paired ? moor_json_hex4(*at + 2, end) : -1;
    if (low < 0xDC00 || low > 0xDFFF) {
        return -1;
    }
    *at += 6;
    return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

/* `*at` is the byte after the backslash.  Returns the number of bytes in `out`; 0 if invalid. */
static size_t resolve(char *out, const char **at, const char *end)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    if (*at == end) {
        return 0;
    }
    if (**at == 'u') {
        int32_t code = resolve_unicode(at, end);
        return code < 0 ? 0 : encode_utf8(out, (uint32_t)code);
    }
    const char *letter = memchr(letters, **at, sizeof letters - 1);
    if (letter == NULL) {
        return 0;
    }
    (*at)++;
    out[0] = values[letter - letters];
    return 1;
}

/*
 * Returns the next part of a value: bytes of the token itself, or an escape resolved into
 * `scratch`.  Returns an empty part at the end, and for an invalid escape, which only a token that
 * no reader has checked can have.
 */
static struct moor_slice next_run(const char **at, const char *end, char *scratch)
{
    const char *start = *at;
    if (start < end && *start == '\\') {
        *at = start + 1;
        return (struct moor_slice){scratch, resolve(scratch, at, end)};
    }
    const char *backslash = start < end ? memchr(start, '\\', (size_t)(end - start)) : NULL;
    *at = backslash != NULL ? backslash : end;
    return (struct moor_slice){start, (size_t)(*at - start)};
}

/* Compares without a copy, because keys are compared often and almost never have escapes. */
bool moor_json_escaped_token_is(const struct moor_json_token *token, struct moor_slice text)
{
    const char *at = token->raw.ptr;
    const char *end = at + token->raw.len;
    char scratch[ESCAPE_MAX_BYTES];
    while (at < end) {
        struct moor_slice run = next_run(&at, end, scratch);
        if (run.len == 0 || !moor_slice_starts_with(text, run)) {
            return false;
        }
        text = moor_slice_sub(text, run.len, text.len);
    }
    return text.len == 0;
}

int moor_json_escaped_token_text(const struct moor_json_token *token, struct moor_arena *arena,
                                 struct moor_slice *out, struct moor_error *err)
{
    /* A resolved escape is never longer than the escape, so the raw length is enough. */
    char *copy = moor_arena_alloc(arena, token->raw.len);
    if (copy == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for a string of %zu bytes",
                              token->raw.len);
    }
    size_t len = 0;
    const char *at = token->raw.ptr;
    const char *end = at + token->raw.len;
    char scratch[ESCAPE_MAX_BYTES];
    while (at < end) {
        struct moor_slice run = next_run(&at, end, scratch);
        if (run.len == 0) {
            return moor_error_set(err, MOOR_ERROR_SYNTAX, "invalid escape in a string");
        }
        memcpy(copy + len, run.ptr, run.len);
        len += run.len;
    }
    *out = (struct moor_slice){copy, len};
    return 0;
}
