/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys - reads a YAML mapping into a record, following a table of its keys.
 *
 * The same code reads every mapping of the file: each key must be known, occur once and have its
 * type; required keys must be present, and lists must not be empty.
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
 * Reads `node` and everything below it into `record`, which has `table->size` zeroed bytes.  Adds
 * errors to `diagnostics`.  Returns -1 only if the arena is full.
 */
int moor_keys_read(void *record, const struct moor_key_table *table,
                   const struct moor_yaml_node *node, struct moor_diagnostics *diagnostics,
                   struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

#endif
