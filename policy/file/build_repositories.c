/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/build_repositories.h"
#include "policy/base/array_size.h"
#include "policy/file/build_globs.h"

/* All patterns of a policy. */
#define MAX_PATTERNS 1024

/* What is under way. */
struct build {
    struct moor_policy *policy;
    struct moor_diagnostics *diagnostics;
    struct moor_error *err;
    size_t patterns; /* compiled so far */
};

static int add_pattern(struct build *build, struct moor_pattern_list *list,
                       const struct moor_yaml_node *item)
{
    struct moor_error wrong = {0};
    struct moor_slice text;
    if (build->patterns == MAX_PATTERNS) {
        moor_diagnostics_error(build->diagnostics, item, "more than %d patterns in a policy",
                               MAX_PATTERNS);
        return 0;
    }
    if (moor_arena_copy(&build->policy->arena, &text, item->text, build->err) != 0) {
        return -1;
    }
    struct moor_pattern *pattern = &list->items[list->count];
    if (moor_pattern_compile(pattern, text, &wrong) != 0) {
        moor_diagnostics_error(build->diagnostics, item, "%s", wrong.text);
        return 0;
    }
    if (!moor_build_charge(&build->policy->arena, moor_pattern_size(pattern), item,
                           build->diagnostics)) {
        moor_pattern_release(pattern);
        return 0;
    }
    list->count++;
    build->patterns++;
    return 0;
}

static int build_patterns(struct build *build, struct moor_pattern_list *out,
                          const struct moor_key_value *value)
{
    if (value->at == NULL) {
        return 0;
    }
    out->items = moor_arena_alloc(&build->policy->arena, value->at->count * sizeof *out->items);
    if (out->items == NULL) {
        return moor_error_set(build->err, MOOR_ERROR_MEMORY, "no memory for %zu patterns",
                              value->at->count);
    }
    for (const struct moor_yaml_node *item = value->at->first; item != NULL; item = item->next) {
        if (add_pattern(build, out, item) != 0) {
            return -1;
        }
    }
    return 0;
}

static int build_repository(struct build *build, struct moor_repository *out,
                            const struct moor_schema_repository *schema)
{
    struct moor_arena *arena = &build->policy->arena;
    out->version_parts = schema->version_parts.number;
    if (schema->otherwise.at != NULL) {
        out->otherwise = (enum moor_level)(schema->otherwise.number + (unsigned)MOOR_LEVEL_ROLLING);
    }
    if (schema->reason.at != NULL &&
        moor_arena_copy(arena, &out->reason, schema->reason.at->text, build->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < MOOR_PATTERNS_COUNT; i++) {
        if (build_patterns(build, &out->patterns[i], &schema->patterns[i]) != 0) {
            return -1;
        }
    }
    return moor_build_name_globs(&out->match, &schema->match, arena, build->diagnostics,
                                 build->err);
}

/* An entry that says nothing would only hide what those behind it say. */
static void check_says_something(const struct moor_schema_repository *schema,
                                 struct moor_diagnostics *diagnostics)
{
    static const char *const says[] = {"rolling", "build", "release", "versionParts", "otherwise"};
    if (schema->at == NULL) {
        return;
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(says); i++) {
        if (moor_yaml_get(schema->at, says[i]) != NULL) {
            return;
        }
    }
    moor_diagnostics_warning(
        diagnostics, schema->at,
        "this entry says nothing about tags, and later entries do not apply to "
        "its repositories: give it 'rolling', 'build', 'release', "
        "'versionParts' or 'otherwise'");
}

int moor_build_repositories(struct moor_policy *policy, const struct moor_key_list *list,
                            const struct moor_key_list *builtin,
                            struct moor_diagnostics *diagnostics, struct moor_error *err)
{
    struct build build = {.policy = policy, .diagnostics = diagnostics, .err = err};
    const struct moor_schema_repository *own = list->items;
    const struct moor_schema_repository *known = builtin->items;
    size_t count = list->count + builtin->count;
    if (count == 0) {
        return 0;
    }
    policy->repositories = moor_arena_alloc(&policy->arena, count * sizeof *policy->repositories);
    if (policy->repositories == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu repositories", count);
    }
    policy->own_repository_count = list->count;
    for (size_t i = 0; i < count; i++) {
        bool is_own = i < list->count;
        const struct moor_schema_repository *schema = is_own ? &own[i] : &known[i - list->count];
        check_says_something(schema, diagnostics);
        policy->repository_count++;
        if (build_repository(&build, &policy->repositories[i], schema) != 0) {
            return -1;
        }
    }
    return 0;
}
