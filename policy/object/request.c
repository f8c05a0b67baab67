/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/object/request.h"

static const char *const operations[] = {
    [MOOR_OPERATION_CREATE] = "CREATE",
    [MOOR_OPERATION_UPDATE] = "UPDATE",
    [MOOR_OPERATION_DELETE] = "DELETE",
    [MOOR_OPERATION_CONNECT] = "CONNECT",
};

static const char *const scopes[] = {
    [MOOR_SCOPE_JUDGE] = "evaluated",     [MOOR_SCOPE_OPERATION] = "operation",
    [MOOR_SCOPE_KIND] = "kind",           [MOOR_SCOPE_SUBRESOURCE] = "subresource",
    [MOOR_SCOPE_NO_OBJECT] = "no-object", [MOOR_SCOPE_MIRROR] = "mirror-pod",
};

const char *moor_operation_name(enum moor_operation operation)
{
    return operations[operation];
}

const char *moor_scope_name(enum moor_scope scope)
{
    return scopes[scope];
}

/* Ephemeral containers are the only subresource through which an image can enter a Pod. */
static bool brings_images(const struct moor_request *request)
{
    return request->subresource.len == 0 ||
           (moor_slice_is(request->subresource, "ephemeralcontainers") &&
            moor_slice_is(request->holds->kind, "Pod"));
}

enum moor_scope moor_request_scope(const struct moor_request *request)
{
    if (request->operation == MOOR_OPERATION_DELETE ||
        request->operation == MOOR_OPERATION_CONNECT) {
        return MOOR_SCOPE_OPERATION;
    }
    if (request->holds == NULL) {
        return MOOR_SCOPE_KIND;
    }
    if (!brings_images(request)) {
        return MOOR_SCOPE_SUBRESOURCE;
    }
    if (!request->object.is_present) {
        return MOOR_SCOPE_NO_OBJECT;
    }
    /* A user could annotate a Pod as a mirror Pod, so that only nodes are believed. */
    if (request->object.is_mirror && request->user_is_node && !request->holds->is_template) {
        return MOOR_SCOPE_MIRROR;
    }
    return MOOR_SCOPE_JUDGE;
}
