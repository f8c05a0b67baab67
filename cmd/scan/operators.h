/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operators - which service accounts make the objects that a custom resource owns.
 *
 * An object does not say who made it, so the cluster's roles are asked: the operator behind
 * `Cluster.postgresql.cnpg.io` is a service account that may create what was made, and may write
 * that API group.  Operators keep a status or finalizers of their resources, people and pipelines
 * do not: whoever may write those is taken before others of the group.  Where nobody's role names
 * the group, those that may write all groups are left, and that is a guess.
 *
 * Threads:  one table, one thread at a time.
 * Memory:   jansson's, and an arena for what is found.
 * Limits:   MOOR_OPERATORS_MAX_FOUND are named for one question.
 */
#ifndef MOOR_CMD_SCAN_OPERATORS_H
#define MOOR_CMD_SCAN_OPERATORS_H

#include "cmd/input/manifest.h"

#define MOOR_OPERATORS_MAX_FOUND 4

struct json_t;

struct moor_operators {
    struct json_t *roles;    /* rules, by `KIND/NAMESPACE/NAME` */
    struct json_t *bindings; /* as they are */
    struct json_t *answers;  /* to questions that were asked before */
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

struct moor_operators_answer {
    const char *users[MOOR_OPERATORS_MAX_FOUND]; /* "system:serviceaccount:cnpg-system:manager" */
    size_t count;
    bool is_guess;
};

/* Who makes such objects.  The names live as long as the table. */
int moor_operators_find(struct moor_operators_answer *out, struct moor_operators *operators,
                        const struct moor_operators_question *question,
                        struct moor_error *err) MOOR_MUST_CHECK;

#endif
