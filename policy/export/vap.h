/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vap - writes a policy as ValidatingAdmissionPolicies of Kubernetes, with their bindings.
 *
 * There is one policy for each environment and decision, because a binding cannot both deny and
 * warn.  A policy that could never find an image is omitted.  The result is complete YAML for
 * `kubectl apply`, and the same for the same input.
 *
 * CEL cannot express everything.  moor_vap_append_gaps() lists what is lost of a given policy; the
 * manual page lists what is lost of every policy.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer, whose maximum limits the result.
 */
#ifndef MOOR_POLICY_EXPORT_VAP_H
#define MOOR_POLICY_EXPORT_VAP_H

#include "policy/base/buf.h"
#include "policy/base/error.h"
#include "policy/decision.h"
#include "policy/rules/policy.h"

/* Maximum length of a prefix, so that names stay valid with an environment and a decision. */
#define MOOR_VAP_PREFIX_MAX 63

struct moor_vap_options {
    struct moor_slice prefix;            /* beginning of the names of objects */
    bool decisions[MOOR_DECISION_COUNT]; /* which decisions are written */
    bool is_static;                      /* for a static manifest: names end in .static.k8s.io */
    const struct moor_slice *excluded;   /* namespaces that are left out, besides kube-system */
    size_t excluded_count;
    struct moor_slice kubernetes; /* oldest version that must accept the policy, for the comment */
    int64_t now;                  /* seconds since 1970 */
};

/*
 * Appends the manifests.  Returns -1 if the policy has a glob or pattern that RE2 lacks; `err` has
 * its position in the file if it is known.
 */
int moor_vap_append(struct moor_buf *out, const struct moor_policy *policy,
                    const struct moor_vap_options *options, struct moor_matcher *matcher,
                    struct moor_error *err) MOOR_MUST_CHECK;

/* Appends a line for each thing that CEL cannot express of this policy. */
void moor_vap_append_gaps(struct moor_buf *out, const struct moor_policy *policy,
                          const struct moor_vap_options *options);

/* Returns whether the text can be the prefix of names: a DNS label of at most 63 bytes. */
bool moor_vap_is_prefix(struct moor_slice text);

#endif
