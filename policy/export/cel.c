/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/export/cel.h"

#include "policy/base/utf8.h"
#include "policy/json/writer.h"

/* A manifest must be valid UTF-8, so a wrong byte becomes U+FFFD, which no name contains. */
#define REPLACEMENT 0xfffdU

static void append_byte(struct moor_buf *out, char byte, char quote)
{
    if (byte == quote || byte == '\\') {
        moor_buf_append_byte(out, '\\');
    }
    /* Everything else is escaped, so that hidden characters of a policy are visible in a review. */
    if (byte >= ' ' && byte <= '~') {
        moor_buf_append_byte(out, byte);
    } else {
        moor_buf_printf(out, "\\u%04x", (unsigned)(unsigned char)byte);
    }
}

static void append_quoted(struct moor_buf *out, struct moor_slice text, char quote)
{
    moor_buf_append_byte(out, quote);
    for (size_t at = 0; at < text.len;) {
        size_t len = moor_utf8_length(text.ptr + at, text.ptr + text.len);
        if (len == 1) {
            append_byte(out, text.ptr[at], quote);
        } else {
            /*
             * CEL has no surrogate pairs: `\U` with eight digits is for the characters above
             * U+FFFF.
             */
            uint32_t point = len > 0 ? moor_utf8_point(text.ptr + at, len) : REPLACEMENT;
            moor_buf_printf(out, point > 0xffff ? "\\U%08x" : "\\u%04x", (unsigned)point);
        }
        at += len > 0 ? len : 1;
    }
    moor_buf_append_byte(out, quote);
}

void moor_cel_string(struct moor_buf *out, struct moor_slice text)
{
    append_quoted(out, text, '\'');
}

void moor_cel_json_string(struct moor_buf *out, struct moor_slice text)
{
    append_quoted(out, text, '"');
}

void moor_cel_strings(struct moor_buf *out, const struct moor_slice *items, size_t count)
{
    moor_buf_append_byte(out, '[');
    for (size_t i = 0; i < count; i++) {
        moor_buf_append_text(out, i > 0 ? ", " : "");
        moor_cel_string(out, items[i]);
    }
    moor_buf_append_byte(out, ']');
}

void moor_cel_matches(struct moor_buf *out, const char *subject, struct moor_slice pattern)
{
    moor_buf_append_text(out, subject);
    moor_buf_append_text(out, ".matches(");
    moor_cel_string(out, pattern);
    moor_buf_append_byte(out, ')');
}

void moor_cel_block(struct moor_buf *out, struct moor_slice text, unsigned indent)
{
    /*
     * A block scalar needs no escapes of YAML on top of those of CEL, and keeps the lines of an
     * expression.
     */
    moor_buf_append_text(out, " |-\n");
    for (size_t at = 0; at < text.len;) {
        const char *end = memchr(text.ptr + at, '\n', text.len - at);
        size_t next = end != NULL ? (size_t)(end - text.ptr) : text.len;
        moor_buf_printf(out, "%*s", (int)indent, "");
        moor_buf_append(out, moor_slice_sub(text, at, next));
        moor_buf_append_byte(out, '\n');
        at = next + 1;
    }
}

/* A JSON string is also a double-quoted scalar of YAML. */
void moor_cel_yaml_string(struct moor_buf *out, struct moor_slice text)
{
    struct moor_json_writer json;
    moor_json_writer_init(&json, out);
    moor_json_string(&json, text);
}
