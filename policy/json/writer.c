/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/json/writer.h"

#include "policy/base/simd.h"
#include "policy/base/utf8.h"

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD in UTF-8 */

void moor_json_writer_init(struct moor_json_writer *writer, struct moor_buf *out)
{
    *writer = (struct moor_json_writer){.out = out};
}

void moor_json_writer_init_lines(struct moor_json_writer *writer, struct moor_buf *out,
                                 uint32_t lines)
{
    *writer = (struct moor_json_writer){.out = out, .lines = lines};
}

/* --- structure -------------------------------------------------------------------------------- */

static uint64_t level_bit(const struct moor_json_writer *writer)
{
    return UINT64_C(1) << writer->depth;
}

static bool is_in_object(const struct moor_json_writer *writer)
{
    return (writer->is_object & level_bit(writer)) != 0;
}

/* A bug of the caller must not produce output that looks like JSON and is not. */
static void fail(struct moor_json_writer *writer)
{
    writer->out->failed = true;
}

/* At depth 0 the subtraction wraps around, so that the outermost value gets no line break. */
static bool has_lines(const struct moor_json_writer *writer)
{
    return writer->depth - 1 < writer->lines;
}

static void new_line(struct moor_json_writer *writer, uint32_t depth)
{
    moor_buf_append_byte(writer->out, '\n');
    for (uint32_t i = 0; i < depth; i++) {
        moor_buf_append_text(writer->out, "  ");
    }
}

/* One bit for each level tells whether an item came before, so that the writer needs no stack. */
static void comma(struct moor_json_writer *writer)
{
    if ((writer->has_items & level_bit(writer)) != 0) {
        moor_buf_append_byte(writer->out, ',');
    }
    writer->has_items |= level_bit(writer);
    if (has_lines(writer)) {
        new_line(writer, writer->depth);
    }
}

/* A value follows its name without a comma, and an item of an array follows with one. */
static void before_value(struct moor_json_writer *writer)
{
    bool is_second_text = writer->depth == 0 && writer->has_items != 0;
    if (is_second_text || is_in_object(writer) != writer->after_key) {
        fail(writer);
    }
    if (!writer->after_key) {
        comma(writer);
    }
    writer->after_key = false;
}

static void begin(struct moor_json_writer *writer, char bracket, bool is_object)
{
    before_value(writer);
    if (writer->depth == MOOR_JSON_WRITER_MAX_DEPTH) {
        fail(writer);
        return;
    }
    moor_buf_append_byte(writer->out, bracket);
    writer->depth++;
    writer->has_items &= ~level_bit(writer);
    writer->is_object &= ~level_bit(writer);
    writer->is_object |= is_object ? level_bit(writer) : 0;
}

static void end(struct moor_json_writer *writer, char bracket, bool is_object)
{
    if (writer->depth == 0 || writer->after_key || is_in_object(writer) != is_object) {
        fail(writer);
        return;
    }
    if (has_lines(writer) && (writer->has_items & level_bit(writer)) != 0) {
        new_line(writer, writer->depth - 1);
    }
    moor_buf_append_byte(writer->out, bracket);
    writer->depth--;
}

void moor_json_object_begin(struct moor_json_writer *writer)
{
    begin(writer, '{', true);
}

void moor_json_object_end(struct moor_json_writer *writer)
{
    end(writer, '}', true);
}

void moor_json_array_begin(struct moor_json_writer *writer)
{
    begin(writer, '[', false);
}

void moor_json_array_end(struct moor_json_writer *writer)
{
    end(writer, ']', false);
}

/* --- strings ---------------------------------------------------------------------------------- */

static const char *short_escape(char byte)
{
    switch (byte) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        return NULL;
    }
}

/* Writes `\u202e`, or a surrogate pair for a code point above U+FFFF, as RFC 8259 requires. */
static void append_point(struct moor_buf *out, uint32_t point)
{
    if (point > 0xFFFF) {
        /* 0xD7C0 is 0xD800 minus 0x10000 >> 10, so that one addition gives the high surrogate. */
        moor_buf_printf(out, "\\u%04x", (unsigned)(0xD7C0 + (point >> 10)));
        point = 0xDC00 + (point & 0x3FF);
    }
    moor_buf_printf(out, "\\u%04x", (unsigned)point);
}

/* Writes the character at `at`, which needs an escape or is not ASCII.  Returns its length. */
static size_t append_special(struct moor_buf *out, const char *at, const char *end)
{
    const char *escape = short_escape(*at);
    size_t length = moor_utf8_length(at, end);
    if (escape != NULL) {
        moor_buf_append_text(out, escape);
        return length;
    }
    if (length == 0) {
        moor_buf_append_text(out, REPLACEMENT);
        return 1;
    }
    uint32_t point = moor_utf8_point(at, length);
    /* Valid in JSON as they are, but a viewer would not show them, or would reverse the text. */
    if (moor_utf8_is_hidden(point)) {
        append_point(out, point);
    } else {
        moor_buf_append(out, (struct moor_slice){at, length});
    }
    return length;
}

/* Most texts need no escape, and are copied with their quotes in one step. */
static bool is_plain(struct moor_slice text)
{
    return text.len == 0 || moor_simd_visible(text.ptr, text.ptr + text.len) == text.ptr + text.len;
}

/* Copies the text and returns the position after it. */
static char *put(char *at, struct moor_slice text)
{
    memcpy(at, text.len > 0 ? text.ptr : "", text.len);
    return at + text.len;
}

static void append_quoted(struct moor_buf *out, struct moor_slice text)
{
    const char *end = text.len > 0 ? text.ptr + text.len : text.ptr;
    moor_buf_append_byte(out, '"');
    for (const char *at = text.ptr; at < end;) {
        const char *special = moor_simd_visible(at, end);
        moor_buf_append(out, (struct moor_slice){at, (size_t)(special - at)});
        at = special < end ? special + append_special(out, special, end) : end;
    }
    moor_buf_append_byte(out, '"');
}

/* --- values ----------------------------------------------------------------------------------- */

/* A member outside an object, or a name after a name, is a bug of the caller. */
static void check_member(struct moor_json_writer *writer)
{
    if (!is_in_object(writer) || writer->after_key) {
        fail(writer);
    }
}

static void append_name(struct moor_json_writer *writer, struct moor_slice name)
{
    comma(writer);
    append_quoted(writer->out, name);
    moor_buf_append_text(writer->out, has_lines(writer) ? ": " : ":");
}

/*
 * Writes a name and reserves `more` bytes after it.  Returns where these bytes go, or NULL if the
 * buffer has failed.  One reservation for name and value is faster than an append for each part.
 */
static char *begin_member(struct moor_json_writer *writer, struct moor_slice name, size_t more)
{
    check_member(writer);
    if (has_lines(writer)) {
        append_name(writer, name);
        return moor_buf_extend(writer->out, more);
    }
    bool is_first = (writer->has_items & level_bit(writer)) == 0;
    writer->has_items |= level_bit(writer);
    char *at = moor_buf_extend(writer->out, (is_first ? 3 : 4) + name.len + more);
    if (at == NULL) {
        return NULL;
    }
    *at = ',';
    /* The quotation mark of a first member overwrites the comma. */
    at += is_first ? 0 : 1;
    *at = '"';
    at = put(at + 1, name);
    at[0] = '"';
    at[1] = ':';
    return at + 2;
}

void moor_json_key_slice(struct moor_json_writer *writer, struct moor_slice name)
{
    (void)begin_member(writer, name, 0);
    writer->after_key = true;
}

void moor_json_key_any(struct moor_json_writer *writer, struct moor_slice name)
{
    check_member(writer);
    append_name(writer, name);
    writer->after_key = true;
}

void moor_json_member_slice(struct moor_json_writer *writer, struct moor_slice name,
                            struct moor_slice text)
{
    if (!is_plain(text)) {
        moor_json_key_slice(writer, name);
        moor_json_string(writer, text);
        return;
    }
    char *at = begin_member(writer, name, text.len + 2);
    if (at != NULL) {
        *at = '"';
        *put(at + 1, text) = '"';
    }
}

void moor_json_string(struct moor_json_writer *writer, struct moor_slice text)
{
    before_value(writer);
    append_quoted(writer->out, text);
}

void moor_json_bool(struct moor_json_writer *writer, bool value)
{
    moor_json_raw(writer, value ? MOOR_SLICE("true") : MOOR_SLICE("false"));
}

void moor_json_u64(struct moor_json_writer *writer, uint64_t value)
{
    before_value(writer);
    moor_buf_append_u64(writer->out, value);
}

void moor_json_raw(struct moor_json_writer *writer, struct moor_slice json)
{
    before_value(writer);
    moor_buf_append(writer->out, json);
}
