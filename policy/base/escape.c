/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/base/escape.h"

#include "policy/base/simd.h"
#include "policy/base/utf8.h"

/* Returns the first byte that is not printable ASCII, or `end`. */
static const char *find_unusual(const char *start, const char *end)
{
    const char *at = moor_simd_visible(start, end);
    while (at < end && (*at == '"' || *at == '\\')) {
        at = moor_simd_visible(at + 1, end);
    }
    return at;
}

/* A last colon counts as a command, because the next text in the output may start with a colon. */
static bool is_command(const char *at, const char *behind)
{
    return at < behind && *at == ':' && (at + 1 == behind || at[1] == ':');
}

/* Unicode has blanks beyond ASCII, so every byte that is not visible ASCII ends a word. */
static bool is_word_start(struct moor_slice text, const char *at)
{
    return at == text.ptr || (unsigned char)at[-1] <= ' ' || (unsigned char)at[-1] >= 0x7f;
}

/*
 * Finds the first colon of a `::` that starts a word; returns `end` if there is none.  The range is
 * printable ASCII, so that a space is its only blank.
 */
static const char *find_colons(struct moor_slice text, const char *at, const char *end)
{
    const char *behind = text.ptr + text.len;
    if (is_word_start(text, at) && is_command(at, behind)) {
        return at;
    }
    while (at < end && (at = memchr(at, ' ', (size_t)(end - at))) != NULL) {
        at++;
        if (at < end && is_command(at, behind)) {
            return at;
        }
    }
    return end;
}

/* Finds the first `##[` and returns its bracket, whose escape breaks the command; else `end`. */
static const char *find_bracket(const char *at, const char *end)
{
    while (at < end && (at = memchr(at, '#', (size_t)(end - at))) != NULL) {
        if (end - at > 2 && at[1] == '#' && at[2] == '[') {
            return at + 2;
        }
        at++;
    }
    return end;
}

/* Returns the first byte to escape so that a runner does not see a command, or `end`. */
static const char *find_command(struct moor_slice text, const char *at, const char *end)
{
    const char *colons = find_colons(text, at, end);
    const char *bracket = find_bracket(at, end);
    return colons < bracket ? colons : bracket;
}

static void append_bytes(struct moor_buf *out, const char *at, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        unsigned byte = (unsigned char)at[i];
        const char escape[] = {'\\', 'x', digits[byte >> 4], digits[byte & 15U]};
        moor_buf_append(out, (struct moor_slice){escape, sizeof escape});
    }
}

/* The range is printable ASCII: only commands need escapes in it. */
static void append_printable(struct moor_buf *out, struct moor_slice text, const char *at,
                             const char *end)
{
    while (at < end) {
        const char *command = find_command(text, at, end);
        moor_buf_append(out, (struct moor_slice){at, (size_t)(command - at)});
        if (command == end) {
            return;
        }
        append_bytes(out, command, 1);
        at = command + 1;
    }
}

static void append_whole(struct moor_buf *out, struct moor_slice text)
{
    const char *end = text.len > 0 ? text.ptr + text.len : text.ptr;
    for (const char *at = text.ptr; at < end;) {
        const char *unusual = find_unusual(at, end);
        append_printable(out, text, at, unusual);
        at = unusual;
        if (at == end) {
            break;
        }
        size_t len = moor_utf8_length(at, end);
        if (len == 0 || moor_utf8_is_hidden(moor_utf8_point(at, len))) {
            len = len == 0 ? 1 : len;
            append_bytes(out, at, len);
        } else {
            moor_buf_append(out, (struct moor_slice){at, len});
        }
        at += len;
    }
}

/* The cuts move to the boundaries of characters: half a character would be shown as escapes. */
void moor_escape_append(struct moor_buf *out, struct moor_slice text, size_t max_bytes)
{
    static const struct moor_slice gap = {"...", 3};
    if (text.len <= max_bytes) {
        append_whole(out, text);
        return;
    }
    size_t head = (max_bytes - gap.len) / 2;
    size_t tail = text.len - (max_bytes - gap.len - head);
    while (head > 0 && moor_utf8_continues(text.ptr[head])) {
        head--;
    }
    while (tail < text.len && moor_utf8_continues(text.ptr[tail])) {
        tail++;
    }
    append_whole(out, moor_slice_sub(text, 0, head));
    moor_buf_append(out, gap);
    append_whole(out, moor_slice_sub(text, tail, text.len));
}

/* Most texts are plain, and pass without a copy. */
static bool is_plain(struct moor_slice text)
{
    const char *end = text.len > 0 ? text.ptr + text.len : text.ptr;
    return text.len == 0 ||
           (find_unusual(text.ptr, end) == end && find_command(text, text.ptr, end) == end);
}

struct moor_slice moor_escaped(struct moor_buf *scratch, struct moor_slice text, size_t max_bytes)
{
    if (text.len <= max_bytes && is_plain(text)) {
        return text;
    }
    moor_buf_clear(scratch);
    moor_escape_append(scratch, text, max_bytes);
    return moor_buf_slice(scratch);
}
