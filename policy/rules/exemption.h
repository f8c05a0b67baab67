/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exemption - selects the exemptions that apply to a request, and to each of its images.
 *
 * Every key under `match` must match.  For an object that a built-in controller creates, kinds and
 * names are those of the workload that the object belongs to: its owner, and also the Deployment of
 * a ReplicaSet and the CronJob of a Job.  An exemption for a Deployment therefore covers its Pods.
 * Only the authenticated user shows who created the object; its content can claim anything.
 *
 * Threads:  pure, any thread with a matcher.
 * Memory:   the list is in the caller's arena and borrows from the policy.
 * Limits:   each glob for a request is tried once a request; globs for images are looked up.
 */
#ifndef MOOR_POLICY_RULES_EXEMPTION_H
#define MOOR_POLICY_RULES_EXEMPTION_H

#include "policy/object/request.h"
#include "policy/rules/image_glob.h"
#include "policy/rules/policy.h"

/* How long before its end an exemption causes a warning when it is used, in seconds. */
#define MOOR_EXEMPTION_NOTICE_S (INT64_C(14) * 86400)

/* The exemptions that apply to a request, before its images are considered. */
struct moor_exemption_list {
    const struct moor_exemption_index *index; /* the policy's index */
    bool *holds;                              /* by rank: whether the exemption applies */
    size_t count;                             /* number of exemptions that apply */
};

/* The facts that exemptions are matched with. */
struct moor_exemption_case {
    const struct moor_request *request;
    struct moor_slice environment; /* name of the request's environment */
    bool is_builtin_controller;    /* the user is a controller of Kubernetes */
    bool wants_ended;              /* select the exemptions that would apply, but have ended */
    int64_t now;                   /* seconds since 1970 */
};

/* Selects the exemptions that apply to a request.  Returns -1 if the arena is full. */
int moor_exemption_select(struct moor_exemption_list *out, const struct moor_policy *policy,
                          const struct moor_exemption_case *asked, struct moor_arena *arena,
                          struct moor_matcher *matcher, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Returns the exemption with the lowest `enforce` that applies to the image, the first in the file
 * among equals.  Returns NULL if none applies.
 */
const struct moor_exemption *moor_exemption_find(const struct moor_exemption_list *list,
                                                 const struct moor_object_image *image,
                                                 const struct moor_named_image *named,
                                                 struct moor_matcher *matcher);

/*
 * Returns the requirements that remain under the exemption.  A text that is not a reference
 * satisfies only `ignore`.  Only an exemption for exactly this text applies to it, and lowers its
 * requirement to `ignore`; the use of the exemption is still recorded.
 */
struct moor_requirements moor_exemption_lower(struct moor_requirements requirements,
                                              const struct moor_exemption *exemption,
                                              bool is_reference);

/* Returns whether the exemption has expired. */
static inline bool moor_exemption_is_over(const struct moor_exemption *exemption, int64_t now)
{
    return !exemption->is_permanent && now >= exemption->expires;
}

/* Returns whether using the exemption causes a warning: it ends soon, or is for emergencies. */
bool moor_exemption_needs_notice(const struct moor_exemption *exemption, int64_t now);

/* Returns whether one of the globs matches the kind as `Deployment` or `Deployment.apps`. */
bool moor_exemption_kind_matches(const struct moor_glob_list *globs, struct moor_slice kind,
                                 struct moor_slice group, struct moor_matcher *matcher);

/*
 * Appends a warning for each expired exemption, in the format of the loader's diagnostics.  The
 * loader itself has no clock.  `name` is the name of the file.
 */
void moor_exemption_append_over(struct moor_buf *out, const struct moor_policy *policy,
                                const char *name, int64_t now);

/* Returns the name of the key in the policy file: "namespaces". */
const char *moor_exemption_key_name(enum moor_exemption_key key);

#endif
