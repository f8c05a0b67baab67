/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/build.h"
#include "policy/file/image_glob_warn.h"
#include "policy/rules/image_glob.h"

/* With their own credentials, and without (`--use-service-account-credentials=false`). */
static const char *const builtin_controllers[] = {
    "system:serviceaccount:kube-system:deployment-controller",
    "system:serviceaccount:kube-system:replicaset-controller",
    "system:serviceaccount:kube-system:statefulset-controller",
    "system:serviceaccount:kube-system:daemon-set-controller",
    "system:serviceaccount:kube-system:job-controller",
    "system:serviceaccount:kube-system:cronjob-controller",
    "system:serviceaccount:kube-system:replication-controller",
    "system:kube-controller-manager",
    NULL,
};

static const struct moor_requirements controllers_requirements = {
    MOOR_REQUIREMENT_ANY, MOOR_REQUIREMENT_IGNORE, MOOR_REQUIREMENT_RELEASE};

static enum moor_requirement requirement_or(const struct moor_key_value *value,
                                            enum moor_requirement otherwise)
{
    return value->at != NULL ? (enum moor_requirement)value->number : otherwise;
}

struct moor_requirements moor_build_requirements(const struct moor_schema_requirements *given,
                                                 struct moor_requirements before)
{
    return (struct moor_requirements){.enforce = requirement_or(&given->enforce, before.enforce),
                                      .warn = requirement_or(&given->warn, before.warn),
                                      .audit = requirement_or(&given->audit, before.audit)};
}

static void check_level(const struct moor_key_value *value, const char *name,
                        enum moor_requirement enforce, bool may_ignore,
                        struct moor_diagnostics *diagnostics)
{
    if (value->at == NULL || value->number >= (unsigned)enforce ||
        (may_ignore && value->number == MOOR_REQUIREMENT_IGNORE)) {
        return;
    }
    moor_diagnostics_warning(diagnostics, value->at,
                             "'%s: %s' is below 'enforce: %s' and has no effect", name,
                             moor_requirement_name((enum moor_requirement)value->number),
                             moor_requirement_name(enforce));
}

void moor_build_check_requirements(const struct moor_schema_requirements *given,
                                   struct moor_requirements requirements, bool may_ignore,
                                   struct moor_diagnostics *diagnostics)
{
    check_level(&given->warn, "warn", requirements.enforce, may_ignore, diagnostics);
    check_level(&given->audit, "audit", requirements.enforce, may_ignore, diagnostics);
}

static size_t count_texts(const char *const *texts)
{
    size_t count = 0;
    while (texts != NULL && texts[count] != NULL) {
        count++;
    }
    return count;
}

bool moor_build_charge(struct moor_arena *arena, size_t bytes, const struct moor_yaml_node *at,
                       struct moor_diagnostics *diagnostics)
{
    if (moor_arena_charge(arena, bytes, MOOR_BUILD_MAX_COMPILED)) {
        return true;
    }
    if (at != NULL) {
        moor_diagnostics_error(
            diagnostics, at,
            "with this, the globs and patterns of the policy take more than %zu MiB "
            "of memory: use fewer or simpler ones",
            MOOR_BUILD_MAX_COMPILED >> 20);
    }
    return false;
}

/* `at` is NULL for a built-in glob. */
static int add_glob(struct moor_glob_list *list, struct moor_slice text, struct moor_arena *arena,
                    const struct moor_yaml_node *at, struct moor_diagnostics *diagnostics)
{
    struct moor_error err = {0};
    struct moor_glob *glob = &list->items[list->count++];
    if (moor_glob_compile(glob, text, &err) == 0) {
        if (moor_build_charge(arena, moor_glob_size(glob), at, diagnostics)) {
            return 0;
        }
        moor_glob_release(glob);
        *glob = (struct moor_glob){.text = text};
        return at == NULL ? -1 : 0;
    }
    *glob = (struct moor_glob){.text = text};
    if (at == NULL) {
        return -1;
    }
    moor_diagnostics_error(diagnostics, at, "%s", err.text);
    return 0;
}

int moor_build_globs(struct moor_glob_list *out, const char *const *builtin,
                     const struct moor_key_value *value, struct moor_arena *arena,
                     struct moor_diagnostics *diagnostics, struct moor_error *err)
{
    size_t builtins = count_texts(builtin);
    size_t count = builtins + (value->at != NULL ? value->at->count : 0);
    if (count == 0) {
        return 0;
    }
    out->items = moor_arena_alloc(arena, count * sizeof *out->items);
    if (out->items == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu globs", count);
    }
    for (size_t i = 0; i < builtins; i++) {
        if (add_glob(out, moor_slice_from(builtin[i]), arena, NULL, diagnostics) != 0) {
            return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the built-in globs");
        }
    }
    const struct moor_yaml_node *item = value->at != NULL ? value->at->first : NULL;
    for (; item != NULL; item = item->next) {
        struct moor_slice text;
        if (moor_arena_copy(arena, &text, item->text, err) != 0) {
            return -1;
        }
        (void)add_glob(out, text, arena, item, diagnostics);
    }
    return 0;
}

/* A registry in its canonical spelling is never longer than that. */
#define NAME_SLACK 16

int moor_build_respelled(struct moor_slice *out, const struct moor_yaml_node *item,
                         struct moor_arena *arena, struct moor_diagnostics *diagnostics,
                         struct moor_error *err)
{
    struct moor_buf name;
    moor_buf_init(&name, item->text.len + NAME_SLACK);
    struct moor_slice text = item->text;
    if (moor_image_glob_respell(&name, item->text)) {
        text = moor_buf_slice(&name);
        moor_diagnostics_warning(diagnostics, item,
                                 "'%s' is read as '%s', as canonical names spell the registry",
                                 moor_quote(item->text).text, moor_quote(text).text);
    }
    int status = moor_arena_copy(arena, out, text, err);
    moor_buf_release(&name);
    return status;
}

static int add_name_glob(struct moor_glob_list *out, const struct moor_yaml_node *item,
                         struct moor_arena *arena, struct moor_diagnostics *diagnostics,
                         struct moor_error *err)
{
    struct moor_error wrong = {0};
    struct moor_slice text;
    if (moor_build_respelled(&text, item, arena, diagnostics, err) != 0) {
        return -1;
    }
    if (moor_image_glob_check_name(text, &wrong) != 0) {
        moor_diagnostics_error(diagnostics, item, "%s", wrong.text);
        return 0;
    }
    moor_image_glob_warn(item, text, diagnostics);
    (void)add_glob(out, text, arena, item, diagnostics);
    return 0;
}

int moor_build_name_globs(struct moor_glob_list *out, const struct moor_key_value *value,
                          struct moor_arena *arena, struct moor_diagnostics *diagnostics,
                          struct moor_error *err)
{
    if (value->at == NULL || value->at->count == 0) {
        return 0;
    }
    out->items = moor_arena_alloc(arena, value->at->count * sizeof *out->items);
    if (out->items == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu globs", value->at->count);
    }
    for (const struct moor_yaml_node *item = value->at->first; item != NULL; item = item->next) {
        if (add_name_glob(out, item, arena, diagnostics, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static bool is_special(char byte)
{
    return byte == '*' || byte == '?' || byte == '[' || byte == '\\';
}

/*
 * Whether a user glob can stand for service accounts of any namespace: it follows
 * `system:serviceaccount:` up to its first special character, which stands before the namespace
 * ends, or it is nothing but stars.
 */
static bool is_any_namespace(struct moor_slice glob)
{
    const struct moor_slice prefix = MOOR_SLICE("system:serviceaccount:");
    size_t plain = 0;
    while (plain < glob.len && !is_special(glob.ptr[plain])) {
        plain++;
    }
    if (plain == glob.len) {
        return false;
    }
    if (plain == 0) {
        return moor_slice_is(glob, "*") || moor_slice_is(glob, "**");
    }
    if (plain < prefix.len) {
        return plain >= sizeof "system:" - 1 && memcmp(glob.ptr, prefix.ptr, plain) == 0;
    }
    struct moor_slice name = moor_slice_sub(glob, prefix.len, plain);
    return moor_slice_starts_with(glob, prefix) &&
           (name.len == 0 || memchr(name.ptr, ':', name.len) == NULL);
}

static void check_users(const struct moor_key_value *users, struct moor_diagnostics *diagnostics)
{
    const struct moor_yaml_node *item = users->at != NULL ? users->at->first : NULL;
    for (; item != NULL; item = item->next) {
        if (is_any_namespace(item->text)) {
            moor_diagnostics_warning(diagnostics, item,
                                     "'%s' takes in service accounts of more than one namespace: "
                                     "whoever may create such a namespace is held to less; name it",
                                     moor_quote(item->text).text);
        }
    }
}

static int build_controllers(struct moor_policy *policy,
                             const struct moor_schema_controllers *schema,
                             struct moor_diagnostics *diagnostics, struct moor_error *err)
{
    policy->controllers.requirements =
        moor_build_requirements(&schema->requirements, controllers_requirements);
    moor_build_check_requirements(&schema->requirements, policy->controllers.requirements, true,
                                  diagnostics);
    check_users(&schema->users, diagnostics);
    policy->controllers.builtin_count = count_texts(builtin_controllers);
    return moor_build_globs(&policy->controllers.users, builtin_controllers, &schema->users,
                            &policy->arena, diagnostics, err);
}

int moor_build_policy(struct moor_policy *policy, const struct moor_schema_policy *schema,
                      const struct moor_key_list *builtin, struct moor_diagnostics *diagnostics,
                      struct moor_error *err)
{
    if (!moor_build_check_globs(schema, diagnostics)) {
        return 0;
    }
    policy->version = 1;
    policy->grammar = 1;
    policy->mode =
        schema->mode.at != NULL ? (enum moor_mode)schema->mode.number : MOOR_MODE_ENFORCE;
    if (build_controllers(policy, &schema->controllers, diagnostics, err) != 0 ||
        moor_build_environments(policy, &schema->environments, diagnostics, err) != 0 ||
        moor_build_resources(policy, &schema->custom_resources, diagnostics, err) != 0 ||
        moor_build_placeholders(policy, &schema->placeholders, err) != 0 ||
        moor_build_annotations(policy, &schema->annotations, diagnostics, err) != 0 ||
        moor_build_repositories(policy, &schema->repositories, builtin, diagnostics, err) != 0 ||
        moor_build_exemptions(policy, &schema->exemptions, diagnostics, err) != 0) {
        return -1;
    }
    if (moor_build_check_reach(policy, &schema->environments, diagnostics, err) != 0) {
        return -1;
    }
    if (diagnostics->errors.total > 0) {
        return 0;
    }
    return moor_build_lookups(policy, err) != 0 ||
                   moor_build_check_cost(policy, schema, diagnostics, err) != 0
               ? -1
               : 0;
}
