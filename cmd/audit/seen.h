/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seen - finds events that occur twice, as where rotated files overlap.
 *
 * Only the last events are remembered, by a hash of 64 bits.
 *
 * Threads:  one table, one thread at a time.
 * Memory:   8 MiB.
 * Limits:   MOOR_SEEN_EVENTS places; an event in a place that a later one took is not found.
 */
#ifndef MOOR_CMD_AUDIT_SEEN_H
#define MOOR_CMD_AUDIT_SEEN_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdbool.h>
#include <stdint.h>

#define MOOR_SEEN_EVENTS ((size_t)1 << 20)

/* The table. */
struct moor_seen {
    uint64_t *hashes;
    uint64_t seed;
};

/* Prepares an empty table.  Returns -1 if there is no memory. */
int moor_seen_init(struct moor_seen *out, struct moor_error *err) MOOR_MUST_CHECK;
void moor_seen_release(struct moor_seen *seen);

/* Returns whether the identifier occurred before, and remembers it.  An empty one never did. */
bool moor_seen_add(struct moor_seen *seen, struct moor_slice id);

#endif
