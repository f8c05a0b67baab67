/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slice - a borrowed run of bytes: pointer and length, no terminator.
 *
 * Everything that comes from outside is held as slices; a NUL byte is a byte like any other.  A
 * slice never owns what it points to: whoever made the bytes releases them, and says how long they
 * live.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_BASE_SLICE_H
#define MOOR_POLICY_BASE_SLICE_H

#include "policy/base/banned.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct moor_slice {
    const char *ptr; /* may be NULL only where len is 0 */
    size_t len;
};

/* A slice over a string literal. */
#define MOOR_SLICE(literal)    ((struct moor_slice){("" literal), sizeof(literal) - 1})

/* For "%.*s": the precision and the pointer of a slice of at most INT_MAX bytes. */
#define MOOR_SLICE_ARGS(slice) (int)(slice).len, ((slice).len > 0 ? (slice).ptr : "")

static inline struct moor_slice moor_slice_from(const char *text)
{
    return (struct moor_slice){text, text != NULL ? strlen(text) : 0};
}

static inline bool moor_slice_equal(struct moor_slice left, struct moor_slice right)
{
    if (left.len != right.len || left.len == 0) {
        return left.len == right.len;
    }
    /* Names that differ mostly do so in their first byte: that is not worth a call. */
    return left.ptr[0] == right.ptr[0] && memcmp(left.ptr, right.ptr, left.len) == 0;
}

/* Whether the slice is exactly this NUL-terminated text. */
static inline bool moor_slice_is(struct moor_slice slice, const char *text)
{
    return moor_slice_equal(slice, moor_slice_from(text));
}

static inline bool moor_slice_ends_with(struct moor_slice slice, struct moor_slice ending)
{
    return slice.len >= ending.len && (ending.len == 0 || memcmp(slice.ptr + slice.len - ending.len,
                                                                 ending.ptr, ending.len) == 0);
}

static inline bool moor_slice_starts_with(struct moor_slice slice, struct moor_slice prefix)
{
    return slice.len >= prefix.len &&
           (prefix.len == 0 || memcmp(slice.ptr, prefix.ptr, prefix.len) == 0);
}

/* The bytes from `from` up to, without, `to`; both are clamped to the slice. */
static inline struct moor_slice moor_slice_sub(struct moor_slice slice, size_t from, size_t to)
{
    size_t end = to < slice.len ? to : slice.len;
    size_t start = from < end ? from : end;
    return (struct moor_slice){slice.len > 0 ? slice.ptr + start : slice.ptr, end - start};
}

#endif
