/* SPDX-License-Identifier: Apache-2.0 */
/*
 * texts - a set of texts, each of which is stored once, so that equal texts have equal pointers.
 *
 * The Pods of a cluster repeat the same references, digests, namespaces and nodes many times.
 *
 * Threads:  one set, one thread at a time.
 * Memory:   owns copies of the texts in an arena, which its user may use for other data too.
 * Limits:   the maximum of the arena.
 */
#ifndef MOOR_CMD_EVIDENCE_TEXTS_H
#define MOOR_CMD_EVIDENCE_TEXTS_H

#include "policy/base/arena.h"

/* A text of the set. */
struct moor_text {
    struct moor_text *next; /* in the same slot of the table */
    struct moor_slice text;
    const struct moor_text *platform; /* set by the user: platform of this node, or NULL */
};

/* A set of texts. */
struct moor_texts {
    struct moor_arena arena;
    struct moor_text **slots;
    size_t slot_count;
    size_t count;
};

/* Prepares an empty set, which takes at most `max` bytes.  Allocates nothing yet. */
void moor_texts_init(struct moor_texts *texts, size_t max);
void moor_texts_release(struct moor_texts *texts);

/* Returns the text of the set that equals `text`, which is added if missing.  NULL: no memory. */
struct moor_text *moor_texts_get(struct moor_texts *texts, struct moor_slice text) MOOR_MUST_CHECK;

#endif
