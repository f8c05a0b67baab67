/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/build.h"
#include "policy/base/array_size.h"
#include "policy/file/build_annotations.h"
#include "policy/file/build_cost.h"
#include "policy/file/build_environments.h"
#include "policy/file/build_exemptions.h"
#include "policy/file/build_globs.h"
#include "policy/file/build_limits.h"
#include "policy/file/build_lookup.h"
#include "policy/file/build_reach.h"
#include "policy/file/build_repositories.h"
#include "policy/file/build_requirements.h"
#include "policy/file/build_resources.h"
#include "policy/file/image_glob_warn.h"
#include "policy/file/plain.h"
#include "policy/file/quote.h"
#include "policy/rules/image_glob.h"

/* The users of the controllers with their own credentials, and of the controller manager, which is
 * used with `--use-service-account-credentials=false`. */
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

/* A user's request had the image before, so controllers must not be blocked: see policy.h. */
static const struct moor_requirements controllers_requirements = {
    MOOR_REQUIREMENT_ANY, MOOR_REQUIREMENT_IGNORE, MOOR_REQUIREMENT_RELEASE};

static bool is_special(char byte)
{
    return byte == '*' || byte == '?' || byte == '[' || byte == '\\';
}

/*
 * Returns whether a user glob can match service accounts of any namespace.  Such a glob consists of
 * stars, or starts with `system:serviceaccount:` and has a special character before the namespace
 * ends.
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

static bool matches_everyone(struct moor_slice glob)
{
    size_t stars = 0;
    while (stars < glob.len && glob.ptr[stars] == '*') {
        stars++;
    }
    return glob.len > 0 && stars == glob.len;
}

/* Controllers have weaker requirements, and an attacker could create a matching service account. */
static void check_users(const struct moor_key_value *users, struct moor_diagnostics *diagnostics)
{
    const struct moor_yaml_node *item = users->at != NULL ? users->at->first : NULL;
    for (; item != NULL; item = item->next) {
        if (matches_everyone(item->text)) {
            moor_diagnostics_warning(
                diagnostics, item,
                "'%s' matches every user, so the requirements of controllers apply to all: name "
                "service accounts",
                moor_quote(item->text).text);
        } else if (is_any_namespace(item->text)) {
            moor_diagnostics_warning(
                diagnostics, item,
                "'%s' matches service accounts of more than one namespace, and "
                "any user of such a namespace can use one: name the namespace",
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
    policy->controllers.builtin_count = MOOR_ARRAY_SIZE(builtin_controllers) - 1;
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
    policy->grammar = 1;
    policy->mode =
        schema->mode.at != NULL ? (enum moor_mode)schema->mode.number : MOOR_MODE_ENFORCE;
    if (moor_plain_build(policy, &moor_schema_policy_table, schema, &policy->arena, diagnostics,
                         err) != 0 ||
        build_controllers(policy, &schema->controllers, diagnostics, err) != 0 ||
        moor_build_environments(policy, &schema->environments, diagnostics, err) != 0 ||
        moor_build_resources(policy, &schema->custom_resources, diagnostics, err) != 0 ||
        moor_build_placeholders(policy, &schema->placeholders, err) != 0 ||
        moor_build_annotations(policy, &schema->annotations, diagnostics, err) != 0 ||
        moor_build_repositories(policy, &schema->repositories, builtin, diagnostics, err) != 0 ||
        moor_build_exemptions(policy, &schema->exemptions, diagnostics, err) != 0) {
        return -1;
    }
    /* Earlier errors may leave lists incomplete; the indexes need all of them. */
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
