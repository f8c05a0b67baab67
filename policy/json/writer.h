/* SPDX-License-Identifier: Apache-2.0 */
/*
 * writer - writes JSON into a bounded buffer, in compact form or with line breaks.
 *
 * The writer adds the commas; the caller opens and closes levels and names members.  Strings may
 * come from any source.  Quotes, backslashes and characters that cannot be printed
 * (moor_utf8_is_hidden) are escaped.  Each byte that is not part of valid UTF-8 becomes U+FFFD.
 * The output is therefore always valid JSON.
 *
 * Threads:  a writer belongs to one thread at a time.
 * Memory:   appends to the caller's buffer; moor_buf_check() reports a full buffer.
 * Limits:   MOOR_JSON_WRITER_MAX_DEPTH open levels and one value.  More levels, a second value, an
 *           unnamed member and an unbalanced end are bugs of the caller and fail the buffer.
 */
#ifndef MOOR_POLICY_JSON_WRITER_H
#define MOOR_POLICY_JSON_WRITER_H

#include "policy/base/buf.h"
#include "policy/base/slice.h"

#include <stdint.h>

/* Maximum number of open levels; each of them has a bit in the words of the writer. */
#define MOOR_JSON_WRITER_MAX_DEPTH 32

/* The writer; initialize it with one of the functions below. */
struct moor_json_writer {
    struct moor_buf *out; /* the caller's buffer */
    uint32_t depth;       /* number of open levels */
    uint32_t lines;       /* number of outer levels with a line for each item; 0: all compact */
    /* Internal: a bit for each level; bit 0 is the level of the outermost value. */
    uint64_t has_items; /* the next item needs a comma */
    uint64_t is_object; /* the level is an object */
    bool after_key;     /* a member's name was written, and its value comes next */
};

/* Starts a compact value after the current contents of `out`. */
void moor_json_writer_init(struct moor_json_writer *writer, struct moor_buf *out);

/* Starts a value whose `lines` outer levels have a line for each item; inner ones are compact. */
void moor_json_writer_init_lines(struct moor_json_writer *writer, struct moor_buf *out,
                                 uint32_t lines);

/* Open and close a level. */
void moor_json_object_begin(struct moor_json_writer *writer);
void moor_json_object_end(struct moor_json_writer *writer);
void moor_json_array_begin(struct moor_json_writer *writer);
void moor_json_array_end(struct moor_json_writer *writer);

/* Writes a member's name that needs no escape, such as a literal of the program. */
void moor_json_key_slice(struct moor_json_writer *writer, struct moor_slice name);

/* Writes a member's name, given as a NUL-terminated text. */
static inline void moor_json_key(struct moor_json_writer *writer, const char *name)
{
    moor_json_key_slice(writer, moor_slice_from(name));
}

/* Writes a member's name that may be any text, and escapes it. */
void moor_json_key_any(struct moor_json_writer *writer, struct moor_slice name);

/* Writes a string and escapes it. */
void moor_json_string(struct moor_json_writer *writer, struct moor_slice text);

/* Writes a string, given as a NUL-terminated text. */
static inline void moor_json_text(struct moor_json_writer *writer, const char *text)
{
    moor_json_string(writer, moor_slice_from(text));
}

/* Write a boolean and a number. */
void moor_json_bool(struct moor_json_writer *writer, bool value);
void moor_json_u64(struct moor_json_writer *writer, uint64_t value);

/* Writes bytes that are a valid JSON value already, such as a raw token with its quotes. */
void moor_json_raw(struct moor_json_writer *writer, struct moor_slice json);

/* Write a member: its name, which needs no escape, and its value. */
void moor_json_member_slice(struct moor_json_writer *writer, struct moor_slice name,
                            struct moor_slice text);

/* The name as a NUL-terminated text, the value as a slice. */
static inline void moor_json_member_string(struct moor_json_writer *writer, const char *name,
                                           struct moor_slice text)
{
    moor_json_member_slice(writer, moor_slice_from(name), text);
}

/* Name and value as NUL-terminated texts. */
static inline void moor_json_member_text(struct moor_json_writer *writer, const char *name,
                                         const char *text)
{
    moor_json_member_slice(writer, moor_slice_from(name), moor_slice_from(text));
}

/* A member with a boolean. */
static inline void moor_json_member_bool(struct moor_json_writer *writer, const char *name,
                                         bool value)
{
    moor_json_key(writer, name);
    moor_json_bool(writer, value);
}

/* A member with a number. */
static inline void moor_json_member_u64(struct moor_json_writer *writer, const char *name,
                                        uint64_t value)
{
    moor_json_key(writer, name);
    moor_json_u64(writer, value);
}

#endif
