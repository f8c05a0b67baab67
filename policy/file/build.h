/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build - makes a policy of what its file says: defaults, inheritance, compiled globs, and the
 * checks that need more than one key.
 *
 * Threads:  pure, any thread.
 * Memory:   everything is in the policy's arena, compiled globs apart; nothing points into the
 * tree.
 */
#ifndef MOOR_POLICY_FILE_BUILD_H
#define MOOR_POLICY_FILE_BUILD_H

#include "policy/file/diagnostics.h"
#include "policy/file/schema.h"
#include "policy/rules/policy.h"

/* Of a policy's file, in all its lists. */
#define MOOR_BUILD_MAX_GLOBS 4096

/*
 * Fills `policy` from its file and the built-in repositories.  It is zeroed but for its arena, and
 * can be released whatever comes of it; with errors in `reports`, now or from before, it is not fit
 * for use.  Returns -1 only without memory.
 */
int moor_build_policy(struct moor_policy *policy, const struct moor_schema_policy *schema,
                      const struct moor_key_list *builtin, struct moor_diagnostics *diagnostics,
                      struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Fills the policy's environments, whose mode is `policy->mode` where they have none; called by
 * moor_build_policy().
 */
int moor_build_environments(struct moor_policy *policy, const struct moor_key_list *list,
                            struct moor_diagnostics *diagnostics,
                            struct moor_error *err) MOOR_MUST_CHECK;

/* Fills the policy's repositories: those of the file, then the built-in ones. */
int moor_build_repositories(struct moor_policy *policy, const struct moor_key_list *list,
                            const struct moor_key_list *builtin,
                            struct moor_diagnostics *diagnostics,
                            struct moor_error *err) MOOR_MUST_CHECK;

/* Fills the policy's exemptions; its environments are there already. */
int moor_build_exemptions(struct moor_policy *policy, const struct moor_key_list *list,
                          struct moor_diagnostics *diagnostics,
                          struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Reports globs past MOOR_BUILD_MAX_GLOBS.  Returns whether there are none: the others are not
 * built.
 */
bool moor_build_check_globs(const struct moor_schema_policy *schema,
                            struct moor_diagnostics *diagnostics);

/* Fills the policy's indexes; all its globs are there already. */
int moor_build_lookups(struct moor_policy *policy, struct moor_error *err) MOOR_MUST_CHECK;

/* Warns of a policy that can need more matching steps than a request has (cost.h). */
int moor_build_check_cost(const struct moor_policy *policy, const struct moor_schema_policy *schema,
                          struct moor_diagnostics *diagnostics,
                          struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Reports environments that no request can be in, and globs that have no effect because an
 * environment before takes what they match.  `list` is what `policy` was built from.
 */
int moor_build_check_reach(const struct moor_policy *policy, const struct moor_key_list *list,
                           struct moor_diagnostics *diagnostics,
                           struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Fills the policy's custom resources: the file's, and the well-known ones that it does not
 * replace.
 */
int moor_build_resources(struct moor_policy *policy, const struct moor_key_list *list,
                         struct moor_diagnostics *diagnostics,
                         struct moor_error *err) MOOR_MUST_CHECK;

/* Fills the policy's image annotations: the file's, then the built-in ones. */
int moor_build_annotations(struct moor_policy *policy, const struct moor_key_value *value,
                           struct moor_diagnostics *diagnostics,
                           struct moor_error *err) MOOR_MUST_CHECK;

/* Whether Kubernetes takes the text as the key of a label or an annotation. */
bool moor_build_is_label_key(struct moor_slice key);

/* Fills the policy's placeholders; those given replace the usual one. */
int moor_build_placeholders(struct moor_policy *policy, const struct moor_key_value *value,
                            struct moor_error *err) MOOR_MUST_CHECK;

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
 * The same without built-in ones, for globs over the canonical names of images; one that can match
 * no such name is reported.
 */
int moor_build_name_globs(struct moor_glob_list *out, const struct moor_key_value *value,
                          struct moor_arena *arena, struct moor_diagnostics *diagnostics,
                          struct moor_error *err) MOOR_MUST_CHECK;

/* The levels in `given`, where not given those in `before`. */
struct moor_requirements moor_build_requirements(const struct moor_schema_requirements *given,
                                                 struct moor_requirements before);

/*
 * Warns of a `warn` or `audit` that is below `levels.enforce`: it has no effect.  `ignore` says so
 * itself, and is passed over where `may_ignore`.
 */
void moor_build_check_requirements(const struct moor_schema_requirements *given,
                                   struct moor_requirements requirements, bool may_ignore,
                                   struct moor_diagnostics *diagnostics);

#endif
