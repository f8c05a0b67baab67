/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena - memory for one request: allocated piece by piece, released all at once, with a maximum.
 *
 * Threads:  an arena belongs to one thread at a time.
 * Memory:   pieces are valid until moor_arena_reset() or moor_arena_release().  A reset keeps the
 *           first chunk, so that a small request calls no malloc().
 * Limits:   all chunks together never exceed `max` bytes.
 */
#ifndef MOOR_POLICY_BASE_ARENA_H
#define MOOR_POLICY_BASE_ARENA_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

struct moor_arena_chunk;

struct moor_arena {
    struct moor_arena_chunk *newest; /* the chunk that gives the next piece; NULL at first */
    size_t total;                    /* bytes of all chunks, total <= max */
    size_t max;                      /* limit of `total` in bytes */
    size_t charged;                  /* bytes that pieces own outside the arena */
    bool is_full;                    /* an allocation failed because of `max` */
};

/* Prepares an empty arena.  The first allocation allocates the first chunk. */
void moor_arena_init(struct moor_arena *arena, size_t max);

/* Frees all chunks.  The arena is empty afterwards and keeps its maximum. */
void moor_arena_release(struct moor_arena *arena);

/* Invalidates all pieces.  Keeps the first chunk and frees the others. */
void moor_arena_reset(struct moor_arena *arena);

/* Returns `size` zeroed bytes, aligned for any type; NULL if the maximum or memory is exhausted. */
void *moor_arena_alloc(struct moor_arena *arena, size_t size) MOOR_MUST_CHECK;

/*
 * Counts `bytes` of memory that pieces own outside the arena, such as a compiled pattern, until the
 * arena is released.  Returns false and counts nothing if the sum would exceed `max`.
 */
bool moor_arena_charge(struct moor_arena *arena, size_t bytes, size_t max) MOOR_MUST_CHECK;

/* Returns how many bytes are left; the largest piece may have about half of them. */
size_t moor_arena_left(const struct moor_arena *arena);

/* Copies `text` into the arena.  Returns -1 with MOOR_ERROR_MEMORY if there is no room. */
int moor_arena_copy(struct moor_arena *arena, struct moor_slice *out, struct moor_slice text,
                    struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Grows an array of `*cap` items of `size` bytes to at least `wanted` items and copies its first
 * `count` items.  The capacity doubles if the arena has room for that.  The old array remains in
 * the arena until the next reset.  Returns the array, or NULL with the old array and `*cap`
 * unchanged.
 */
void *moor_arena_grow(struct moor_arena *arena, void *items, size_t count, size_t *cap,
                      size_t wanted, size_t size) MOOR_MUST_CHECK;

#endif
