/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/build_repositories.h"
#include "policy/base/array_size.h"
#include "policy/file/build_globs.h"
#include "policy/file/plain.h"

/* Maximum number of patterns in a policy. */
#define MAX_PATTERNS 1024

/* The state that the functions share. */
struct context {
    struct moor_policy *policy;
    struct moor_diagnostics *diagnostics;
    struct moor_error *err;
    size_t patterns; /* number of compiled patterns */
};

static int add_pattern(struct context *context, struct moor_pattern_list *list,
                       const struct moor_yaml_node *item)
{
    /*
     * Errors of the file go to the diagnostics, so that one run reports all of them; `err` is only
     * for a lack of memory, which ends the build.
     */
    struct moor_error wrong = {0};
    struct moor_slice text;
    if (context->patterns == MAX_PATTERNS) {
        moor_diagnostics_error(context->diagnostics, item,
                               "the policy has more than %d patterns: use fewer", MAX_PATTERNS);
        return 0;
    }
    if (moor_arena_copy(&context->policy->arena, &text, item->text, context->err) != 0) {
        return -1;
    }
    struct moor_pattern *pattern = &list->items[list->count];
    if (moor_pattern_compile(pattern, text, &wrong) != 0) {
        moor_diagnostics_error(context->diagnostics, item, "%s", wrong.text);
        return 0;
    }
    /* PCRE2 allocates the compiled form outside of the arena, whose maximum does not limit it. */
    if (!moor_build_charge(&context->policy->arena, moor_pattern_size(pattern), item,
                           context->diagnostics)) {
        moor_pattern_release(pattern);
        return 0;
    }
    pattern->line = item->line;
    /* The column of the text after an opening quote: export adds an offset in the pattern to it. */
    pattern->column = item->column + (item->is_plain ? 0 : 1);
    list->count++;
    context->patterns++;
    return 0;
}

static int build_patterns(struct context *context, struct moor_pattern_list *out,
                          const struct moor_key_value *value)
{
    if (value->at == NULL) {
        return 0;
    }
    out->items = moor_arena_alloc(&context->policy->arena, value->at->count * sizeof *out->items);
    if (out->items == NULL) {
        return moor_error_set(context->err, MOOR_ERROR_MEMORY, "no memory for %zu patterns",
                              value->at->count);
    }
    for (const struct moor_yaml_node *item = value->at->first; item != NULL; item = item->next) {
        if (add_pattern(context, out, item) != 0) {
            return -1;
        }
    }
    return 0;
}

static int build_repository(struct context *context, struct moor_repository *out,
                            const struct moor_schema_repository *schema)
{
    struct moor_arena *arena = &context->policy->arena;
    out->line = schema->at != NULL ? schema->at->line : 0;
    if (schema->otherwise.at != NULL) {
        out->otherwise = (enum moor_level)(schema->otherwise.number + (unsigned)MOOR_LEVEL_ROLLING);
    }
    if (moor_plain_build(out, &moor_schema_repository_table, schema, arena, context->diagnostics,
                         context->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < MOOR_PATTERNS_COUNT; i++) {
        if (build_patterns(context, &out->patterns[i], &schema->patterns[i]) != 0) {
            return -1;
        }
    }
    return moor_build_name_globs(&out->match, &schema->match, arena, context->diagnostics,
                                 context->err);
}

/* Only the first matching entry applies, so an entry without a rule would disable later ones. */
static void check_has_rule(const struct moor_schema_repository *schema,
                           struct moor_diagnostics *diagnostics)
{
    static const char *const rules[] = {"rolling", "build", "release", "versionParts", "otherwise"};
    if (schema->at == NULL) {
        return;
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rules); i++) {
        if (moor_yaml_get(schema->at, rules[i]) != NULL) {
            return;
        }
    }
    moor_diagnostics_warning(
        diagnostics, schema->at,
        "this entry has no rule for tags and disables later entries for its repositories: add "
        "'rolling', 'build', 'release', 'versionParts' or 'otherwise'");
}

int moor_build_repositories(struct moor_policy *policy, const struct moor_key_list *list,
                            const struct moor_key_list *builtin,
                            struct moor_diagnostics *diagnostics, struct moor_error *err)
{
    struct context context = {.policy = policy, .diagnostics = diagnostics, .err = err};
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
    /*
     * The entries of the file precede the built-in ones: the first match applies, so that a file
     * can correct a built-in classification.
     */
    policy->own_repository_count = list->count;
    for (size_t i = 0; i < count; i++) {
        bool is_own = i < list->count;
        const struct moor_schema_repository *schema = is_own ? &own[i] : &known[i - list->count];
        check_has_rule(schema, diagnostics);
        /*
         * Counted before it is built, so that a release frees the compiled parts of a failed entry.
         */
        policy->repository_count++;
        if (build_repository(&context, &policy->repositories[i], schema) != 0) {
            return -1;
        }
    }
    return 0;
}
