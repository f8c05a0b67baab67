/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/build_resources.h"
#include "policy/file/plain.h"
#include "policy/file/quote.h"
#include "policy/object/expression.h"
#include "policy/object/kinds.h"
#include "policy/object/well_known.h"

/* Maximum memory of the tree of a kind, far more than its longest lists need. */
#define MAX_SCRATCH_BYTES ((size_t)4 * 1024 * 1024)
/* The limits of RFC 1123, which Kubernetes applies to plurals and groups. */
#define MAX_LABEL_BYTES   63
#define MAX_GROUP_BYTES   253

static int fail_for_memory(struct moor_error *err)
{
    return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for custom resources");
}

/* --- names ------------------------------------------------------------------------------------ */

static bool is_lower(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

static bool is_label(struct moor_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_lower(text.ptr[i]) && (text.ptr[i] != '-' || i == 0 || i + 1 == text.len)) {
            return false;
        }
    }
    return text.len > 0 && text.len <= MAX_LABEL_BYTES;
}

/* A group is one or more labels between dots. */
static bool is_group(struct moor_slice text)
{
    size_t start = 0;
    for (size_t end = 0; end < text.len; end++) {
        if (text.ptr[end] != '.') {
            continue;
        }
        if (!is_label(moor_slice_sub(text, start, end))) {
            return false;
        }
        start = end + 1;
    }
    return text.len <= MAX_GROUP_BYTES && is_label(moor_slice_sub(text, start, text.len));
}

static bool is_kind(struct moor_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool is_upper = text.ptr[i] >= 'A' && text.ptr[i] <= 'Z';
        if (!is_upper && !is_lower(text.ptr[i]) && (text.ptr[i] != '-' || i == 0)) {
            return false;
        }
    }
    return text.len > 0 && text.len <= MAX_LABEL_BYTES && (text.ptr[0] < '0' || text.ptr[0] > '9');
}

/* Splits `rollouts.argoproj.io` into `rollouts` and `argoproj.io`. */
static void split(struct moor_kind *out, struct moor_slice resource)
{
    size_t dot = 0;
    while (dot < resource.len && resource.ptr[dot] != '.') {
        dot++;
    }
    out->resource = moor_slice_sub(resource, 0, dot);
    out->group = moor_slice_sub(resource, dot + 1, resource.len);
}

static bool is_same(const struct moor_kind *left, const struct moor_kind *right)
{
    return moor_slice_equal(left->group, right->group) &&
           (moor_slice_equal(left->resource, right->resource) ||
            moor_slice_equal(left->kind, right->kind));
}

/* Checks the names of resource and kind, and reports what is wrong. */
static bool check_names(const struct moor_kind *kind, const struct moor_schema_resource *schema,
                        struct moor_diagnostics *diagnostics)
{
    if (!is_label(kind->resource) || !is_group(kind->group)) {
        moor_diagnostics_error(diagnostics, schema->resource.at,
                               "'resource' must be the plural and the group, such as "
                               "'rollouts.argoproj.io', not '%s'",
                               moor_quote(schema->resource.at->text).text);
        return false;
    }
    if (!is_kind(kind->kind)) {
        moor_diagnostics_error(diagnostics, schema->kind.at,
                               "'kind' must be letters, digits and '-', starting with a letter, "
                               "such as 'Rollout', not '%s'",
                               moor_quote(kind->kind).text);
        return false;
    }
    /*
     * The entry would have no effect, because built-in kinds are found first: a policy cannot hide
     * the images of a Deployment.
     */
    if (moor_kind_find(kind->group, kind->resource, kind->kind) != NULL) {
        moor_diagnostics_error(diagnostics, schema->resource.at,
                               "'%s' is a built-in kind of Kubernetes: remove this entry",
                               moor_quote(schema->resource.at->text).text);
        return false;
    }
    return true;
}

/* --- expressions ------------------------------------------------------------------------------ */

struct compiler {
    struct moor_policy *policy;
    struct moor_diagnostics *diagnostics;
    struct moor_error *err;
    struct moor_arena scratch; /* for a kind at a time */
    struct moor_expression_tree tree;
};

static int add_expression(struct compiler *compiler, struct moor_slice text,
                          enum moor_expression_mode mode, const struct moor_yaml_node *at)
{
    struct moor_error wrong = {0};
    if (moor_expression_add(&compiler->tree, text, mode, &wrong) == 0) {
        return 0;
    }
    /* An error in a built-in path is a mistake of the program and not of the file. */
    if (at == NULL || wrong.code == MOOR_ERROR_MEMORY) {
        return moor_error_set(compiler->err, wrong.code, "%s", wrong.text);
    }
    if (wrong.column > 0) {
        moor_diagnostics_error(compiler->diagnostics, at,
                               "path '%s' is invalid at character %u: %s", moor_quote(text).text,
                               (unsigned)wrong.column, wrong.text);
    } else {
        moor_diagnostics_error(compiler->diagnostics, at, "path '%s' is invalid: %s",
                               moor_quote(text).text, wrong.text);
    }
    return 0;
}

static int new_paths(struct compiler *compiler, struct moor_path_list *out, size_t count)
{
    out->items = moor_arena_alloc(&compiler->policy->arena, count * sizeof *out->items);
    return out->items != NULL ? 0 : fail_for_memory(compiler->err);
}

/* Keeps the texts of the file's expressions for `tagmoor policy show`. */
static int add_paths(struct compiler *compiler, struct moor_path_list *out,
                     const struct moor_key_value *value, enum moor_expression_mode mode)
{
    if (value->at == NULL) {
        return 0;
    }
    if (new_paths(compiler, out, value->at->count) != 0) {
        return -1;
    }
    const struct moor_yaml_node *item = value->at->first;
    for (; item != NULL; item = item->next) {
        struct moor_slice *text = &out->items[out->count++];
        if (moor_arena_copy(&compiler->policy->arena, text, item->text, compiler->err) != 0 ||
            add_expression(compiler, *text, mode, item) != 0) {
            return -1;
        }
    }
    return 0;
}

static int add_known_paths(struct compiler *compiler, struct moor_path_list *out,
                           const char *const *texts, enum moor_expression_mode mode)
{
    size_t count = 0;
    while (texts[count] != NULL) {
        count++;
    }
    if (new_paths(compiler, out, count) != 0) {
        return -1;
    }
    while (out->count < count) {
        struct moor_slice *text = &out->items[out->count];
        *text = moor_slice_from(texts[out->count]);
        out->count++;
        if (add_expression(compiler, *text, mode, NULL) != 0) {
            return -1;
        }
    }
    return 0;
}

static int begin(struct compiler *compiler)
{
    moor_arena_reset(&compiler->scratch);
    return moor_expression_tree_init(&compiler->tree, &compiler->scratch, compiler->err);
}

static int finish(struct compiler *compiler, struct moor_custom_resource *resource)
{
    /* Pods are created from it later, so that it may contain placeholders. */
    resource->kind.is_template = true;
    resource->kind.is_custom = true;
    return moor_expression_compile(&resource->kind.root, &compiler->tree, &compiler->policy->arena,
                                   compiler->err);
}

/* --- the file's entries ----------------------------------------------------------------------- */

static void check_second(const struct moor_policy *policy, const struct moor_custom_resource *found,
                         const struct moor_schema_resource *schema,
                         struct moor_diagnostics *diagnostics)
{
    for (size_t i = 0; i < policy->custom_resource_count; i++) {
        const struct moor_custom_resource *other = &policy->custom_resources[i];
        if (other != found && is_same(&other->kind, &found->kind)) {
            moor_diagnostics_error(diagnostics, schema->resource.at,
                                   "duplicate entry for '%s' or its kind '%s', first on line %u",
                                   moor_quote(schema->resource.at->text).text,
                                   moor_quote(found->kind.kind).text, (unsigned)other->line);
            return;
        }
    }
}

static int build_entry(struct compiler *compiler, const struct moor_schema_resource *schema)
{
    struct moor_policy *policy = compiler->policy;
    struct moor_custom_resource *out = &policy->custom_resources[policy->custom_resource_count];
    struct moor_slice resource;
    if (moor_arena_copy(&policy->arena, &resource, schema->resource.at->text, compiler->err) != 0 ||
        moor_plain_build(out, &moor_schema_resource_table, schema, &policy->arena,
                         compiler->diagnostics, compiler->err) != 0) {
        return -1;
    }
    split(&out->kind, resource);
    if (!check_names(&out->kind, schema, compiler->diagnostics)) {
        return 0;
    }
    /* A line marks an entry of the file: built-in ones have line 0. */
    out->line = schema->resource.at->line;
    check_second(policy, out, schema, compiler->diagnostics);
    policy->custom_resource_count++;
    return begin(compiler) != 0 ||
                   add_paths(compiler, &out->pod_specs, &schema->pod_specs,
                             MOOR_EXPRESSION_POD_SPEC) != 0 ||
                   add_paths(compiler, &out->images, &schema->images, MOOR_EXPRESSION_IMAGE) != 0
               ? -1
               : finish(compiler, out);
}

static int build_entries(struct compiler *compiler, const struct moor_key_list *list)
{
    const struct moor_schema_resource *schemas = list->items;
    for (size_t i = 0; i < list->count; i++) {
        const struct moor_schema_resource *schema = &schemas[i];
        if (schema->at != NULL && moor_yaml_get(schema->at, "podSpecs") == NULL &&
            moor_yaml_get(schema->at, "images") == NULL) {
            moor_diagnostics_error(compiler->diagnostics, schema->at,
                                   "a custom resource has no paths to its images: add 'podSpecs', "
                                   "'images' or both");
        }
        if (schema->resource.at != NULL && schema->kind.at != NULL &&
            build_entry(compiler, schema) != 0) {
            return -1;
        }
    }
    return 0;
}

/* --- the well-known kinds --------------------------------------------------------------------- */

/* An entry of the file replaces the whole built-in entry: its paths are not merged. */
static bool is_replaced(const struct moor_policy *policy, const struct moor_kind *kind,
                        size_t entries)
{
    for (size_t i = 0; i < entries; i++) {
        if (is_same(&policy->custom_resources[i].kind, kind)) {
            return true;
        }
    }
    return false;
}

static int build_known(struct compiler *compiler, struct moor_custom_resource *out,
                       const struct moor_well_known *known)
{
    return begin(compiler) != 0 ||
                   add_known_paths(compiler, &out->pod_specs, known->pod_specs,
                                   MOOR_EXPRESSION_POD_SPEC) != 0 ||
                   add_known_paths(compiler, &out->images, known->images, MOOR_EXPRESSION_IMAGE) !=
                       0
               ? -1
               : finish(compiler, out);
}

static int build_all_known(struct compiler *compiler)
{
    struct moor_policy *policy = compiler->policy;
    /* Only the entries of the file replace built-in ones, not those that the loop appends. */
    size_t entries = policy->custom_resource_count;
    size_t count = 0;
    const struct moor_well_known *known = moor_well_known_all(&count);
    for (size_t i = 0; i < count; i++) {
        struct moor_custom_resource *out = &policy->custom_resources[policy->custom_resource_count];
        *out = (struct moor_custom_resource){
            .kind = {.group = moor_slice_from(known[i].group),
                     .resource = moor_slice_from(known[i].resource),
                     .kind = moor_slice_from(known[i].kind)},
        };
        if (is_replaced(policy, &out->kind, entries)) {
            continue;
        }
        policy->custom_resource_count++;
        if (build_known(compiler, out, &known[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

int moor_build_resources(struct moor_policy *policy, const struct moor_key_list *list,
                         struct moor_diagnostics *diagnostics, struct moor_error *err)
{
    struct compiler compiler = {.policy = policy, .diagnostics = diagnostics, .err = err};
    size_t known = 0;
    (void)moor_well_known_all(&known);
    policy->custom_resources =
        moor_arena_alloc(&policy->arena, (list->count + known) * sizeof *policy->custom_resources);
    if (policy->custom_resources == NULL) {
        return fail_for_memory(err);
    }
    moor_arena_init(&compiler.scratch, MAX_SCRATCH_BYTES);
    int status = build_entries(&compiler, list) != 0 ? -1 : build_all_known(&compiler);
    moor_arena_release(&compiler.scratch);
    return status;
}

/* --- placeholders ----------------------------------------------------------------------------- */

/* `auto` is the placeholder of Istio, whose webhook replaces it in Pods of gateways. */
int moor_build_placeholders(struct moor_policy *policy, const struct moor_key_value *value,
                            struct moor_error *err)
{
    static const struct moor_slice usual = {"auto", 4};
    size_t count = value->at != NULL ? value->at->count : 1;
    policy->placeholders = moor_arena_alloc(&policy->arena, count * sizeof *policy->placeholders);
    if (policy->placeholders == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu placeholders", count);
    }
    policy->placeholder_count = count;
    if (value->at == NULL) {
        policy->placeholders[0] = usual;
        return 0;
    }
    size_t index = 0;
    for (const struct moor_yaml_node *item = value->at->first; item != NULL; item = item->next) {
        if (moor_arena_copy(&policy->arena, &policy->placeholders[index++], item->text, err) != 0) {
            return -1;
        }
    }
    return 0;
}
