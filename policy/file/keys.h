/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys - reads a YAML mapping into a record, as a table of its keys says.
 *
 * One engine walks the tree: every key is known, occurs once and has its type, what is required is
 * there, and lists are not empty.
 *
 * Threads:  pure, any thread.
 * Memory:   records are in the reader's arena and point into the tree.
 * Limits:   MOOR_KEYS_MAX keys in a table, MOOR_KEYS_MAX_ITEMS items in a list.
 */
#ifndef MOOR_POLICY_FILE_KEYS_H
#define MOOR_POLICY_FILE_KEYS_H

#include "policy/base/arena.h"
#include "policy/file/diagnostics.h"
#include "policy/file/key.h"

/*
 * Reads `node` and all below it into `record`, which is zeroed and of `table->size` bytes; what is
 * wrong goes to `reports`.  Returns -1 only where the arena is full.
 */
int moor_keys_read(void *record, const struct moor_key_table *table,
                   const struct moor_yaml_node *node, struct moor_diagnostics *diagnostics,
                   struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

#endif
