/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request - who wants to do what to which object: the part of an admission request that is judged.
 *
 * Filled by whoever decodes a request (the webhook) or makes one up (the command line); what it
 * decides alone, without a policy, is whether there is anything to judge at all.
 *
 * Threads:  pure, any thread.
 * Memory:   borrows everything.
 */
#ifndef MOOR_POLICY_OBJECT_REQUEST_H
#define MOOR_POLICY_OBJECT_REQUEST_H

#include "policy/object/kinds.h"
#include "policy/object/object.h"
#include "policy/object/path.h"

enum moor_operation {
    MOOR_OPERATION_CREATE,
    MOOR_OPERATION_UPDATE,
    MOOR_OPERATION_DELETE,
    MOOR_OPERATION_CONNECT
};

/* More groups than anybody is in; those behind them exempt from nothing. */
#define MOOR_REQUEST_MAX_GROUPS 1024

struct moor_label {
    struct moor_slice key;
    struct moor_slice value;
};

/* What is known of a namespace. */
struct moor_namespace {
    struct moor_slice name;          /* empty for an object without one */
    const struct moor_label *labels; /* NULL where nobody asked for them: the webhook never does */
    size_t label_count;
};

struct moor_request {
    struct moor_slice uid;
    enum moor_operation operation;
    struct moor_slice group; /* of the kind; empty for the core group */
    struct moor_slice kind;
    struct moor_slice resource;
    struct moor_slice subresource;
    struct moor_slice namespace;     /* empty for an object without one */
    const struct moor_label *labels; /* of the namespace; as in struct moor_namespace */
    size_t label_count;
    struct moor_slice name;
    struct moor_slice user;
    struct moor_slice *groups; /* of the user: the first MOOR_REQUEST_MAX_GROUPS */
    size_t group_count;
    bool user_is_node; /* in the group `system:nodes` */
    bool is_dry_run;
    const struct moor_kind *holds; /* where its images stand; NULL for a kind that holds none */
    struct moor_object object;
    struct moor_object old_object;
};

/* Whether a request is judged, and if not, why it is allowed. */
enum moor_scope {
    MOOR_SCOPE_JUDGE,
    MOOR_SCOPE_OPERATION,   /* DELETE and CONNECT bring no image */
    MOOR_SCOPE_KIND,        /* a kind that holds no image, as far as is known */
    MOOR_SCOPE_SUBRESOURCE, /* status, scale and others bring no image */
    MOOR_SCOPE_NO_OBJECT,
    MOOR_SCOPE_MIRROR /* a mirror Pod that a node reports: it runs already */
};

enum moor_scope moor_request_scope(const struct moor_request *request);

/* "CREATE" */
const char *moor_operation_name(enum moor_operation operation);

/* Why nothing was evaluated, in one word: "subresource"; "evaluated" for MOOR_SCOPE_JUDGE. */
const char *moor_scope_name(enum moor_scope scope);

#endif
