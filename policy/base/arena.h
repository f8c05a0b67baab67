/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena - memory for one request: taken piece by piece, given back all at once, with a maximum.
 *
 * Threads:  one arena, one thread at a time.
 * Memory:   pieces live until moor_arena_reset() or moor_arena_release(); reset keeps the first
 *           chunk, so that a small request costs no malloc at all.
 * Limits:   never more than `max` bytes of chunks.
 */
#ifndef MOOR_POLICY_BASE_ARENA_H
#define MOOR_POLICY_BASE_ARENA_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

struct moor_arena_chunk;

struct moor_arena {
    struct moor_arena_chunk *newest; /* pieces come from this one */
    size_t total;                    /* bytes of all chunks, total <= max */
    size_t max;
    size_t charged; /* bytes that pieces own elsewhere */
    bool is_full;   /* a piece was refused because of `max` */
};

void moor_arena_init(struct moor_arena *arena, size_t max);
void moor_arena_release(struct moor_arena *arena);

/* Takes all pieces back.  Keeps the first chunk and frees the others. */
void moor_arena_reset(struct moor_arena *arena);

/* `size` bytes, zeroed and aligned for any type; NULL where the maximum or memory is reached. */
void *moor_arena_alloc(struct moor_arena *arena, size_t size) MOOR_MUST_CHECK;

/*
 * Counts `bytes` of memory that pieces own elsewhere, until the arena is released.  Returns false,
 * and counts nothing, if there would be more than `max`.
 */
bool moor_arena_charge(struct moor_arena *arena, size_t bytes, size_t max) MOOR_MUST_CHECK;

/* How many bytes can still be taken; the largest piece may have half of them. */
size_t moor_arena_left(const struct moor_arena *arena);

/* Copies `text` into the arena.  Returns -1 with MOOR_ERROR_MEMORY where there is no room. */
int moor_arena_copy(struct moor_arena *arena, struct moor_slice *out, struct moor_slice text,
                    struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Grows an array of `*cap` items of `size` bytes to at least `wanted`, doubling where there is room
 * for that, and moves its first `count` items.  The old array stays in the arena until reset.
 * Returns the array, or NULL with the old one and `*cap` untouched.
 */
void *moor_arena_grow(struct moor_arena *arena, void *items, size_t count, size_t *cap,
                      size_t wanted, size_t size) MOOR_MUST_CHECK;

#endif
