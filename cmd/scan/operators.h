/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operators - finds the service accounts that create the objects of a custom resource.
 *
 * An object does not record its creator, and a tenant can write any owner into an object.  The
 * evidence is therefore RBAC: the operator of `Cluster.postgresql.cnpg.io` is a service account
 * that may create the object and may write that API group.
 *
 * Only one kind of evidence is certain, because no tenant can forge it.  Exactly one account has
 * both rights in all namespaces, by ClusterRoleBindings, and its roles name the status or
 * finalizers of the group's resources.  Operators need those rights, and users and pipelines do
 * not.  All other accounts are candidates, each with the reason for the doubt:
 *
 *   - one of several such accounts, including those that may write every resource of the group
 * (`*`)
 *   - in all namespaces, but without status or finalizers: a pipeline has such rights
 *   - only by a RoleBinding in the object's namespace: a tenant can create one for any account
 *   - by a role for every group and resource, and only if there is no other candidate
 *
 * Threads:  one table, one thread at a time.
 * Memory:   objects of jansson, released by moor_operators_release().
 * Limits:   MOOR_OPERATORS_MAX_FOUND accounts are named per answer, and further ones are counted.
 *           MOOR_OPERATORS_MAX_ASKED questions are answered per namespace, so that a tenant cannot
 *           slow down a scan with many different owners.
 */
#ifndef MOOR_CMD_SCAN_OPERATORS_H
#define MOOR_CMD_SCAN_OPERATORS_H

#include "cmd/input/manifest.h"

#define MOOR_OPERATORS_MAX_FOUND 4
#define MOOR_OPERATORS_MAX_ASKED 32

struct json_t;

/* The roles of a cluster, and the answers so far. */
struct moor_operators {
    struct json_t *roles;    /* rules by `KIND/NAMESPACE/NAME` */
    struct json_t *bindings; /* unchanged objects */
    struct json_t *answers;  /* by question */
    struct json_t *asked;    /* number of questions by namespace */
};

/* Prepares an empty table.  Returns -1 if memory is short. */
int moor_operators_init(struct moor_operators *out, struct moor_error *err) MOOR_MUST_CHECK;
void moor_operators_release(struct moor_operators *operators);

/* Adds `manifest` if it is a role or a binding.  Returns -1 if memory is short. */
int moor_operators_add(struct moor_operators *operators, const struct moor_manifest *manifest,
                       struct moor_error *err) MOOR_MUST_CHECK;

/* A question: which account creates such an object for such an owner? */
struct moor_operators_question {
    struct moor_slice owner_group; /* "postgresql.cnpg.io" */
    struct moor_slice group;       /* API group of the object: "" for Pods */
    struct moor_slice resource;    /* "pods" */
    struct moor_slice namespace;   /* namespace of the object */
};

/* The reason why an account may not be the operator. */
enum moor_operators_doubt {
    MOOR_OPERATORS_CERTAIN,
    MOOR_OPERATORS_SEVERAL,
    MOOR_OPERATORS_NO_STATUS,
    MOOR_OPERATORS_NAMESPACED,
    MOOR_OPERATORS_EVERYTHING
};

/* The candidates, strongest evidence first. */
struct moor_operators_answer {
    struct moor_operators_user {
        const char *name; /* "system:serviceaccount:cnpg-system:manager" */
        enum moor_operators_doubt doubt;
    } users[MOOR_OPERATORS_MAX_FOUND];

    size_t count;
    size_t total; /* including those without room in `users` */
};

/* Returns "one of several accounts ..."; empty for MOOR_OPERATORS_CERTAIN. */
const char *moor_operators_doubt_text(enum moor_operators_doubt doubt);

/* Answers `question`.  The names are valid as long as the table.  Returns -1 if memory is short. */
int moor_operators_find(struct moor_operators_answer *out, struct moor_operators *operators,
                        const struct moor_operators_question *question,
                        struct moor_error *err) MOOR_MUST_CHECK;

#endif
