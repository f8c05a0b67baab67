/* SPDX-License-Identifier: Apache-2.0 */
/*
 * values - reads the values of a mapping's keys, a type each: the half of the engine in keys.h that
 * knows what a text, a flag or a list is.
 *
 * Threads:  one reader, one thread at a time.
 * Memory:   everything is in the reader's arena or points into the tree.
 */
#ifndef MOOR_POLICY_FILE_VALUES_H
#define MOOR_POLICY_FILE_VALUES_H

#include "policy/file/diagnostics.h"
#include "policy/file/key.h"
#include "policy/file/quote.h"

/* A mapping that is still to be read: a queue instead of recursion over what the file holds. */
struct moor_key_task {
    struct moor_key_task *next;
    const struct moor_yaml_node *node;
    const struct moor_key_table *table;
    void *record;
};

struct moor_key_reader {
    struct moor_arena *arena;
    struct moor_diagnostics *diagnostics;
    struct moor_error *err;
    struct moor_key_task *first;
    struct moor_key_task **last; /* where the next task is hung */
};

/* Puts a mapping into the queue.  Returns -1 where the arena is full. */
int moor_values_push(struct moor_key_reader *reader, const struct moor_yaml_node *node,
                     const struct moor_key_table *table, void *record) MOOR_MUST_CHECK;

/*
 * Reads the value of `key` into `field`, or reports what is wrong with it and leaves the field as
 * it is.  Returns -1 only where the arena is full.
 */
int moor_values_read(struct moor_key_reader *reader, const struct moor_key *key,
                     const struct moor_yaml_node *value, void *field) MOOR_MUST_CHECK;

/* What stands there instead of what is wanted, for reports: "a list", "nothing", "'text'". */
struct moor_description {
    char text[sizeof(struct moor_quoted) + 2];
};

struct moor_description moor_values_describe(const struct moor_yaml_node *node);

/* Words with commas between, for reports; what does not fit is left out. */
struct moor_words {
    char text[192];
    size_t len;
};

void moor_words_add(struct moor_words *words, const char *word);

#endif
