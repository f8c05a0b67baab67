/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_writer - writes JSON into a bounded buffer, compact or with lines.
 *
 * The writer sets the commas; the caller opens, closes and names.  Strings may come from anywhere:
 * quotes, backslashes and characters that cannot be printed (moor_utf8_is_hidden) are escaped, and
 * each byte that is not part of valid UTF-8 is written as U+FFFD, so that the output is always
 * valid JSON.
 *
 * Threads:  one writer, one thread at a time.
 * Memory:   appends to the caller's buffer; a full buffer shows in moor_buf_check().
 * Limits:   MOOR_JSON_WRITER_MAX_DEPTH open levels; one value.  Deeper, a value without a name in
 * an object, an end without its beginning, a second value are faults of the program and fail the
 * buffer.
 */
#ifndef MOOR_POLICY_JSON_WRITER_H
#define MOOR_POLICY_JSON_WRITER_H

#include "policy/base/buf.h"
#include "policy/base/slice.h"

#include <stdint.h>

#define MOOR_JSON_WRITER_MAX_DEPTH 32

struct moor_json_writer {
    struct moor_buf *out;
    uint32_t depth;
    uint32_t lines; /* the outer levels whose items have a line each; 0: all is compact */
    /* Internal: a bit for each level, the outermost value's in bit 0. */
    uint64_t has_items; /* a comma comes before the next item */
    uint64_t is_object;
    bool after_key;
};

/* Writes to `out`, behind what it holds. */
void moor_json_writer_init(struct moor_json_writer *writer, struct moor_buf *out);

/* The same, with a line for each item of the `lines` outer levels; deeper ones are compact. */
void moor_json_writer_init_lines(struct moor_json_writer *writer, struct moor_buf *out,
                                 uint32_t lines);

void moor_json_object_begin(struct moor_json_writer *writer);
void moor_json_object_end(struct moor_json_writer *writer);
void moor_json_array_begin(struct moor_json_writer *writer);
void moor_json_array_end(struct moor_json_writer *writer);

/* A member's name, in ASCII without anything to escape: a literal of the program. */
void moor_json_key_slice(struct moor_json_writer *writer, struct moor_slice name);

static inline void moor_json_key(struct moor_json_writer *writer, const char *name)
{
    moor_json_key_slice(writer, moor_slice_from(name));
}

/* A member's name that may be any text. */
void moor_json_key_any(struct moor_json_writer *writer, struct moor_slice name);

void moor_json_string(struct moor_json_writer *writer, struct moor_slice text);

static inline void moor_json_text(struct moor_json_writer *writer, const char *text)
{
    moor_json_string(writer, moor_slice_from(text));
}

void moor_json_bool(struct moor_json_writer *writer, bool value);
void moor_json_u64(struct moor_json_writer *writer, uint64_t value);

/* Bytes that are one JSON value already, such as a string token's raw bytes with its quotes. */
void moor_json_raw(struct moor_json_writer *writer, struct moor_slice json);

/* A member in one call. */
void moor_json_member_slice(struct moor_json_writer *writer, struct moor_slice name,
                            struct moor_slice text);

static inline void moor_json_member_string(struct moor_json_writer *writer, const char *name,
                                           struct moor_slice text)
{
    moor_json_member_slice(writer, moor_slice_from(name), text);
}

static inline void moor_json_member_text(struct moor_json_writer *writer, const char *name,
                                         const char *text)
{
    moor_json_member_slice(writer, moor_slice_from(name), moor_slice_from(text));
}

static inline void moor_json_member_bool(struct moor_json_writer *writer, const char *name,
                                         bool value)
{
    moor_json_key(writer, name);
    moor_json_bool(writer, value);
}

static inline void moor_json_member_u64(struct moor_json_writer *writer, const char *name,
                                        uint64_t value)
{
    moor_json_key(writer, name);
    moor_json_u64(writer, value);
}

#endif
