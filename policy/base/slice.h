/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slice - a borrowed run of bytes: pointer and length, without a terminator.
 *
 * All input is held as slices, so that a NUL byte in it is a byte like any other.  A slice never
 * owns its bytes: the module that made the bytes releases them and documents how long they live.
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
    const char *ptr; /* may be NULL only if `len` is 0 */
    size_t len;      /* in bytes */
};

/* A slice over a string literal. */
#define MOOR_SLICE(literal)    ((struct moor_slice){("" literal), sizeof(literal) - 1})

/* The precision and the pointer for "%.*s"; the slice must not exceed INT_MAX bytes. */
#define MOOR_SLICE_ARGS(slice) (int)(slice).len, ((slice).len > 0 ? (slice).ptr : "")

/* Returns a slice over a NUL-terminated text; NULL gives an empty slice. */
static inline struct moor_slice moor_slice_from(const char *text)
{
    return (struct moor_slice){text, text != NULL ? strlen(text) : 0};
}

/* Returns whether both slices have the same bytes. */
static inline bool moor_slice_equal(struct moor_slice left, struct moor_slice right)
{
    if (left.len != right.len || left.len == 0) {
        return left.len == right.len;
    }
    /* Names usually differ in their first byte, which saves the call of memcmp(). */
    return left.ptr[0] == right.ptr[0] && memcmp(left.ptr, right.ptr, left.len) == 0;
}

/* Returns whether the slice equals this NUL-terminated text. */
static inline bool moor_slice_is(struct moor_slice slice, const char *text)
{
    return moor_slice_equal(slice, moor_slice_from(text));
}

/* Returns a number below, equal to or above 0, as memcmp() does; a prefix is less. */
static inline int moor_slice_compare(struct moor_slice left, struct moor_slice right)
{
    size_t len = left.len < right.len ? left.len : right.len;
    int order = len > 0 ? memcmp(left.ptr, right.ptr, len) : 0;
    if (order != 0 || left.len == right.len) {
        return order;
    }
    return left.len < right.len ? -1 : 1;
}

/* Returns whether the slice ends with these bytes; every slice ends with the empty one. */
static inline bool moor_slice_ends_with(struct moor_slice slice, struct moor_slice ending)
{
    return slice.len >= ending.len && (ending.len == 0 || memcmp(slice.ptr + slice.len - ending.len,
                                                                 ending.ptr, ending.len) == 0);
}

/* Returns whether the slice starts with these bytes. */
static inline bool moor_slice_starts_with(struct moor_slice slice, struct moor_slice prefix)
{
    return slice.len >= prefix.len &&
           (prefix.len == 0 || memcmp(slice.ptr, prefix.ptr, prefix.len) == 0);
}

/* Returns the bytes from `from` to `to` exclusive; both are clamped to the slice. */
static inline struct moor_slice moor_slice_sub(struct moor_slice slice, size_t from, size_t to)
{
    size_t end = to < slice.len ? to : slice.len;
    size_t start = from < end ? from : end;
    return (struct moor_slice){slice.len > 0 ? slice.ptr + start : slice.ptr, end - start};
}

#endif
