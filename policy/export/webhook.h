/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhook - writes the ValidatingWebhookConfiguration of a policy.
 *
 * An entry selects the namespaces of one environment by label, or the remaining namespaces.  The
 * selectors are disjoint: each excludes the namespaces of earlier environments.  The requirements
 * of a selector are joined by `and`, so an environment with several labels splits the remaining
 * namespaces: not (a and b) is (not a) or (a and not b).
 *
 * Each entry appears twice, for users and for controllers.  Controller requests must not depend on
 * the server, unless the policy requires more of them than a valid reference.
 *
 * The chart renders the same configuration.  It reads the lists and expressions of this module from
 * a file that moor_webhook_append_facts() writes, and only joins them as this module does; a test
 * compares both results.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 * Limits:   MOOR_WEBHOOK_ENTRIES_MAX entries, and as many in the chart.
 */
#ifndef MOOR_POLICY_EXPORT_WEBHOOK_H
#define MOOR_POLICY_EXPORT_WEBHOOK_H

#include "policy/base/buf.h"
#include "policy/base/error.h"
#include "policy/rules/policy.h"

/* Maximum number of entries, before they are doubled for users and controllers. */
#define MOOR_WEBHOOK_ENTRIES_MAX 16

struct moor_webhook_options {
    struct moor_slice name;      /* name of the configuration, a DNS label */
    bool is_static;              /* for a static manifest: names end in .static.k8s.io */
    struct moor_slice url;       /* address of the server, without a path; empty: by Service */
    struct moor_slice namespace; /* namespace of the Service */
    struct moor_slice service;
    uint64_t port;
    struct moor_slice ca_bundle;       /* base64; empty: none */
    bool is_own_only;                  /* only the custom resources of the policy file */
    const struct moor_slice *excluded; /* namespaces that are left out, besides kube-system and
                                          that of the Service */
    size_t excluded_count;
};

/*
 * Appends the configuration.  Returns -1 if labels of environments need too many entries, or for a
 * glob that RE2 lacks.
 */
int moor_webhook_append(struct moor_buf *out, const struct moor_policy *policy,
                        const struct moor_webhook_options *options,
                        struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Appends the lists and expressions from which the chart renders the configuration, as YAML.  The
 * built-in ones are taken from `policy`, which has no own custom resources and annotations.
 */
int moor_webhook_append_facts(struct moor_buf *out, const struct moor_policy *policy,
                              struct moor_error *err) MOOR_MUST_CHECK;

#endif
