/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge - brings an admission request and a policy together and gives the verdict.
 *
 * The only place where anything is decided: the webhook and the command line call it and carry out
 * what it says.  What holds for one image is found in the order that the policy file documents: the
 * environment's levels, its own for some images, the field's, those for images that were there
 * before, those for what controllers carry out; last, an
 * exemption.
 *
 * What already runs keeps running: an image that the old object had, and what controllers carry
 * out, satisfies `any` even where it is no valid reference, because some runtime took it already.
 *
 * Threads:  one workspace, one thread at a time.
 * Memory:   the verdict borrows from the policy, the request and the workspace's arena.
 * Limits:   an object with more than MOOR_OBJECT_MAX_IMAGES images is denied, one whose texts do
 * not fit the arena, and one that takes more than MOOR_COST_MAX_STEPS matching steps: the same
 *           number for the same policy and request, everywhere.  Images with the same text are
 *           matched once.
 */
#ifndef MOOR_POLICY_JUDGE_H
#define MOOR_POLICY_JUDGE_H

#include "policy/base/arena.h"
#include "policy/base/buf.h"
#include "policy/base/glob.h"
#include "policy/decision.h"
#include "policy/image/class.h"
#include "policy/object/request.h"
#include "policy/rules/cost.h"
#include "policy/rules/exemption.h"
#include "policy/rules/policy.h"
#include "policy/rules/repository.h"

/* How the environment of a request was found. */
enum moor_environment_source {
    MOOR_SOURCE_PATH,         /* the URL named it */
    MOOR_SOURCE_UNKNOWN_PATH, /* the URL named one that the policy lacks: the default holds */
    MOOR_SOURCE_LABELS,       /* by the namespace's labels, where the caller knows them */
    MOOR_SOURCE_NAMESPACE,    /* by the namespace's name */
    MOOR_SOURCE_DEFAULT       /* nothing matched */
};

/* Why an image is held to other levels than a new one. */
enum moor_origin {
    MOOR_ORIGIN_NEW,
    MOOR_ORIGIN_UNCHANGED, /* the old object had it in the same place */
    MOOR_ORIGIN_CONTROLLER /* a controller carries out what was judged before */
};

struct moor_image_verdict {
    const struct moor_object_image *image;
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

/* What judging needs beside its input: made once a thread, reset between requests by its owner. */
struct moor_workspace {
    struct moor_arena arena;
    struct moor_matcher *matcher;
    struct moor_buf name; /* internal: the canonical name of the image that is being judged */
};

int moor_workspace_init(struct moor_workspace *out, struct moor_error *err) MOOR_MUST_CHECK;
void moor_workspace_release(struct moor_workspace *workspace);

/* What is to be known beside the request. */
struct moor_occasion {
    struct moor_slice environment; /* the name in the URL path, or empty */
    int64_t now;                   /* seconds since 1970, by which exemptions end */
};

/*
 * Judges `request` by `policy`.  Returns -1 only where memory or its limit is reached: there is no
 * verdict then, and the caller must refuse.
 */
int moor_judge(struct moor_verdict *out, const struct moor_policy *policy,
               const struct moor_request *request, const struct moor_occasion *occasion,
               struct moor_workspace *workspace, struct moor_error *err) MOOR_MUST_CHECK;

/* Whether the request is admitted. */
static inline bool moor_verdict_allows(const struct moor_verdict *verdict)
{
    return verdict->worst < MOOR_DECISION_DENY;
}

/*
 * The environment of a namespace by its labels, by its name, or else the default one.  Both may be
 * empty: an object without a namespace is in the default environment.
 */
const struct moor_environment *moor_judge_environment(const struct moor_policy *policy,
                                                      const struct moor_namespace *namespace,
                                                      struct moor_matcher *matcher,
                                                      enum moor_environment_source *source);

/* Whether an image of this level satisfies the demand. */
static inline bool moor_level_satisfies(enum moor_level level, enum moor_requirement requirement)
{
    return (int)level >= (int)requirement;
}

/* "path", "unknown-path", "labels", "namespace", "default" */
const char *moor_source_name(enum moor_environment_source source);

/* "malformed", "too-many-images", "too-large", "too-costly"; "none" for MOOR_FAULT_NONE */
const char *moor_fault_name(enum moor_fault fault);

/* "new", "unchanged", "controller-request" */
const char *moor_origin_name(enum moor_origin origin);

#endif
