/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#define FIRST_CHUNK ((size_t)16 * 1024)
#define ALIGNMENT   alignof(max_align_t)

struct moor_arena_chunk {
    struct moor_arena_chunk *older; /* the chunk before this one; NULL for the first */
    size_t size;                    /* capacity of `bytes` */
    size_t used;                    /* bytes that pieces occupy */
    alignas(max_align_t) unsigned char bytes[];
};

void moor_arena_init(struct moor_arena *arena, size_t max)
{
    *arena = (struct moor_arena){.max = max};
}

void moor_arena_release(struct moor_arena *arena)
{
    struct moor_arena_chunk *chunk = arena->newest;
    while (chunk != NULL) {
        struct moor_arena_chunk *older = chunk->older;
        free(chunk);
        chunk = older;
    }
    moor_arena_init(arena, arena->max);
}

/*
 * Only the first chunk is kept: it is enough for most requests, and an idle thread should not hold
 * the memory of its largest one.
 */
void moor_arena_reset(struct moor_arena *arena)
{
    struct moor_arena_chunk *chunk = arena->newest;
    while (chunk != NULL && chunk->older != NULL) {
        struct moor_arena_chunk *older = chunk->older;
        arena->total -= chunk->size;
        free(chunk);
        chunk = older;
    }
    arena->newest = chunk;
    if (chunk != NULL) {
        chunk->used = 0;
    }
}

/*
 * Chunks double in size, so that a large request needs few of them.  The last chunk takes what the
 * maximum leaves, which allows a request to use its whole budget.
 */
static bool add_chunk(struct moor_arena *arena, size_t least)
{
    size_t room = arena->max - arena->total;
    if (least > room) {
        arena->is_full = true;
        return false;
    }
    size_t size = arena->newest == NULL ? FIRST_CHUNK : arena->newest->size * 2;
    size = size < least ? least : size;
    size = size > room ? room : size;
    if (size > PTRDIFF_MAX - sizeof(struct moor_arena_chunk)) {
        return false;
    }
    struct moor_arena_chunk *chunk = malloc(sizeof *chunk + size);
    if (chunk == NULL) {
        return false;
    }
    chunk->older = arena->newest;
    chunk->size = size;
    chunk->used = 0;
    arena->newest = chunk;
    arena->total += size;
    return true;
}

void *moor_arena_alloc(struct moor_arena *arena, size_t size)
{
    if (size > SIZE_MAX - ALIGNMENT) {
        return NULL;
    }
    size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct moor_arena_chunk *chunk = arena->newest;
    if (chunk == NULL || rounded > chunk->size - chunk->used) {
        if (!add_chunk(arena, rounded)) {
            return NULL;
        }
        chunk = arena->newest;
    }
    unsigned char *piece = chunk->bytes + chunk->used;
    chunk->used += rounded;
    /* A reset keeps the first chunk with the data of the previous request in it. */
    memset(piece, 0, rounded);
    return piece;
}

bool moor_arena_charge(struct moor_arena *arena, size_t bytes, size_t max)
{
    if (arena->charged > max || bytes > max - arena->charged) {
        return false;
    }
    arena->charged += bytes;
    return true;
}

size_t moor_arena_left(const struct moor_arena *arena)
{
    const struct moor_arena_chunk *newest = arena->newest;
    return arena->max - arena->total + (newest != NULL ? newest->size - newest->used : 0);
}

int moor_arena_copy(struct moor_arena *arena, struct moor_slice *out, struct moor_slice text,
                    struct moor_error *err)
{
    char *copy = moor_arena_alloc(arena, text.len);
    if (copy == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for a text of %zu bytes",
                              text.len);
    }
    if (text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    *out = (struct moor_slice){copy, text.len};
    return 0;
}

/* The multiplication is checked, because counts come from input. */
static void *alloc_items(struct moor_arena *arena, size_t count, size_t size)
{
    return size == 0 || count > SIZE_MAX / size ? NULL : moor_arena_alloc(arena, count * size);
}

void *moor_arena_grow(struct moor_arena *arena, void *items, size_t count, size_t *cap,
                      size_t wanted, size_t size)
{
    if (wanted <= *cap) {
        return items;
    }
    size_t grown_cap = *cap == 0 ? 8 : *cap > SIZE_MAX / 2 ? SIZE_MAX : *cap * 2;
    grown_cap = grown_cap < wanted ? wanted : grown_cap;
    void *grown = alloc_items(arena, grown_cap, size);
    /* Near the maximum, the exact size may still fit where twice the size does not. */
    if (grown == NULL) {
        grown_cap = wanted;
        grown = alloc_items(arena, grown_cap, size);
    }
    if (grown == NULL) {
        return NULL;
    }
    if (count > 0) {
        memcpy(grown, items, count * size);
    }
    *cap = grown_cap;
    return grown;
}
