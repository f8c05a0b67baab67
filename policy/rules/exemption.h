/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exemption - which of the policy's exemptions hold for a request, and for one of its images.
 *
 * Every key under `match` must match.  For an object that a built-in controller writes, kinds and
 * names are those of the workload behind it: its owner, and for a ReplicaSet the Deployment that
 * named it, for a Job the CronJob; so what is exempted for a Deployment holds for its Pods.  Who
 * wrote the object is told by the authenticated user, never by what stands in it.
 *
 * Threads:  pure, any thread with a matcher.
 * Memory:   the list is in the caller's arena and borrows from the policy.
 * Limits:   each glob for a request is tried once a request; those for images are looked up.
 */
#ifndef MOOR_POLICY_RULES_EXEMPTION_H
#define MOOR_POLICY_RULES_EXEMPTION_H

#include "policy/object/request.h"
#include "policy/rules/image_glob.h"
#include "policy/rules/policy.h"

/* How long before its end an exemption that is used gives a warning. */
#define MOOR_EXEMPTION_NOTICE_S (INT64_C(14) * 86400)

/* The exemptions that hold for a request, as far as its images do not matter. */
struct moor_exemption_list {
    const struct moor_exemption_index *index;
    bool *holds;  /* by rank */
    size_t count; /* of those that hold */
};

/* What exemptions are asked about. */
struct moor_exemption_case {
    const struct moor_request *request;
    struct moor_slice environment; /* the name of the request's */
    bool is_builtin_controller;    /* the user is one */
    int64_t now;                   /* seconds since 1970 */
};

/* Selects the exemptions for a request.  Returns -1 where the arena is full. */
int moor_exemption_select(struct moor_exemption_list *out, const struct moor_policy *policy,
                          const struct moor_exemption_case *asked, struct moor_arena *arena,
                          struct moor_matcher *matcher, struct moor_error *err) MOOR_MUST_CHECK;

/* Of those in the list that hold for the image, the first of the lowest `enforce`; or NULL. */
const struct moor_exemption *moor_exemption_find(const struct moor_exemption_list *list,
                                                 const struct moor_object_image *image,
                                                 const struct moor_named_image *named,
                                                 struct moor_matcher *matcher);

/*
 * The levels that the exemption leaves.  What is no reference is below all of them; it is exempted
 * by its literal text alone, and then nothing is asked but that it is recorded.
 */
struct moor_requirements moor_exemption_lower(struct moor_requirements requirements,
                                              const struct moor_exemption *exemption,
                                              bool is_reference);

/* Whether it no longer applies. */
static inline bool moor_exemption_is_over(const struct moor_exemption *exemption, int64_t now)
{
    return !exemption->is_permanent && now >= exemption->expires;
}

/* Whether its use is worth a warning: it ends soon, or it is for breaking the glass. */
bool moor_exemption_needs_notice(const struct moor_exemption *exemption, int64_t now);

/* Whether one of the globs matches the kind as `Deployment`, or as `Deployment.apps`. */
bool moor_exemption_kind_matches(const struct moor_glob_list *globs, struct moor_slice kind,
                                 struct moor_slice group, struct moor_matcher *matcher);

/*
 * Appends a warning for each exemption that is over, as the loader writes them: it knows no time.
 * `name` is the file's.
 */
void moor_exemption_append_over(struct moor_buf *out, const struct moor_policy *policy,
                                const char *name, int64_t now);

/* "namespaces": the key as the file writes it. */
const char *moor_exemption_key_name(enum moor_exemption_key key);

#endif
