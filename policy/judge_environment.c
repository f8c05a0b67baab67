/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/judge_environment.h"

static const char *const sources[] = {
    [MOOR_SOURCE_PATH] = "path",       [MOOR_SOURCE_UNKNOWN_PATH] = "unknown-path",
    [MOOR_SOURCE_LABELS] = "labels",   [MOOR_SOURCE_NAMESPACE] = "namespace",
    [MOOR_SOURCE_DEFAULT] = "default",
};

static bool has_value(const struct moor_label_rule *rule, struct moor_slice value)
{
    for (size_t i = 0; i < rule->count; i++) {
        if (moor_slice_equal(value, rule->values[i])) {
            return true;
        }
    }
    return false;
}

static bool has_label(const struct moor_namespace *namespace, const struct moor_label_rule *rule)
{
    for (size_t i = 0; i < namespace->label_count; i++) {
        const struct moor_label *label = &namespace->labels[i];
        if (moor_slice_equal(label->key, rule->key) && has_value(rule, label->value)) {
            return true;
        }
    }
    return false;
}

/*
 * All labels of the environment must match; an environment without labels is never chosen by
 * labels.
 */
static bool has_labels(const struct moor_namespace *namespace,
                       const struct moor_environment *environment)
{
    for (size_t i = 0; i < environment->label_count; i++) {
        if (!has_label(namespace, &environment->labels[i])) {
            return false;
        }
    }
    return environment->label_count > 0;
}

/* Labels precede names: an operator sets them deliberately, while a name may match by accident. */
static const struct moor_environment *find_by_namespace(const struct moor_policy *policy,
                                                        const struct moor_namespace *namespace,
                                                        struct moor_matcher *matcher,
                                                        enum moor_environment_source *source)
{
    *source = MOOR_SOURCE_LABELS;
    for (size_t i = 0; namespace->label_count > 0 && i < policy->environment_count; i++) {
        if (has_labels(namespace, &policy->environments[i])) {
            return &policy->environments[i];
        }
    }
    *source = MOOR_SOURCE_NAMESPACE;
    for (size_t i = 0; namespace->name.len > 0 && i < policy->environment_count; i++) {
        if (moor_glob_list_match(&policy->environments[i].namespaces, namespace->name, matcher)) {
            return &policy->environments[i];
        }
    }
    *source = MOOR_SOURCE_DEFAULT;
    return policy->default_environment;
}

static const struct moor_environment *find_by_name(const struct moor_policy *policy,
                                                   struct moor_slice name,
                                                   enum moor_environment_source *source)
{
    *source = MOOR_SOURCE_PATH;
    for (size_t i = 0; i < policy->environment_count; i++) {
        if (moor_slice_equal(policy->environments[i].name, name)) {
            return &policy->environments[i];
        }
    }
    /* A webhook configuration may be ahead of the policy; denying all its requests would be worse.
     */
    *source = MOOR_SOURCE_UNKNOWN_PATH;
    return policy->default_environment;
}

const struct moor_environment *moor_judge_environment(const struct moor_policy *policy,
                                                      const struct moor_request *request,
                                                      struct moor_slice asked,
                                                      struct moor_matcher *matcher,
                                                      enum moor_environment_source *source)
{
    if (asked.len > 0) {
        return find_by_name(policy, asked, source);
    }
    const struct moor_namespace namespace = {request->namespace, request->labels,
                                             request->label_count};
    return find_by_namespace(policy, &namespace, matcher, source);
}

const char *moor_source_name(enum moor_environment_source source)
{
    return sources[source];
}
