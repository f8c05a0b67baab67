/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/report/reasons.h"

#include <stdint.h>

/*
 * The assembler embeds the page; the Makefile lists it as a dependency of this object.  The symbols
 * are global for the reason that policy/file/default.c explains.
 */
__asm__(".section .rodata\n"
        ".balign 8\n"
        ".globl moor_reasons_size, moor_reasons_text\n"
        "moor_reasons_size:\n"
        ".quad 1f - moor_reasons_text\n"
        "moor_reasons_text:\n"
        ".incbin \"policy/REASONS.md\"\n"
        "1: .byte 0\n"
        ".previous\n");

extern const uint64_t moor_reasons_size;
extern const char moor_reasons_text[];

/* Returns the offset of the next line at or after `at` that begins with `start`, or the length. */
static size_t find_line(struct moor_slice text, size_t at, struct moor_slice start)
{
    while (at < text.len && !moor_slice_starts_with(moor_slice_sub(text, at, text.len), start)) {
        const char *newline = memchr(text.ptr + at, '\n', text.len - at);
        at = newline != NULL ? (size_t)(newline - text.ptr) + 1 : text.len;
    }
    return at;
}

static struct moor_slice trim(struct moor_slice text)
{
    while (text.len > 0 && text.ptr[0] == '\n') {
        text = moor_slice_sub(text, 1, text.len);
    }
    while (text.len > 0 && text.ptr[text.len - 1] == '\n') {
        text.len--;
    }
    return text;
}

struct moor_slice moor_reason_find(const char *name)
{
    const struct moor_slice page = {moor_reasons_text, (size_t)moor_reasons_size};
    const struct moor_slice heading = MOOR_SLICE("## ");
    for (size_t at = find_line(page, 0, heading); at < page.len;) {
        size_t start = at + heading.len;
        const char *newline = memchr(page.ptr + start, '\n', page.len - start);
        size_t body = newline != NULL ? (size_t)(newline - page.ptr) : page.len;
        size_t next = find_line(page, body, heading);
        if (moor_slice_is(moor_slice_sub(page, start, body), name)) {
            /* A heading of the first level ends the last section of its chapter. */
            size_t chapter = find_line(page, body, MOOR_SLICE("# "));
            return trim(moor_slice_sub(page, body, chapter < next ? chapter : next));
        }
        at = next;
    }
    return (struct moor_slice){0};
}

/* The page wraps its lines; a line end inside a paragraph or an item is a blank. */
static bool is_wrapped(struct moor_slice text, size_t i)
{
    if (text.ptr[i] != '\n' || i == 0 || i + 1 == text.len) {
        return false;
    }
    char next = text.ptr[i + 1];
    return next != '\n' && next != '*' && text.ptr[i - 1] != '\n';
}

void moor_reason_append_plain(struct moor_buf *out, struct moor_slice markdown)
{
    bool is_indented = false; /* the indentation of a wrapped item follows */
    for (size_t i = 0; i < markdown.len; i++) {
        bool starts = is_wrapped(markdown, i);
        char byte = starts ? ' ' : markdown.ptr[i];
        bool is_skipped = byte == '`' || (is_indented && byte == ' ');
        if (!is_skipped) {
            moor_buf_append_byte(out, byte);
        }
        is_indented = starts || (is_indented && byte == ' ');
    }
}
