/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tally - counts things by name, each with its counters and the first and last time.
 *
 * A name is one text or several fields.  Beyond the limits, new names are counted together as
 * others, so that a log with millions of names costs bounded memory.
 *
 * Threads:  one tally, one thread at a time.
 * Memory:   names are copied into an arena; entries are in an array that grows.
 * Limits:   `max_names` names, `max_bytes` bytes of names, MOOR_TALLY_MAX_FIELD bytes of a field.
 */
#ifndef MOOR_CMD_AUDIT_TALLY_H
#define MOOR_CMD_AUDIT_TALLY_H

#include "policy/base/arena.h"
#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdbool.h>
#include <stdint.h>

#define MOOR_TALLY_COUNTERS  4
#define MOOR_TALLY_FIELDS    12
/* Fields are cut here; references of images have at most 4,096 bytes, and names 253. */
#define MOOR_TALLY_MAX_FIELD 1024

/* An entry: a name, and how often and when it occurred. */
struct moor_tally_entry {
    struct moor_slice *fields;
    size_t field_count;
    uint64_t hash;
    uint64_t rank; /* internal: the sum by which entries are sorted */
    uint64_t counts[MOOR_TALLY_COUNTERS];
    int64_t first; /* seconds since 1970 */
    int64_t last;
};

/* The tally. */
struct moor_tally {
    size_t field_count;
    size_t max_names;
    struct moor_tally_entry *entries;
    size_t count;
    uint64_t others[MOOR_TALLY_COUNTERS]; /* occurrences of names beyond the limits */
    /* Internal. */
    struct moor_arena arena;
    size_t room;
    uint32_t *slots; /* index + 1 by hash, or 0 */
    size_t mask;
    uint64_t seed;
};

/* Prepares a tally of names with `field_count` fields. */
void moor_tally_init(struct moor_tally *out, size_t field_count, size_t max_names,
                     size_t max_bytes);
void moor_tally_release(struct moor_tally *tally);

/*
 * Counts an occurrence of the name with these fields at `time` in `counter`.  Returns the entry,
 * which is valid until the next call, or NULL if it counted as others.
 */
struct moor_tally_entry *moor_tally_add(struct moor_tally *tally, const struct moor_slice *fields,
                                        size_t counter, int64_t time);

/* Sorts the entries by their first time, then by name.  No name can be added afterwards. */
void moor_tally_sort_by_time(struct moor_tally *tally);

/* Returns the sum of the entry's counters from `first` on. */
uint64_t moor_tally_sum(const struct moor_tally_entry *entry, size_t first);

/*
 * Sorts the entries by the sum of the counters from `first` on, largest first, then by name.  No
 * name can be added afterwards.
 */
void moor_tally_sort(struct moor_tally *tally, size_t first);

#endif
