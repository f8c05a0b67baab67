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

/* The origin of an image: only a new one must satisfy the full requirement. */
enum moor_origin {
    MOOR_ORIGIN_NEW,       /* the request introduces it */
    MOOR_ORIGIN_UNCHANGED, /* the old object has it at the same path */
    MOOR_ORIGIN_CONTROLLER /* it is new in a controller request */
};

/* The decision about an image. */
struct moor_image_verdict {
    const struct moor_object_image *image;
    struct moor_reference reference;        /* the parsed image; empty if it is not a reference */
    const struct moor_exemption *exemption; /* the exemption that changed the decision, or NULL */
    const struct moor_exemption *ended; /* it would prevent the denial, but has ended; or NULL */
    struct moor_slice reason; /* INVALID: what is wrong; REPOSITORY: the entry's reason; or empty */
    enum moor_class class;
    enum moor_level level;
    enum moor_requirement requirement; /* the requirement that gave the decision */
    enum moor_decision decision;
    enum moor_origin origin;
    bool would_deny; /* it fails `enforce`, even if the mode prevents the denial */
    /*
     * Item of `controllers.users` that names the operator which completes this image of a custom
     * resource, in Pods that are admitted; else empty.
     */
    struct moor_slice operator;
    bool is_skipped; /* blank, absent or a placeholder in a template: allowed without evaluation */
    struct moor_repair repair;
};

/*
 * The reasons for which an object as a whole is denied.  The mode can weaken the denial; except for
 * MALFORMED, so can the requirements for controllers.
 */
enum moor_fault {
    MOOR_FAULT_NONE,
    MOOR_FAULT_MALFORMED,       /* a built-in kind does not have the structure of its kind */
    MOOR_FAULT_TOO_MANY_IMAGES, /* more than MOOR_OBJECT_MAX_IMAGES */
    MOOR_FAULT_TOO_LARGE,       /* reading takes more memory or work than a request may use */
    MOOR_FAULT_TOO_COSTLY,      /* matching takes more steps than a request may use */
    MOOR_FAULT_COUNT
};

/* The verdict about a request. */
struct moor_verdict {
    const struct moor_request *request;
    const struct moor_environment *environment;
    enum moor_environment_source source; /* how the environment was selected */
    struct moor_slice asked_environment; /* the name in the URL path, or empty */
    enum moor_scope scope;               /* any value but JUDGE: allowed without evaluation */
    enum moor_fault fault;
    enum moor_decision fault_decision;  /* the decision for the fault */
    bool fault_would_deny;              /* the fault fails `enforce`, in any mode */
    enum moor_decision worst;           /* most severe decision for the fault and all images */
    struct moor_image_verdict *images;  /* in the order of the object */
    size_t image_count;                 /* fewer than in the object with MOOR_FAULT_TOO_COSTLY */
    uint64_t steps;                     /* matching steps of the evaluation */
    size_t counts[MOOR_DECISION_COUNT]; /* number of evaluated images by decision */
    const struct moor_exemption **exemptions; /* exemptions that changed a decision, each once */
    size_t exemption_count;
    int64_t now;     /* time of the evaluation, for exemptions, in seconds since 1970 */
    bool would_deny; /* the fault or an image fails `enforce`, in any mode */
};

/* Returns whether the request is admitted. */
static inline bool moor_verdict_allows(const struct moor_verdict *verdict)
{
    return verdict->worst < MOOR_DECISION_DENY;
}

/* Returns "malformed", "too-many-images", "too-large", "too-costly" or "none". */
const char *moor_fault_name(enum moor_fault fault);

/* Returns "new", "unchanged" or "controller-request". */
const char *moor_origin_name(enum moor_origin origin);

#endif
