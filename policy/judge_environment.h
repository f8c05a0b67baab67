/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge_environment - which environment of the policy a request is in, and why.
 *
 * Threads:  pure, any thread with a matcher.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_JUDGE_ENVIRONMENT_H
#define MOOR_POLICY_JUDGE_ENVIRONMENT_H

#include "policy/object/request.h"
#include "policy/rules/policy.h"

/* How the environment of a request was found. */
enum moor_environment_source {
    MOOR_SOURCE_PATH,         /* the URL named it */
    MOOR_SOURCE_UNKNOWN_PATH, /* the URL named one that the policy lacks: the default holds */
    MOOR_SOURCE_LABELS,       /* by the namespace's labels, where the caller knows them */
    MOOR_SOURCE_NAMESPACE,    /* by the namespace's name */
    MOOR_SOURCE_DEFAULT       /* nothing matched */
};

/*
 * The environment that the URL path names in `asked`; the default one if the policy lacks it.
 * Without a name in the path, the environment by the namespace's labels, by its name, or else the
 * default one; an object without a namespace is in the default environment.
 */
const struct moor_environment *moor_judge_environment(const struct moor_policy *policy,
                                                      const struct moor_request *request,
                                                      struct moor_slice asked,
                                                      struct moor_matcher *matcher,
                                                      enum moor_environment_source *source);

/* "path", "unknown-path", "labels", "namespace", "default" */
const char *moor_source_name(enum moor_environment_source source);

#endif
