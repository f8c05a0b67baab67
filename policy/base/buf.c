/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define SMALLEST_CAPACITY 256

void moor_buf_init(struct moor_buf *buf, size_t max)
{
    *buf = (struct moor_buf){.max = max};
}

void moor_buf_release(struct moor_buf *buf)
{
    free(buf->ptr);
    moor_buf_init(buf, buf->max);
}

/* The memory is kept, because a buffer is usually filled again to a similar size. */
void moor_buf_clear(struct moor_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
}

/* The capacity doubles, so that many small appends cost linear time in total. */
static bool grow(struct moor_buf *buf, size_t more)
{
    if (buf->failed || more > buf->max - buf->len) {
        buf->failed = true;
        return false;
    }
    size_t wanted = buf->len + more;
    size_t cap = buf->cap < SMALLEST_CAPACITY ? SMALLEST_CAPACITY : buf->cap;
    while (cap < wanted) {
        cap = cap > buf->max / 2 ? wanted : cap * 2;
    }
    cap = cap > buf->max ? buf->max : cap;
    char *grown = cap < PTRDIFF_MAX ? realloc(buf->ptr, cap + 1) : NULL;
    if (grown == NULL) {
        buf->failed = true;
        return false;
    }
    buf->ptr = grown;
    buf->cap = cap;
    return true;
}

/* The fast path of an append is inlined.  grow() allocates a byte more for the NUL of vsnprintf().
 */
static inline bool reserve(struct moor_buf *buf, size_t more)
{
    bool has_room = buf->ptr != NULL && more <= buf->cap - buf->len && !buf->failed;
    return has_room || grow(buf, more);
}

char *moor_buf_extend(struct moor_buf *buf, size_t len)
{
    if (!reserve(buf, len)) {
        return NULL;
    }
    buf->len += len;
    return buf->ptr + buf->len - len;
}

void moor_buf_append(struct moor_buf *buf, struct moor_slice bytes)
{
    if (bytes.len > 0 && reserve(buf, bytes.len)) {
        memcpy(buf->ptr + buf->len, bytes.ptr, bytes.len);
        buf->len += bytes.len;
    }
}

/* Every line of the log has several numbers, and printf() costs more than these divisions. */
struct moor_slice moor_buf_digits(char room[MOOR_BUF_DIGITS_MAX], uint64_t value)
{
    size_t first = MOOR_BUF_DIGITS_MAX;
    do {
        room[--first] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return (struct moor_slice){room + first, MOOR_BUF_DIGITS_MAX - first};
}

void moor_buf_append_u64(struct moor_buf *buf, uint64_t value)
{
    char room[MOOR_BUF_DIGITS_MAX];
    moor_buf_append(buf, moor_buf_digits(room, value));
}

void moor_buf_printf(struct moor_buf *buf, const char *format, ...)
{
    /* Most texts fit into the free room, and are formatted only once. */
    size_t room = buf->ptr == NULL || buf->failed ? 0 : buf->cap - buf->len;
    va_list args;
    va_start(args, format);
    int wanted =
        vsnprintf(room > 0 ? buf->ptr + buf->len : NULL, room > 0 ? room + 1 : 0, format, args);
    va_end(args);
    if (wanted < 0 || !reserve(buf, (size_t)wanted)) {
        buf->failed = true;
        return;
    }
    if ((size_t)wanted <= room) {
        buf->len += (size_t)wanted;
        return;
    }
    va_start(args, format);
    (void)vsnprintf(buf->ptr + buf->len, (size_t)wanted + 1, format, args);
    va_end(args);
    buf->len += (size_t)wanted;
}

/* A failed buffer stays failed: what it lost may have been before the cut. */
void moor_buf_truncate(struct moor_buf *buf, size_t len)
{
    if (len < buf->len) {
        buf->len = len;
    }
}

int moor_buf_check(const struct moor_buf *buf, struct moor_error *err)
{
    if (buf->failed) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no room for more than %zu bytes", buf->max);
    }
    return 0;
}
