/* SPDX-License-Identifier: Apache-2.0 */
/*
 * creator - determines which user would create an object again.
 *
 * A policy can treat requests of controllers differently, and an object does not record its
 * creator. The creator follows from the object's owner: the built-in controllers from a table,
 * operators from the cluster's roles (operators.h).
 *
 * Threads:  pure, any thread.
 * Memory:   borrows everything.
 */
#ifndef MOOR_CMD_SCAN_CREATOR_H
#define MOOR_CMD_SCAN_CREATOR_H

#include "cmd/scan/operators.h"
#include "policy/judge.h"

/* The kinds of creators. */
enum moor_creator_kind {
    MOOR_CREATOR_PERSON,     /* a user or a pipeline */
    MOOR_CREATOR_CONTROLLER, /* a built-in controller, which creates Pods */
    MOOR_CREATOR_OPERATOR,   /* the operator of a custom resource */
    MOOR_CREATOR_FOLDED,     /* owned by a workload that is evaluated itself: the ReplicaSet of a
                                Deployment */
    MOOR_CREATOR_NODE        /* a kubelet, from a file on its node */
};

/* The creator of one object. */
struct moor_creator {
    enum moor_creator_kind kind;
    const char *controller;              /* user name, for CONTROLLER */
    struct moor_operators_answer answer; /* for OPERATOR; set by the caller */
    bool is_named;                       /* the policy's controllers.users contains the user */
    struct moor_slice groups[3];
    char namespace_group[256]; /* storage for one of the groups */
};

/* Determines the kind of creator from the owner of the request's object. */
void moor_creator_find(struct moor_creator *out, const struct moor_request *request,
                       const struct moor_policy *policy);

/*
 * Sets the user and the groups of the request.  An operator can have several candidate accounts:
 * the first one that the policy names is used, or else the first one.
 */
void moor_creator_sign(struct moor_creator *creator, struct moor_request *request,
                       const struct moor_policy *policy, struct moor_matcher *matcher);

#endif
