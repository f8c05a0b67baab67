/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build_globs - compiles lists of globs, and counts the memory that compiled forms take.
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

/* Compiled globs and patterns of a policy, in bytes. */
#define MOOR_BUILD_MAX_COMPILED ((size_t)3 << 20)

/*
 * Counts `bytes` of compiled globs or patterns to those of the policy.  Returns false and reports
 * it at `at` if there would be more than MOOR_BUILD_MAX_COMPILED: the caller releases them then.
 */
bool moor_build_charge(struct moor_arena *arena, size_t bytes, const struct moor_yaml_node *at,
                       struct moor_diagnostics *diagnostics) MOOR_MUST_CHECK;

/*
 * Compiles the texts of `value` behind those in `builtin`; the texts are copied to `arena`.  A text
 * that is no glob is reported and stands for itself.
 */
int moor_build_globs(struct moor_glob_list *out, const char *const *builtin,
                     const struct moor_key_value *value, struct moor_arena *arena,
                     struct moor_diagnostics *diagnostics, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Copies the text of `item`, a glob over references or their names, into the arena with its
 * registry spelt as canonical names spell it, and warns where that is another text.
 */
int moor_build_respelled(struct moor_slice *out, const struct moor_yaml_node *item,
                         struct moor_arena *arena, struct moor_diagnostics *diagnostics,
                         struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Compiles the texts of `value`, globs over the canonical names of images; one that can
 * match no such name is reported.
 */
int moor_build_name_globs(struct moor_glob_list *out, const struct moor_key_value *value,
                          struct moor_arena *arena, struct moor_diagnostics *diagnostics,
                          struct moor_error *err) MOOR_MUST_CHECK;

#endif
