/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kinds - the kinds of Kubernetes that hold images, and the paths to them.
 *
 * To add a kind, add its paths and its row in kinds.c.
 *
 * Threads:  constant, any thread.
 * Memory:   static.
 */
#ifndef MOOR_POLICY_OBJECT_KINDS_H
#define MOOR_POLICY_OBJECT_KINDS_H

#include "policy/object/path.h"

/*
 * Shared by custom resources: the member `metadata` of the object, whose annotations operators copy
 * to Pods; that of a Pod template; and what stands in a Pod specification (its children; the node
 * itself is no step).
 */
extern const struct moor_path_node moor_path_metadata;
extern const struct moor_path_node moor_path_template_metadata;
extern const struct moor_path_node moor_path_pod_spec;

/* A kind of object that holds images. */
struct moor_kind {
    struct moor_slice group;    /* "" for the core group */
    struct moor_slice resource; /* "deployments" */
    struct moor_slice kind;     /* "Deployment" */
    bool is_template; /* its Pods are made later: blank images and placeholders are allowed */
    bool is_custom;   /* a custom resource: its shape is not ours to enforce */
    bool is_raw;      /* the API server keeps what is read as it was written: Go finds its members
                         whatever their case, and another shape is not ours to enforce */
    const struct moor_path_node *root; /* the object itself */
};

/*
 * The built-in kind of this group that has this resource or this kind (either may be empty); NULL
 * where there is none.  Versions do not matter: the paths have never changed between them.
 */
const struct moor_kind *moor_kind_find(struct moor_slice group, struct moor_slice resource,
                                       struct moor_slice kind);

/* The built-in kinds, for listing: `*count` of them. */
const struct moor_kind *moor_kind_all(size_t *count);

#endif
