/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rules/policy.h"
#include "policy/object/kinds.h"

#include <stdlib.h>

static const char *const requirement_names[] = {
    [MOOR_REQUIREMENT_IGNORE] = "ignore",   [MOOR_REQUIREMENT_ANY] = "any",
    [MOOR_REQUIREMENT_RELEASE] = "release", [MOOR_REQUIREMENT_BUILD] = "build",
    [MOOR_REQUIREMENT_DIGEST] = "digest",
};

static const char *const mode_names[] = {
    [MOOR_MODE_AUDIT] = "audit",
    [MOOR_MODE_WARN] = "warn",
    [MOOR_MODE_ENFORCE] = "enforce",
};

const char *moor_requirement_name(enum moor_requirement requirement)
{
    return requirement_names[requirement];
}

const char *moor_mode_name(enum moor_mode mode)
{
    return mode_names[mode];
}

/* Built-in kinds come first, so that a policy cannot hide the images of a Deployment. */
const struct moor_kind *moor_policy_find_kind(const struct moor_policy *policy,
                                              struct moor_slice group, struct moor_slice resource,
                                              struct moor_slice kind)
{
    const struct moor_kind *found = moor_kind_find(group, resource, kind);
    for (size_t i = 0; found == NULL && i < policy->custom_resource_count; i++) {
        const struct moor_kind *custom = &policy->custom_resources[i].kind;
        if (moor_slice_equal(custom->group, group) &&
            (moor_slice_equal(custom->resource, resource) ||
             moor_slice_equal(custom->kind, kind))) {
            found = custom;
        }
    }
    return found;
}

struct moor_policy *moor_policy_hold(struct moor_policy *policy)
{
    /*
     * The caller has a reference already, so that the policy cannot be freed meanwhile, and no
     * order is needed.
     */
    (void)atomic_fetch_add_explicit(&policy->references, 1, memory_order_relaxed);
    return policy;
}

/* Compiled globs own memory of PCRE2 outside the arena; all other members are in the arena. */
static void release_environment(struct moor_environment *environment)
{
    moor_glob_list_release(&environment->namespaces);
    for (size_t i = 0; i < environment->image_count; i++) {
        moor_glob_list_release(&environment->images[i].match);
    }
}

static void release_repository(struct moor_repository *repository)
{
    moor_glob_list_release(&repository->match);
    for (size_t i = 0; i < MOOR_PATTERNS_COUNT; i++) {
        for (size_t j = 0; j < repository->patterns[i].count; j++) {
            moor_pattern_release(&repository->patterns[i].items[j]);
        }
    }
}

static void release_exemption(struct moor_exemption *exemption)
{
    for (size_t i = 0; i < MOOR_EXEMPTION_KEY_COUNT; i++) {
        moor_glob_list_release(&exemption->match[i]);
    }
    for (size_t i = 0; i < exemption->images.count; i++) {
        moor_image_glob_release(&exemption->images.items[i]);
    }
}

void moor_policy_release(struct moor_policy *policy)
{
    /* The release order makes all reads of other holders happen before the policy is freed. */
    if (policy == NULL ||
        atomic_fetch_sub_explicit(&policy->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    for (size_t i = 0; i < policy->environment_count; i++) {
        release_environment(&policy->environments[i]);
    }
    moor_glob_list_release(&policy->controllers.users);
    for (size_t i = 0; i < policy->repository_count; i++) {
        release_repository(&policy->repositories[i]);
    }
    for (size_t i = 0; i < policy->exemption_count; i++) {
        release_exemption(&policy->exemptions[i]);
    }
    moor_arena_release(&policy->arena);
    free(policy);
}
