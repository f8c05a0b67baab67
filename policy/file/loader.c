/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/loader.h"
#include "policy/file/build.h"
#include "policy/file/builtin.h"
#include "policy/file/keys.h"
#include "policy/file/policy_digest.h"

/*
 * Room for the tree of the largest file, and for the policy without compiled globs and patterns.
 * During a reload, a tree and two policies are in memory.
 */
#define MAX_TREE_BYTES   ((size_t)12 * 1024 * 1024)
#define MAX_POLICY_BYTES ((size_t)5 * 1024 * 1024)

_Static_assert(MOOR_LOADER_MAX_DEPTH == MOOR_YAML_MAX_DEPTH, "the tree has the same limit");
_Static_assert(MOOR_LOADER_MAX_REPORTS == MOOR_DIAGNOSTICS_MAX, "the list has the same limit");

static void free_policy(struct moor_policy *const *policy)
{
    moor_policy_release(*policy);
}

static struct moor_policy *new_policy(struct moor_error *err)
{
    struct moor_policy *policy = calloc(1, sizeof *policy);
    if (policy == NULL) {
        (void)moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for a policy");
        return NULL;
    }
    /* The first reference is that of the caller, and ends with free_policy() on an error. */
    atomic_init(&policy->references, 1);
    moor_arena_init(&policy->arena, MAX_POLICY_BYTES);
    return policy;
}

static int read_schema(struct moor_schema_policy *schema, struct moor_slice text,
                       struct moor_arena *arena, struct moor_diagnostics *diagnostics,
                       struct moor_error *err)
{
    if (text.len > MOOR_LOADER_MAX_BYTES) {
        err->line = 1;
        err->column = 1;
        return moor_error_set(err, MOOR_ERROR_LIMIT,
                              "the file has %zu bytes, more than 1 MiB: is it a policy?", text.len);
    }
    const struct moor_yaml_node *root = NULL;
    if (moor_yaml_parse(&root, text, arena, err) != 0) {
        return -1;
    }
    if (root == NULL) {
        err->line = 1;
        err->column = 1;
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "the file is empty: start from the output of 'tagmoor policy show "
                              "--default'");
    }
    return moor_keys_read(schema, &moor_schema_policy_table, root, diagnostics, arena, err);
}

static int load(struct moor_policy *policy, struct moor_slice text, struct moor_arena *arena,
                struct moor_diagnostics *diagnostics, struct moor_error *err)
{
    struct moor_schema_policy schema = {0};
    struct moor_key_list builtin = {0};
    if (read_schema(&schema, text, arena, diagnostics, err) != 0 ||
        moor_builtin_read(&builtin, arena, diagnostics, err) != 0 ||
        moor_build_policy(policy, &schema, &builtin, diagnostics, err) != 0) {
        return -1;
    }
    /* A policy with errors is not used, and can be incomplete. */
    return diagnostics->errors.total == 0 ? moor_policy_digest(policy, err) : 0;
}

/* A full arena is a limit and not a lack of memory: loading again would not help. */
static void explain_limit(struct moor_error *err, const struct moor_arena *tree,
                          const struct moor_policy *policy)
{
    if (err->code != MOOR_ERROR_MEMORY || (!tree->is_full && !policy->arena.is_full)) {
        return;
    }
    *err = (struct moor_error){0};
    (void)moor_error_set(err, MOOR_ERROR_LIMIT,
                         "the policy takes more than %zu MiB of memory: use fewer entries",
                         (tree->is_full ? tree->max : policy->arena.max) >> 20);
}

size_t moor_policy_read(struct moor_policy **out, struct moor_slice text,
                        struct moor_diagnostics *diagnostics)
{
    *out = NULL;
    struct moor_error err = {0};
    __attribute__((cleanup(moor_arena_release))) struct moor_arena arena;
    moor_arena_init(&arena, MAX_TREE_BYTES);
    __attribute__((cleanup(free_policy))) struct moor_policy *policy = new_policy(&err);
    if (policy != NULL && load(policy, text, &arena, diagnostics, &err) != 0) {
        explain_limit(&err, &arena, policy);
    }
    if (err.code != MOOR_ERROR_NONE) {
        moor_diagnostics_add(diagnostics, &err);
    }
    if (diagnostics->errors.total == 0) {
        *out = policy;
        policy = NULL;
    }
    return diagnostics->errors.total;
}

size_t moor_policy_load(struct moor_policy **out, struct moor_slice text, const char *name,
                        struct moor_buf *diagnostics)
{
    struct moor_diagnostics found = {0};
    size_t errors = moor_policy_read(out, text, &found);
    moor_diagnostics_write(&found, name, diagnostics);
    return errors;
}
