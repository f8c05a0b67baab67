/* SPDX-License-Identifier: Apache-2.0 */
/*
 * values - reads the values of keys by their type, for keys.h.
 *
 * This part knows what a text, a flag, a number or a list is; keys.c knows the tables.
 *
 * Threads:  a reader belongs to one thread at a time.
 * Memory:   everything is in the reader's arena or points into the tree.
 */
#ifndef MOOR_POLICY_FILE_VALUES_H
#define MOOR_POLICY_FILE_VALUES_H

#include "policy/file/diagnostics.h"
#include "policy/file/key.h"
#include "policy/file/quote.h"

/* A mapping that is not read yet; a queue of them avoids recursion over the input. */
struct moor_key_task {
    struct moor_key_task *next;
    const struct moor_yaml_node *node;
    const struct moor_key_table *table;
    void *record;
};

/* The state of reading a file. */
struct moor_key_reader {
    struct moor_arena *arena;
    struct moor_diagnostics *diagnostics;
    struct moor_error *err;
    struct moor_key_task *first; /* the queue */
    struct moor_key_task **last; /* where the next task is appended */
};

/* Appends a mapping to the queue.  Returns -1 if the arena is full. */
int moor_values_push(struct moor_key_reader *reader, const struct moor_yaml_node *node,
                     const struct moor_key_table *table, void *record) MOOR_MUST_CHECK;

/*
 * Reads the value of `key` into `field`.  If the value is wrong, reports an error and leaves the
 * field unchanged.  Returns -1 only if the arena is full.
 */
int moor_values_read(struct moor_key_reader *reader, const struct moor_key *key,
                     const struct moor_yaml_node *value, void *field) MOOR_MUST_CHECK;

/* A short description of a value for diagnostics: "a list", "null", "'text'". */
struct moor_description {
    char text[sizeof(struct moor_quoted) + 2];
};

/* Describes the node. */
struct moor_description moor_values_describe(const struct moor_yaml_node *node);

/* Words separated by commas, for diagnostics; words that do not fit are omitted. */
struct moor_words {
    char text[240]; /* in an error, other text must fit beside it */
    size_t len;
};

/* Appends a word.  If it does not fit, the list ends with `...`. */
void moor_words_add(struct moor_words *words, const char *word);

#endif
