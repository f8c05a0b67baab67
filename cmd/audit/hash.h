/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash - hashes texts of a log for tables, with a seed that the author of a log cannot know.
 *
 * Threads:  any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_CMD_AUDIT_HASH_H
#define MOOR_CMD_AUDIT_HASH_H

#include "policy/base/slice.h"

#include <stdint.h>

/* Returns a random seed; the order of outputs must not depend on it. */
uint64_t moor_hash_seed(void);

/* Returns the hash of `text`, which is never 0. */
uint64_t moor_hash(uint64_t seed, struct moor_slice text);

#endif
