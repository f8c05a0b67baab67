/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operators - which service accounts make the objects that a custom resource owns.
 *
 * An object does not say who made it, and a tenant can write any owner into his objects, so the
 * cluster's roles are asked: the operator behind `Cluster.postgresql.cnpg.io` is a service account
 * that may create what was made, and may write that API group.
 *
 * Only one kind of evidence is certain, because no tenant can forge it: exactly one account may do
 * both in all namespaces, by ClusterRoleBindings, and its roles name the status or finalizers of
 * the group's resources, which operators keep and people and pipelines do not.  All other accounts
 * are candidates, each with the reason for the doubt:
 *
 *   - one of several such accounts, those counted that may write every resource of the group (`*`)
 *   - in all namespaces, but without status or finalizers: a pipeline has such rights
 *   - only by a RoleBinding in the object's namespace: a tenant can bind his own account there
 *   - by a role over every group and resource; only if there is no other candidate
 *
 * Threads:  one table, one thread at a time.
 * Memory:   jansson's, and an arena for what is found.
 * Limits:   MOOR_OPERATORS_MAX_FOUND are named for one question, others are counted.  For objects
 * of one namespace MOOR_OPERATORS_MAX_ASKED questions are answered, so that a tenant who writes
 * many owners costs no more; the others have no answer.
 */
#ifndef MOOR_CMD_SCAN_OPERATORS_H
#define MOOR_CMD_SCAN_OPERATORS_H

#include "cmd/input/manifest.h"

#define MOOR_OPERATORS_MAX_FOUND 4
#define MOOR_OPERATORS_MAX_ASKED 32

struct json_t;

struct moor_operators {
    struct json_t *roles;    /* rules, by `KIND/NAMESPACE/NAME` */
    struct json_t *bindings; /* as they are */
    struct json_t *answers;  /* to questions that were asked before */
    struct json_t *asked;    /* how many of them, by namespace */
};

int moor_operators_init(struct moor_operators *out, struct moor_error *err) MOOR_MUST_CHECK;
void moor_operators_release(struct moor_operators *operators);

/* Adds what `manifest` says where it is a role or a binding of one; other kinds are left. */
int moor_operators_add(struct moor_operators *operators, const struct moor_manifest *manifest,
                       struct moor_error *err) MOOR_MUST_CHECK;

/* An object, and what owns it. */
struct moor_operators_question {
    struct moor_slice owner_group; /* "postgresql.cnpg.io" */
    struct moor_slice group;       /* of what was made: "" */
    struct moor_slice resource;    /* "pods" */
    struct moor_slice namespace;   /* where */
};

/* Why an account may not be the operator. */
enum moor_operators_doubt {
    MOOR_OPERATORS_CERTAIN,
    MOOR_OPERATORS_SEVERAL,
    MOOR_OPERATORS_NO_STATUS,
    MOOR_OPERATORS_NAMESPACED,
    MOOR_OPERATORS_EVERYTHING
};

struct moor_operators_answer {
    struct moor_operators_user {
        const char *name; /* "system:serviceaccount:cnpg-system:manager" */
        enum moor_operators_doubt doubt;
    } users[MOOR_OPERATORS_MAX_FOUND];

    size_t count;
    size_t total; /* with those that there is no room for */
};

/* "one of several accounts that ..."; empty for MOOR_OPERATORS_CERTAIN. */
const char *moor_operators_doubt_text(enum moor_operators_doubt doubt);

/* Who makes such objects.  The names live as long as the table. */
int moor_operators_find(struct moor_operators_answer *out, struct moor_operators *operators,
                        const struct moor_operators_question *question,
                        struct moor_error *err) MOOR_MUST_CHECK;

#endif
