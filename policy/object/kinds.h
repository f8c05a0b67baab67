/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kinds - the kinds of Kubernetes that hold images, and where the images are in them.
 *
 * To add a kind, add its paths and its row to kinds.c.
 *
 * Threads:  constant, any thread.
 * Memory:   static.
 */
#ifndef MOOR_POLICY_OBJECT_KINDS_H
#define MOOR_POLICY_OBJECT_KINDS_H

#include "policy/object/path.h"

/*
 * The trees that custom resources share: the member `metadata` of an object, whose annotations
 * operators copy to Pods; the `metadata` of a Pod template; and the children of a Pod
 * specification, whose node itself is not a step.
 */
extern const struct moor_path_node moor_path_metadata;
extern const struct moor_path_node moor_path_template_metadata;
extern const struct moor_path_node moor_path_pod_spec;

/* A kind of object that holds images. */
struct moor_kind {
    struct moor_slice group;    /* "" for the core group */
    struct moor_slice resource; /* "deployments" */
    struct moor_slice kind;     /* "Deployment" */
    bool is_template; /* Pods are created from it later: blanks and placeholders are allowed */
    bool is_custom;   /* a custom resource, whose structure its own schema defines */
    /*
     * The API server stores the object unchanged: Go ignores the case of its members' names, and
     * its structure is not validated.
     */
    bool is_raw;
    const struct moor_path_node *root; /* the tree of paths */
};

/*
 * Returns the built-in kind with this group and this resource or kind (either may be empty), or
 * NULL.  The version is irrelevant, because the paths are the same in all versions.
 */
const struct moor_kind *moor_kind_find(struct moor_slice group, struct moor_slice resource,
                                       struct moor_slice kind);

/* Returns the built-in kinds; `*count` is their number. */
const struct moor_kind *moor_kind_all(size_t *count);

#endif
