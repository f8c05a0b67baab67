/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/build_environments.h"
#include "policy/file/build_globs.h"
#include "policy/file/build_requirements.h"
#include "policy/file/label.h"
#include "policy/file/plain.h"
#include "policy/file/quote.h"
#include "policy/rules/requirements.h"

/* The name is part of the URL path /validate/<name>, and must be unique. */
static void check_name(const struct moor_key_list *list, size_t index,
                       struct moor_diagnostics *diagnostics)
{
    const struct moor_schema_environment *schemas = list->items;
    const struct moor_yaml_node *name = schemas[index].name.at;
    if (name == NULL) {
        return;
    }
    if (!moor_label_is_dns(name->text)) {
        moor_diagnostics_error(diagnostics, name,
                               "'name' must be 1 to 63 of a-z, 0-9 and '-', with a letter or digit "
                               "at both ends, because it is part of URLs; not '%s'",
                               moor_quote(name->text).text);
        return;
    }
    for (size_t i = 0; i < index; i++) {
        const struct moor_yaml_node *other = schemas[i].name.at;
        if (other != NULL && moor_slice_equal(other->text, name->text)) {
            moor_diagnostics_error(diagnostics, name,
                                   "duplicate environment '%s', first on line %u",
                                   moor_quote(name->text).text, (unsigned)other->line);
            return;
        }
    }
}

static void check_default(const struct moor_key_list *list, struct moor_diagnostics *diagnostics)
{
    const struct moor_schema_environment *schemas = list->items;
    const struct moor_yaml_node *first = NULL;
    bool is_unread = false;
    for (size_t i = 0; i < list->count; i++) {
        const struct moor_schema_environment *schema = &schemas[i];
        if (schema->at == NULL) {
            is_unread = true;
            continue;
        }
        is_unread = is_unread ||
                    (schema->is_default.at == NULL && moor_yaml_get(schema->at, "default") != NULL);
        /* `default: false` is the same as an absent key. */
        if (schema->is_default.number == 0) {
            continue;
        }
        if (first != NULL) {
            moor_diagnostics_error(diagnostics, schema->is_default.at,
                                   "duplicate 'default: true', first on line %u",
                                   (unsigned)first->line);
            continue;
        }
        first = schema->is_default.at;
    }
    /* An environment with an error might be the default, and a second error would mislead. */
    if (first == NULL && !is_unread) {
        moor_diagnostics_error(
            diagnostics, list->at,
            "no environment is the default: write 'default: true' in the environment for all other "
            "namespaces");
    }
}

/* --- labels ----------------------------------------------------------------------------------- */

/* Invalid keys and values could never match, because Kubernetes rejects them. */
static int build_label(struct moor_label_rule *out, const struct moor_yaml_node *node,
                       struct moor_arena *arena, struct moor_diagnostics *diagnostics,
                       struct moor_error *err)
{
    if (!moor_label_is_key(node->key->text)) {
        moor_diagnostics_error(diagnostics, node->key, "'%s' is not a valid label key",
                               moor_quote(node->key->text).text);
    }
    out->values = moor_arena_alloc(arena, node->count * sizeof *out->values);
    if (out->values == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu labels", node->count);
    }
    for (const struct moor_yaml_node *item = node->first; item != NULL; item = item->next) {
        if (!moor_label_is_text(item->text)) {
            moor_diagnostics_error(diagnostics, item,
                                   "'%s' is not a valid label value: write 1 to 63 letters, "
                                   "digits, '-', '_' and '.', with a letter or digit at both ends",
                                   moor_quote(item->text).text);
        }
        if (moor_arena_copy(arena, &out->values[out->count++], item->text, err) != 0) {
            return -1;
        }
    }
    return moor_arena_copy(arena, &out->key, node->key->text, err);
}

static int by_key(const void *left, const void *right)
{
    const struct moor_label_rule *a = left;
    const struct moor_label_rule *b = right;
    return moor_slice_compare(a->key, b->key);
}

/* All labels are required, so their order does not matter, and the digest must not depend on it. */
static int build_labels(struct moor_environment *out, const struct moor_yaml_node *mapping,
                        struct moor_arena *arena, struct moor_diagnostics *diagnostics,
                        struct moor_error *err)
{
    if (mapping == NULL) {
        return 0;
    }
    out->labels = moor_arena_alloc(arena, mapping->count * sizeof *out->labels);
    if (out->labels == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu labels", mapping->count);
    }
    for (const struct moor_yaml_node *node = mapping->first; node != NULL; node = node->next) {
        if (build_label(&out->labels[out->label_count++], node, arena, diagnostics, err) != 0) {
            return -1;
        }
    }
    qsort(out->labels, out->label_count, sizeof *out->labels, by_key);
    return 0;
}

/* --- requirements ----------------------------------------------------------------------------- */

/* Without a value of their own, `warn` and `audit` are as strict as the action before them. */
static struct moor_requirements environment_requirements(
    const struct moor_schema_requirements *given)
{
    struct moor_requirements requirements = {0};
    requirements.enforce = moor_build_requirements(given, requirements).enforce;
    requirements.warn = requirements.enforce;
    requirements.warn = moor_build_requirements(given, requirements).warn;
    requirements.audit = requirements.warn;
    return moor_build_requirements(given, requirements);
}

/* Records which keys are given: the others inherit from the environment when an image is evaluated.
 */
static struct moor_overlay overlay(const struct moor_schema_requirements *given)
{
    const struct moor_requirements none = {MOOR_REQUIREMENT_IGNORE, MOOR_REQUIREMENT_IGNORE,
                                           MOOR_REQUIREMENT_IGNORE};
    return (struct moor_overlay){
        .requirements = moor_build_requirements(given, none),
        .has_enforce = given->enforce.at != NULL,
        .has_warn = given->warn.at != NULL,
        .has_audit = given->audit.at != NULL,
    };
}

static void build_overlays(struct moor_environment *out,
                           const struct moor_schema_environment *schema,
                           struct moor_diagnostics *diagnostics)
{
    for (size_t i = 0; i < MOOR_FIELD_COUNT; i++) {
        out->fields[i] = overlay(&schema->fields[i]);
        moor_build_check_requirements(&schema->fields[i],
                                      moor_requirements_overlay(out->requirements, &out->fields[i]),
                                      false, diagnostics);
    }
    out->unchanged = overlay(&schema->unchanged);
    /* Unchanged images are not denied by default, so that running workloads can be updated. */
    if (!out->unchanged.has_enforce) {
        out->unchanged.has_enforce = true;
        out->unchanged.requirements.enforce = MOOR_REQUIREMENT_ANY;
    }
    moor_build_check_requirements(&schema->unchanged,
                                  moor_requirements_overlay(out->requirements, &out->unchanged),
                                  true, diagnostics);
}

static int build_images(struct moor_environment *out, const struct moor_key_list *list,
                        struct moor_arena *arena, struct moor_diagnostics *diagnostics,
                        struct moor_error *err)
{
    if (list->count == 0) {
        return 0;
    }
    const struct moor_schema_image_rule *schemas = list->items;
    out->images = moor_arena_alloc(arena, list->count * sizeof *out->images);
    if (out->images == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu images", list->count);
    }
    out->image_count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        /* A rule replaces the requirements of the environment and inherits none of them. */
        out->images[i].requirements = environment_requirements(&schemas[i].requirements);
        moor_build_check_requirements(&schemas[i].requirements, out->images[i].requirements, false,
                                      diagnostics);
        if (moor_build_name_globs(&out->images[i].match, &schemas[i].match, arena, diagnostics,
                                  err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int build_environment(struct moor_environment *out,
                             const struct moor_schema_environment *schema,
                             struct moor_policy *policy, struct moor_diagnostics *diagnostics,
                             struct moor_error *err)
{
    out->mode = schema->mode.at != NULL ? (enum moor_mode)schema->mode.number : policy->mode;
    out->requirements = environment_requirements(&schema->requirements);
    moor_build_check_requirements(&schema->requirements, out->requirements, false, diagnostics);
    /* The warnings about overlays compare them with the requirements, which must be known. */
    build_overlays(out, schema, diagnostics);
    if (moor_plain_build(out, &moor_schema_environment_table, schema, &policy->arena, diagnostics,
                         err) != 0 ||
        build_labels(out, schema->labels.at, &policy->arena, diagnostics, err) != 0) {
        return -1;
    }
    return build_images(out, &schema->images, &policy->arena, diagnostics, err);
}

int moor_build_environments(struct moor_policy *policy, const struct moor_key_list *list,
                            struct moor_diagnostics *diagnostics, struct moor_error *err)
{
    if (list->count == 0) {
        return 0;
    }
    const struct moor_schema_environment *schemas = list->items;
    policy->environments =
        moor_arena_alloc(&policy->arena, list->count * sizeof *policy->environments);
    if (policy->environments == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu environments",
                              list->count);
    }
    policy->environment_count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        struct moor_environment *environment = &policy->environments[i];
        check_name(list, i, diagnostics);
        if (build_environment(environment, &schemas[i], policy, diagnostics, err) != 0) {
            return -1;
        }
        if (environment->is_default && policy->default_environment == NULL) {
            policy->default_environment = environment;
        }
    }
    /* Every request has an environment: without a default, some would have no requirement. */
    check_default(list, diagnostics);
    return 0;
}
