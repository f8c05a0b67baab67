/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resources - what a cluster can list, and the addresses of its lists.
 *
 * A list is asked for in pages, as the API server's `limit` and `continue` have it, so that neither
 * it nor we hold all Pods of a large cluster at once.
 *
 * Threads:  pure, any thread.
 * Memory:   borrows from the texts.
 */
#ifndef MOOR_CMD_SCAN_RESOURCES_H
#define MOOR_CMD_SCAN_RESOURCES_H

#include "policy/base/arena.h"
#include "policy/base/buf.h"

struct moor_resource {
    struct moor_slice name;    /* "deployments" */
    struct moor_slice group;   /* "apps"; empty for the core group */
    struct moor_slice version; /* "v1" */
    struct moor_slice kind;    /* "Deployment" */
    bool is_namespaced;
};

/*
 * Takes the next line of what `kubectl api-resources --no-headers` prints from `*text`.  Returns
 * whether there was one; lines that are none are passed over.
 */
bool moor_resource_next(struct moor_resource *out, struct moor_slice *text);

/* One page of a list. */
struct moor_resource_page {
    struct moor_slice namespace; /* empty: of all */
    unsigned limit;              /* of its items */
    struct moor_slice token;     /* to go on behind the last page; empty: the first */
};

/* Appends `/apis/apps/v1/namespaces/shop/deployments?limit=500`. */
void moor_resource_append_path(struct moor_buf *out, const struct moor_resource *resource,
                               const struct moor_resource_page *page);

/* The token for the page behind `list`, the JSON of one; empty where it was the last. */
int moor_resource_token(struct moor_slice *out, struct moor_slice list, struct moor_arena *arena,
                        struct moor_error *err) MOOR_MUST_CHECK;

/* Whether the text can be the name of a namespace: lower case, digits and hyphens, at most 63. */
bool moor_resource_is_namespace(struct moor_slice text);

#endif
