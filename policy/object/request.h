/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request - the parts of an admission request that are evaluated.
 *
 * The webhook decodes requests, and the command line composes them.  This module decides, without a
 * policy, whether a request can contain images at all.
 *
 * Threads:  pure, any thread.
 * Memory:   borrows everything.
 * Limits:   MOOR_REQUEST_MAX_GROUPS groups.
 */
#ifndef MOOR_POLICY_OBJECT_REQUEST_H
#define MOOR_POLICY_OBJECT_REQUEST_H

#include "policy/object/kinds.h"
#include "policy/object/object.h"
#include "policy/object/path.h"

/* The operations of admission requests. */
enum moor_operation {
    MOOR_OPERATION_CREATE,
    MOOR_OPERATION_UPDATE,
    MOOR_OPERATION_DELETE,
    MOOR_OPERATION_CONNECT
};

/* Maximum number of groups that are kept; further groups match no exemption. */
#define MOOR_REQUEST_MAX_GROUPS 1024

/* A label of a namespace. */
struct moor_label {
    struct moor_slice key;
    struct moor_slice value;
};

/* The known facts about a namespace. */
struct moor_namespace {
    struct moor_slice name;          /* empty for an object without a namespace */
    const struct moor_label *labels; /* NULL if unknown, as they always are for the webhook */
    size_t label_count;
};

/* The request. */
struct moor_request {
    struct moor_slice uid;
    enum moor_operation operation;
    struct moor_slice group; /* group of the kind; empty for the core group */
    struct moor_slice kind;
    struct moor_slice resource;
    struct moor_slice subresource;
    struct moor_slice namespace;     /* empty for an object without a namespace */
    const struct moor_label *labels; /* labels of the namespace, as in struct moor_namespace */
    size_t label_count;
    struct moor_slice name;    /* name of the object; empty if the API server will generate it */
    struct moor_slice user;    /* authenticated user */
    struct moor_slice *groups; /* the user's first MOOR_REQUEST_MAX_GROUPS groups */
    size_t group_count;
    bool user_is_node; /* the user is in the group `system:nodes` */
    bool is_dry_run;
    const struct moor_kind *holds; /* the kind's paths; NULL if the kind holds no images */
    struct moor_object object;
    struct moor_object old_object;
};

/* Whether a request is evaluated, or why it is allowed without evaluation. */
enum moor_scope {
    MOOR_SCOPE_JUDGE,
    MOOR_SCOPE_OPERATION,   /* DELETE and CONNECT introduce no image */
    MOOR_SCOPE_KIND,        /* the kind holds no image, as far as is known */
    MOOR_SCOPE_SUBRESOURCE, /* status, scale and others introduce no image */
    MOOR_SCOPE_NO_OBJECT,   /* the request has no object */
    MOOR_SCOPE_MIRROR       /* a node reports a mirror Pod, which is already running */
};

/* Decides whether the request is evaluated. */
enum moor_scope moor_request_scope(const struct moor_request *request);

/* Returns the name of the operation: "CREATE". */
const char *moor_operation_name(enum moor_operation operation);

/* Returns the reason for not evaluating: "subresource"; "evaluated" for MOOR_SCOPE_JUDGE. */
const char *moor_scope_name(enum moor_scope scope);

#endif
