/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glob_index - finds the globs that match a text without trying each of them.
 *
 * A glob with four plain bytes in a row can match only texts that contain these bytes.  Often their
 * offset is known too: a literal or prefix has them at an offset from the start, a suffix at an
 * offset from the end.  The index looks up each four bytes of the text.  It tries a glob only if
 * the whole run of plain bytes around the four is in the text.  If a glob has several candidates,
 * the four bytes with the fewest other globs are used.  Globs without four plain bytes, and all
 * globs of a short list, are always tried.
 *
 * Threads:  built once; many threads may search it at once, each with its own matcher.
 * Memory:   the index is in the caller's arena and borrows the globs.
 * Limits:   MOOR_GLOB_INDEX_MAX globs.  A search takes a few steps for each byte of the text, and
 *           the steps of the globs that are tried, each of them at most once.
 */
#ifndef MOOR_POLICY_BASE_GLOB_INDEX_H
#define MOOR_POLICY_BASE_GLOB_INDEX_H

#include "policy/base/arena.h"
#include "policy/base/glob.h"

/* Maximum number of globs: more than those of the largest policy and the built-in ones. */
#define MOOR_GLOB_INDEX_MAX 4352

/* A glob of the index, with the data that a search returns. */
struct moor_glob_item {
    const struct moor_glob *glob;
    uint32_t rank;   /* ascending over the items; a search can ask for the lowest */
    uint32_t number; /* free for the caller's use */
};

/* Where the four bytes of a glob occur in a text that it matches. */
enum moor_glob_anchor {
    MOOR_GLOB_ANYWHERE,
    MOOR_GLOB_FROM_START, /* `offset` bytes from the beginning */
    MOOR_GLOB_FROM_END    /* `offset` bytes before the end */
};

/* A glob under the four bytes by which it is found. */
struct moor_glob_entry {
    uint32_t item;   /* index of the item */
    uint16_t offset; /* distance from the start or end, by `anchor` */
    uint16_t run;    /* offset in the glob of the run of plain bytes around the four */
    uint16_t len;    /* length of the run */
    uint16_t before; /* bytes of the run before the four */
    uint8_t anchor;  /* enum moor_glob_anchor */
};

/* The entries of four bytes; a slot with a count of 0 is free. */
struct moor_glob_slot {
    uint32_t bytes; /* the four bytes, as they are in memory */
    uint32_t first; /* index of the first entry */
    uint32_t count; /* number of entries */
};

/* The index; its members are internal. */
struct moor_glob_index {
    const struct moor_glob_item *items;
    size_t count;
    struct moor_glob_slot *slots;    /* hash table; NULL if all globs are always tried */
    size_t mask;                     /* number of slots, a power of two, minus 1 */
    struct moor_glob_entry *entries; /* entries of the same slot are adjacent */
    uint32_t *loose;                 /* items that are always tried, in order of their rank */
    size_t loose_count;
};

/*
 * Builds the index over `count` items, which it borrows.  Returns -1 if the arena is full or the
 * items exceed MOOR_GLOB_INDEX_MAX.
 */
int moor_glob_index_init(struct moor_glob_index *out, const struct moor_glob_item *items,
                         size_t count, struct moor_arena *arena,
                         struct moor_error *err) MOOR_MUST_CHECK;

/* A search under way. */
struct moor_glob_search {
    const struct moor_glob_index *index;
    struct moor_slice text;
    struct moor_matcher *matcher;
    uint32_t below; /* limit of the rank, exclusive; the caller may lower it during the search */
    size_t at;      /* internal, as are the members below */
    size_t loose;
    const struct moor_glob_entry *entry;
    const struct moor_glob_entry *end;
    uint64_t tried[MOOR_GLOB_INDEX_MAX / 64];
};

/* Starts a search for the items with a rank under `below` whose glob matches the whole `text`. */
void moor_glob_search_init(struct moor_glob_search *out, const struct moor_glob_index *index,
                           struct moor_slice text, uint32_t below, struct moor_matcher *matcher);

/* Returns the next item, in no order; NULL after the last, or if the matcher is exhausted. */
const struct moor_glob_item *moor_glob_search_next(struct moor_glob_search *search);

/* Returns the lowest rank of the items whose glob matches `text`; UINT32_MAX if none does. */
uint32_t moor_glob_index_lowest(const struct moor_glob_index *index, struct moor_slice text,
                                struct moor_matcher *matcher);

/*
 * Estimates the steps of the costliest search for a text of `len` bytes.  The sum has the lookups,
 * each glob that is always tried, and each glob whose bytes may be anywhere.  For each offset it
 * has the costliest set of globs under the same four bytes.
 */
uint64_t moor_glob_index_cost(const struct moor_glob_index *index, size_t len);

#endif
