/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glob_index - finds which of many globs match a text without trying each.
 *
 * A glob that has four plain bytes in a row can match only a text that has them too, often in a
 * known place: a literal and a prefix at their offset from the beginning, a suffix at its offset
 * from the end.  The index looks up each four bytes of the text and tries the globs that are found
 * under them, if all plain bytes in a row that those four are part of are there.  Of the four bytes
 * in a row that a glob has, those that the fewest other globs are found under are taken.  Globs
 * without such bytes, and all globs of a short list, are always tried.
 *
 * Threads:  built once; searched by any number of threads, each with a matcher.
 * Memory:   the index is in the caller's arena and borrows the globs.
 * Limits:   MOOR_GLOB_INDEX_MAX globs.  A search takes a step for each byte of the text, and what
 *           the globs take that are tried; each is tried once at most.
 */
#ifndef MOOR_POLICY_BASE_GLOB_INDEX_H
#define MOOR_POLICY_BASE_GLOB_INDEX_H

#include "policy/base/arena.h"
#include "policy/base/glob.h"

/* More than the globs of a policy and those that are built in. */
#define MOOR_GLOB_INDEX_MAX 4352

struct moor_glob_item {
    const struct moor_glob *glob;
    uint32_t rank;   /* for searches that want the lowest; items are in order of it */
    uint32_t number; /* the caller's */
};

/* Where in a text the four bytes of a glob are. */
enum moor_glob_anchor {
    MOOR_GLOB_ANYWHERE,
    MOOR_GLOB_FROM_START, /* `offset` bytes from the beginning */
    MOOR_GLOB_FROM_END    /* `offset` bytes before the end */
};

struct moor_glob_entry {
    uint32_t item;
    uint16_t offset;
    uint16_t run; /* where the plain bytes in a row begin in the glob that the four are part of */
    uint16_t len; /* how many those are */
    uint16_t before; /* how many of them are before the four */
    uint8_t anchor;  /* enum moor_glob_anchor */
};

/* The entries under four bytes; none: the slot is free. */
struct moor_glob_slot {
    uint32_t bytes;
    uint32_t first;
    uint32_t count;
};

struct moor_glob_index {
    const struct moor_glob_item *items;
    size_t count;
    struct moor_glob_slot *slots; /* a hash table; NULL where all globs are always tried */
    size_t mask;                  /* of its size, which is a power of two */
    struct moor_glob_entry *entries;
    uint32_t *loose; /* the items that are always tried, in order of their rank */
    size_t loose_count;
};

/* Builds the index over `items`, which it borrows.  Returns -1 where the arena is full. */
int moor_glob_index_init(struct moor_glob_index *out, const struct moor_glob_item *items,
                         size_t count, struct moor_arena *arena,
                         struct moor_error *err) MOOR_MUST_CHECK;

struct moor_glob_search {
    const struct moor_glob_index *index;
    struct moor_slice text;
    struct moor_matcher *matcher;
    uint32_t below; /* items of this rank and above are passed over; may be lowered on the way */
    size_t at;      /* internal, and those below */
    size_t loose;
    const struct moor_glob_entry *entry;
    const struct moor_glob_entry *end;
    uint64_t tried[MOOR_GLOB_INDEX_MAX / 64];
};

/* Begins a search for the items of a rank below `below` whose glob matches the whole of `text`. */
void moor_glob_search_init(struct moor_glob_search *out, const struct moor_glob_index *index,
                           struct moor_slice text, uint32_t below, struct moor_matcher *matcher);

/* The next item, in no order; NULL behind the last, and where the matcher is exhausted. */
const struct moor_glob_item *moor_glob_search_next(struct moor_glob_search *search);

/* The lowest rank of the items whose glob matches `text`; UINT32_MAX where there is none. */
uint32_t moor_glob_index_lowest(const struct moor_glob_index *index, struct moor_slice text,
                                struct moor_matcher *matcher);

/*
 * An estimate of the steps of the costliest search for a text of `len` bytes: the lookups, each
 * glob that is always tried or whose bytes may be anywhere once over the text, and for each offset
 * the globs under the four bytes that most are found under.
 */
uint64_t moor_glob_index_cost(const struct moor_glob_index *index, size_t len);

#endif
