/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf - a growable run of bytes that must be given a maximum.
 *
 * Appending never fails at the call: the first append that does not fit, or finds no memory, marks
 * the buffer as failed, and every later one is ignored.  A writer appends throughout and asks once,
 * at the end.  A failed buffer keeps what it held before, so that a caller can still say something.
 *
 * Threads:  one buffer, one thread at a time.
 * Memory:   owns its bytes; moor_buf_release() gives them back; moor_buf_clear() keeps them.
 * Limits:   never more than `max` bytes.
 */
#ifndef MOOR_POLICY_BASE_BUF_H
#define MOOR_POLICY_BASE_BUF_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdbool.h>
#include <stdint.h>

#define MOOR_BUF_DIGITS_MAX 20

struct moor_buf {
    char *ptr;  /* NULL until something is appended */
    size_t len; /* bytes in use, len <= cap <= max */
    size_t cap;
    size_t max;
    bool failed; /* an append was lost */
};

/* An empty buffer that holds at most `max` bytes.  Allocates nothing yet. */
void moor_buf_init(struct moor_buf *buf, size_t max);

/* Gives the bytes back; the buffer is then as after moor_buf_init(). */
void moor_buf_release(struct moor_buf *buf);

/* Empties the buffer and forgets a failure; keeps the memory. */
void moor_buf_clear(struct moor_buf *buf);

/*
 * Makes the buffer `len` bytes longer, which the caller fills; returns the first of them, or NULL
 * where the append is lost.
 */
char *moor_buf_extend(struct moor_buf *buf, size_t len) MOOR_MUST_CHECK;

void moor_buf_append(struct moor_buf *buf, struct moor_slice bytes);

static inline void moor_buf_append_text(struct moor_buf *buf, const char *text)
{
    moor_buf_append(buf, moor_slice_from(text));
}

static inline void moor_buf_append_byte(struct moor_buf *buf, char byte)
{
    moor_buf_append(buf, (struct moor_slice){&byte, 1});
}

void moor_buf_append_u64(struct moor_buf *buf, uint64_t value);

/* The decimal digits of `value`, in `room`: for whoever needs them without a buffer. */
struct moor_slice moor_buf_digits(char room[MOOR_BUF_DIGITS_MAX], uint64_t value);

void moor_buf_printf(struct moor_buf *buf, const char *format, ...) MOOR_PRINTF(2, 3);

/* Cuts the buffer back to `len` bytes, for undoing what was appended since; never lengthens it. */
void moor_buf_truncate(struct moor_buf *buf, size_t len);

/* What the buffer holds; valid until the next change. */
static inline struct moor_slice moor_buf_slice(const struct moor_buf *buf)
{
    return (struct moor_slice){buf->ptr, buf->len};
}

/* 0 where every append was kept, else -1 with MOOR_ERROR_MEMORY. */
int moor_buf_check(const struct moor_buf *buf, struct moor_error *err) MOOR_MUST_CHECK;

#endif
