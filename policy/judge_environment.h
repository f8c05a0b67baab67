/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge_environment - finds the environment of a request, and how it was selected.
 *
 * Threads:  pure, any thread with a matcher.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_JUDGE_ENVIRONMENT_H
#define MOOR_POLICY_JUDGE_ENVIRONMENT_H

#include "policy/object/request.h"
#include "policy/rules/policy.h"

/* How the environment of a request was selected. */
enum moor_environment_source {
    MOOR_SOURCE_PATH,         /* the URL path names it */
    MOOR_SOURCE_UNKNOWN_PATH, /* the URL path names an unknown one: the default applies */
    MOOR_SOURCE_LABELS,       /* the namespace's labels match; the webhook never has them */
    MOOR_SOURCE_NAMESPACE,    /* the namespace's name matches */
    MOOR_SOURCE_DEFAULT       /* nothing matches */
};

/*
 * Returns the environment with the name `asked`, which the URL path gives, or the default one if
 * the policy does not have it.  If `asked` is empty, the labels of the namespace select the
 * environment, then its name, then the default applies.  The default also applies to objects
 * without a namespace.  Sets `*source`.
 */
const struct moor_environment *moor_judge_environment(const struct moor_policy *policy,
                                                      const struct moor_request *request,
                                                      struct moor_slice asked,
                                                      struct moor_matcher *matcher,
                                                      enum moor_environment_source *source);

/* Returns "path", "unknown-path", "labels", "namespace" or "default". */
const char *moor_source_name(enum moor_environment_source source);

#endif
