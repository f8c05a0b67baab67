/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rules/build.h"

#define MAX_NAME_BYTES 63

static bool is_label_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-';
}

/* A DNS label: the name stands in the path /validate/<name>, in logs and in metrics. */
static bool is_label(struct moor_slice name)
{
    if (name.len == 0 || name.len > MAX_NAME_BYTES || name.ptr[0] == '-' ||
        name.ptr[name.len - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if (!is_label_byte(name.ptr[i])) {
            return false;
        }
    }
    return true;
}

static void check_name(const struct moor_key_list *list, size_t place, struct moor_reports *reports)
{
    const struct moor_shape_environment *shapes = list->items;
    const struct moor_yaml_node *name = shapes[place].name.at;
    if (name == NULL) {
        return;
    }
    if (!is_label(name->text)) {
        moor_reports_error(reports, name,
                           "'name' must be 1 to 63 of a-z, 0-9 and '-', not at the ends, because "
                           "it stands in URLs; not '%s'",
                           moor_quote(name->text).text);
        return;
    }
    for (size_t i = 0; i < place; i++) {
        const struct moor_yaml_node *other = shapes[i].name.at;
        if (other != NULL && moor_slice_equal(other->text, name->text)) {
            moor_reports_error(reports, name, "a second environment '%s', the first is in line %u",
                               moor_quote(name->text).text, (unsigned)other->line);
            return;
        }
    }
}

static void check_default(const struct moor_key_list *list, struct moor_reports *reports)
{
    const struct moor_shape_environment *shapes = list->items;
    const struct moor_yaml_node *first = NULL;
    bool is_unread = false;
    for (size_t i = 0; i < list->count; i++) {
        const struct moor_shape_environment *shape = &shapes[i];
        if (shape->at == NULL) {
            is_unread = true;
            continue;
        }
        is_unread = is_unread ||
                    (shape->is_default.at == NULL && moor_yaml_get(shape->at, "default") != NULL);
        if (shape->is_default.number == 0) {
            continue;
        }
        if (first != NULL) {
            moor_reports_error(reports, shape->is_default.at,
                               "a second default environment, the first is in line %u",
                               (unsigned)first->line);
            continue;
        }
        first = shape->is_default.at;
    }
    /* One that was refused may be it: its own report is enough. */
    if (first == NULL && !is_unread) {
        moor_reports_error(reports, list->at,
                           "no environment is the default: write 'default: true' in the one for "
                           "namespaces that no other names");
    }
}

/* What `warn` and `audit` are where they are not given: as strict as the level before them. */
static struct moor_levels environment_levels(const struct moor_shape_levels *given)
{
    struct moor_levels levels = {0};
    levels.enforce = moor_build_levels(given, levels).enforce;
    levels.warn = levels.enforce;
    levels.warn = moor_build_levels(given, levels).warn;
    levels.audit = levels.warn;
    return moor_build_levels(given, levels);
}

static int build_environment(struct moor_environment *out,
                             const struct moor_shape_environment *shape, struct moor_policy *policy,
                             struct moor_reports *reports, struct moor_error *err)
{
    out->is_default = shape->is_default.number != 0;
    out->mode = shape->mode.at != NULL ? (enum moor_mode)shape->mode.number : policy->mode;
    out->levels = environment_levels(&shape->levels);
    moor_build_check_levels(&shape->levels, out->levels, false, reports);
    for (size_t i = 0; i < MOOR_FIELD_COUNT; i++) {
        out->fields[i] = moor_build_levels(&shape->fields[i], out->levels);
        moor_build_check_levels(&shape->fields[i], out->fields[i], false, reports);
    }
    struct moor_levels unchanged = out->levels;
    unchanged.enforce = MOOR_DEMAND_ANY;
    out->unchanged = moor_build_levels(&shape->unchanged, unchanged);
    moor_build_check_levels(&shape->unchanged, out->unchanged, true, reports);
    if (shape->name.at != NULL &&
        moor_arena_copy(&policy->arena, &out->name, shape->name.at->text, err) != 0) {
        return -1;
    }
    return moor_build_globs(&out->namespaces, NULL, &shape->namespaces, &policy->arena, reports,
                            err);
}

int moor_build_environments(struct moor_policy *policy, const struct moor_key_list *list,
                            struct moor_reports *reports, struct moor_error *err)
{
    if (list->count == 0) {
        return 0;
    }
    const struct moor_shape_environment *shapes = list->items;
    policy->environments =
        moor_arena_alloc(&policy->arena, list->count * sizeof *policy->environments);
    if (policy->environments == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu environments",
                              list->count);
    }
    policy->environment_count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        struct moor_environment *environment = &policy->environments[i];
        check_name(list, i, reports);
        if (build_environment(environment, &shapes[i], policy, reports, err) != 0) {
            return -1;
        }
        if (environment->is_default && policy->default_environment == NULL) {
            policy->default_environment = environment;
        }
    }
    check_default(list, reports);
    return 0;
}
