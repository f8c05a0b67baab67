/* SPDX-License-Identifier: Apache-2.0 */
/*
 * creator - who would make an object again: the user that an admission request would name.
 *
 * Threads:  pure, any thread.
 * Memory:   borrows everything.
 */
#ifndef MOOR_CMD_SCAN_CREATOR_H
#define MOOR_CMD_SCAN_CREATOR_H

#include "cmd/scan/operators.h"
#include "policy/judge.h"

enum moor_creator_kind {
    MOOR_CREATOR_PERSON,     /* a person or a pipeline */
    MOOR_CREATOR_CONTROLLER, /* a Pod's controller, one of Kubernetes itself */
    MOOR_CREATOR_OPERATOR,   /* what works for a custom resource */
    MOOR_CREATOR_FOLDED, /* made of a workload that is judged itself: a Deployment's ReplicaSet */
    MOOR_CREATOR_NODE    /* a node, from a file of its own */
};

struct moor_creator {
    enum moor_creator_kind kind;
    const char *controller;              /* its user, for CONTROLLER */
    struct moor_operators_answer answer; /* for OPERATOR; set by the caller */
    bool is_named;                       /* the policy's controllers.users name the user */
    struct moor_slice groups[3];
    char namespace_group[256]; /* one of them */
};

/* Tells by the request's object who owns it, and so who made it. */
void moor_creator_find(struct moor_creator *out, const struct moor_request *request,
                       const struct moor_policy *policy);

/*
 * Sets user and groups of the request; of an operator's accounts the first that the policy names,
 * or else the first.
 */
void moor_creator_sign(struct moor_creator *creator, struct moor_request *request,
                       const struct moor_policy *policy, struct moor_matcher *matcher);

#endif
