/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict - the decisions about a request, its object and its images, with their reasons.
 *
 * Threads:  pure, any thread.
 * Memory:   a verdict borrows from the policy, the request and the workspace's arena.
 */
#ifndef MOOR_POLICY_VERDICT_H
#define MOOR_POLICY_VERDICT_H

#include "policy/decision.h"
#include "policy/image/class.h"
#include "policy/image/reference.h"
#include "policy/judge_environment.h"
#include "policy/object/request.h"
#include "policy/rules/exemption.h"
#include "policy/rules/policy.h"
#include "policy/rules/repository.h"

/* Where an image comes from: only a new one has to meet the full requirement. */
enum moor_origin {
    MOOR_ORIGIN_NEW,
    MOOR_ORIGIN_UNCHANGED, /* the old object had it at the same path */
    MOOR_ORIGIN_CONTROLLER /* it is new in a controller request */
};

struct moor_image_verdict {
    const struct moor_object_image *image;
    struct moor_reference reference; /* the image as it is parsed; empty if it is no reference */
    const struct moor_exemption *exemption; /* that made the decision milder, or NULL */
    struct moor_slice reason; /* for MOOR_CLASS_INVALID: what is wrong with the reference; for
                                 MOOR_CLASS_REPOSITORY: that of the policy's entry, or empty */
    enum moor_class class;
    enum moor_level level;
    enum moor_requirement requirement; /* what `decision` was measured against */
    enum moor_decision decision;
    enum moor_origin origin;
    bool would_deny; /* it failed `enforce`, and the mode made less of it */
    bool is_skipped; /* blank, absent or a placeholder in a template: allowed without evaluation */
    struct moor_repair repair;
};

/*
 * Why an object as a whole is denied.  The mode decides what becomes of the denial, and but for
 * MALFORMED also what the policy asks of controllers.
 */
enum moor_fault {
    MOOR_FAULT_NONE,
    MOOR_FAULT_MALFORMED,       /* not the shape of its kind, which is one of Kubernetes */
    MOOR_FAULT_TOO_MANY_IMAGES, /* more than are kept */
    MOOR_FAULT_TOO_LARGE,       /* reading it takes more memory or work than a request has */
    MOOR_FAULT_TOO_COSTLY,      /* it takes more matching steps than a request has */
    MOOR_FAULT_COUNT
};

struct moor_verdict {
    const struct moor_request *request;
    const struct moor_environment *environment;
    enum moor_environment_source source;
    struct moor_slice asked_environment; /* the name in the URL path, or empty */
    enum moor_scope scope;               /* anything but JUDGE: allowed unseen */
    enum moor_fault fault;
    enum moor_decision fault_decision; /* what becomes of the object for its fault */
    bool fault_would_deny;    /* the fault failed `enforce`, whatever the mode made of it */
    enum moor_decision worst; /* of the fault and all images */
    struct moor_image_verdict *images;  /* in the order of the object */
    size_t image_count;                 /* fewer than the object has for MOOR_FAULT_TOO_COSTLY */
    uint64_t steps;                     /* matching steps that judging took */
    size_t counts[MOOR_DECISION_COUNT]; /* evaluated images by decision */
    const struct moor_exemption **exemptions; /* those that made a decision milder, each once */
    size_t exemption_count;
    int64_t now;     /* the time by which exemptions were judged */
    bool would_deny; /* something failed `enforce`, whatever the mode made of it */
};

/* Whether the request is admitted. */
static inline bool moor_verdict_allows(const struct moor_verdict *verdict)
{
    return verdict->worst < MOOR_DECISION_DENY;
}

/* "malformed", "too-many-images", "too-large", "too-costly"; "none" for MOOR_FAULT_NONE */
const char *moor_fault_name(enum moor_fault fault);

/* "new", "unchanged", "controller-request" */
const char *moor_origin_name(enum moor_origin origin);

#endif
