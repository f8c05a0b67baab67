/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build_globs - compiles lists of globs, and limits the memory of compiled forms.
 *
 * Threads:  pure, any thread.
 * Memory:   texts and arrays are in the given arena; compiled globs belong to their list.
 * Limits:   MOOR_BUILD_MAX_COMPILED bytes of compiled globs and patterns in a policy.
 */
#ifndef MOOR_POLICY_FILE_BUILD_GLOBS_H
#define MOOR_POLICY_FILE_BUILD_GLOBS_H

#include "policy/base/arena.h"
#include "policy/base/glob.h"
#include "policy/file/diagnostics.h"
#include "policy/file/key.h"

/* Maximum memory of the compiled globs and patterns of a policy, in bytes. */
#define MOOR_BUILD_MAX_COMPILED ((size_t)3 << 20)

/*
 * Adds `bytes` of compiled globs or patterns to those of the policy.  If the sum would exceed
 * MOOR_BUILD_MAX_COMPILED, reports an error at `at` and returns false; the caller must then release
 * the compiled form.
 */
bool moor_build_charge(struct moor_arena *arena, size_t bytes, const struct moor_yaml_node *at,
                       struct moor_diagnostics *diagnostics) MOOR_MUST_CHECK;

/*
 * Compiles the texts of `builtin`, then those of `value`, which are copied to `arena`.  An invalid
 * glob is reported, and matches its own text.  Returns -1 only if there is no memory.
 */
int moor_build_globs(struct moor_glob_list *out, const char *const *builtin,
                     const struct moor_key_value *value, struct moor_arena *arena,
                     struct moor_diagnostics *diagnostics, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Copies the text of `item`, a glob for references or their names, to the arena with the canonical
 * spelling of its registry.  Warns if that changes the text.
 */
int moor_build_respelled(struct moor_slice *out, const struct moor_yaml_node *item,
                         struct moor_arena *arena, struct moor_diagnostics *diagnostics,
                         struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Compiles the texts of `value`, which are globs for canonical names.  Reports a glob that can
 * match no such name.  Returns -1 only if there is no memory.
 */
int moor_build_name_globs(struct moor_glob_list *out, const struct moor_key_value *value,
                          struct moor_arena *arena, struct moor_diagnostics *diagnostics,
                          struct moor_error *err) MOOR_MUST_CHECK;

#endif
