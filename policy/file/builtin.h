/* SPDX-License-Identifier: Apache-2.0 */
/*
 * builtin - the built-in entries for repositories, in the language of the policy file.
 *
 * Threads:  constant text, any thread.
 * Memory:   the records are in the caller's arena.
 */
#ifndef MOOR_POLICY_FILE_BUILTIN_H
#define MOOR_POLICY_FILE_BUILTIN_H

#include "policy/file/diagnostics.h"
#include "policy/file/schema.h"

/* Reads the list of struct moor_schema_repository.  Returns -1 only if there is no memory. */
int moor_builtin_read(struct moor_key_list *out, struct moor_arena *arena,
                      struct moor_diagnostics *diagnostics, struct moor_error *err) MOOR_MUST_CHECK;

#endif
