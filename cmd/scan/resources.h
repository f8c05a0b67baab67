/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resources - parses the resources that a cluster offers, and builds the URLs of their lists.
 *
 * Lists are requested in pages with `limit` and `continue` of the API server.  Neither side then
 * holds all Pods of a large cluster in memory.
 *
 * Threads:  pure, any thread.
 * Memory:   borrows from the given texts.
 */
#ifndef MOOR_CMD_SCAN_RESOURCES_H
#define MOOR_CMD_SCAN_RESOURCES_H

#include "policy/base/arena.h"
#include "policy/base/buf.h"

/* A resource type of the API server. */
struct moor_resource {
    struct moor_slice name;    /* "deployments" */
    struct moor_slice group;   /* "apps"; empty for the core group */
    struct moor_slice version; /* "v1" */
    struct moor_slice kind;    /* "Deployment" */
    bool is_namespaced;
};

/*
 * Reads the next line of `kubectl api-resources --no-headers` from `*text`.  Returns false at the
 * end. Lines of another form are skipped.
 */
bool moor_resource_next(struct moor_resource *out, struct moor_slice *text);

/* A page of a list. */
struct moor_resource_page {
    struct moor_slice namespace; /* empty: all namespaces */
    unsigned limit;              /* maximum number of objects */
    struct moor_slice token;     /* continuation of the previous page; empty: first page */
};

/* Appends the URL path, such as `/apis/apps/v1/namespaces/shop/deployments?limit=500`. */
void moor_resource_append_path(struct moor_buf *out, const struct moor_resource *resource,
                               const struct moor_resource_page *page);

/*
 * Stores the token of the page that follows `list`, the JSON of a page, in `*out`.  The token is
 * empty for the last page.  Returns -1 if `list` is not JSON.
 */
int moor_resource_token(struct moor_slice *out, struct moor_slice list, struct moor_arena *arena,
                        struct moor_error *err) MOOR_MUST_CHECK;

/* Returns whether the text is a valid name of a namespace (a DNS label of RFC 1123). */
bool moor_resource_is_namespace(struct moor_slice text);

#endif
