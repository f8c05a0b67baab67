/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf - a growable byte buffer with a maximum.
 *
 * An append reports no error.  The first append that exceeds the maximum or finds no memory marks
 * the buffer as failed, and all later appends are ignored.  A writer therefore appends without
 * checks and calls moor_buf_check() once, at the end.  A failed buffer keeps the bytes from before
 * the failure, so that a caller can still write a shorter answer.
 *
 * Threads:  a buffer belongs to one thread at a time.
 * Memory:   owns its bytes; moor_buf_release() frees them; moor_buf_clear() keeps them for reuse.
 * Limits:   never holds more than `max` bytes.
 */
#ifndef MOOR_POLICY_BASE_BUF_H
#define MOOR_POLICY_BASE_BUF_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdbool.h>
#include <stdint.h>

/* The number of digits of UINT64_MAX. */
#define MOOR_BUF_DIGITS_MAX 20

struct moor_buf {
    char *ptr;   /* NULL until the first append */
    size_t len;  /* bytes in use, len <= cap <= max */
    size_t cap;  /* bytes that fit without another allocation */
    size_t max;  /* limit in bytes */
    bool failed; /* an append was lost */
};

/* Prepares an empty buffer that holds at most `max` bytes.  Allocates nothing yet. */
void moor_buf_init(struct moor_buf *buf, size_t max);

/* Frees the bytes.  The buffer is empty afterwards and keeps its maximum. */
void moor_buf_release(struct moor_buf *buf);

/* Empties the buffer and clears a failure; keeps the memory. */
void moor_buf_clear(struct moor_buf *buf);

/*
 * Makes the buffer `len` bytes longer and returns a pointer to the new bytes, which the caller
 * fills.  Returns NULL if the buffer has failed.
 */
char *moor_buf_extend(struct moor_buf *buf, size_t len) MOOR_MUST_CHECK;

/* Appends the bytes, which must not belong to the buffer itself. */
void moor_buf_append(struct moor_buf *buf, struct moor_slice bytes);

/* Appends a NUL-terminated text without its terminator. */
static inline void moor_buf_append_text(struct moor_buf *buf, const char *text)
{
    moor_buf_append(buf, moor_slice_from(text));
}

/* Appends a single byte. */
static inline void moor_buf_append_byte(struct moor_buf *buf, char byte)
{
    moor_buf_append(buf, (struct moor_slice){&byte, 1});
}

/* Appends the decimal digits of `value`. */
void moor_buf_append_u64(struct moor_buf *buf, uint64_t value);

/* Writes the decimal digits of `value` into `room` and returns them; needs no buffer. */
struct moor_slice moor_buf_digits(char room[MOOR_BUF_DIGITS_MAX], uint64_t value);

/* Appends formatted text as printf() does. */
void moor_buf_printf(struct moor_buf *buf, const char *format, ...) MOOR_PRINTF(2, 3);

/* Shortens the buffer to `len` bytes, to undo later appends; never lengthens it. */
void moor_buf_truncate(struct moor_buf *buf, size_t len);

/* Returns the contents; the slice is valid until the next change of the buffer. */
static inline struct moor_slice moor_buf_slice(const struct moor_buf *buf)
{
    return (struct moor_slice){buf->ptr, buf->len};
}

/* Returns 0 if every append succeeded, else -1 with MOOR_ERROR_MEMORY. */
int moor_buf_check(const struct moor_buf *buf, struct moor_error *err) MOOR_MUST_CHECK;

#endif
