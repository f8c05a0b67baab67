/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path - the places of an object that are read, as a tree of steps.
 *
 * A kind of object is described by the steps from its root to what matters: `spec`, `template`,
 * `spec`, `containers`, each item, `image`.  The built-in kinds share the same static trees; those
 * of custom resources are compiled from a policy's expressions (expression.h).  What no step names
 * is skipped unread.
 *
 * Threads:  the built-in trees are constant.
 * Memory:   static.
 * Limits:   at most MOOR_PATH_MAX_STEPS steps from the root, MOOR_PATH_MAX_MEMBERS named members in
 *           one place.
 */
#ifndef MOOR_POLICY_OBJECT_PATH_H
#define MOOR_POLICY_OBJECT_PATH_H

#include "policy/base/slice.h"
#include "policy/object/field.h"

#include <stdint.h>

#define MOOR_PATH_MAX_STEPS   24
#define MOOR_PATH_MAX_MEMBERS 33

enum moor_path_step {
    MOOR_PATH_MEMBER,     /* the member called `key` of an object */
    MOOR_PATH_ANY_MEMBER, /* each member of an object */
    MOOR_PATH_ANY_ITEM    /* each item of an array */
};

/* What is found at the end of a step. */
enum moor_path_role {
    MOOR_PATH_STEP,               /* an object or array to go further into */
    MOOR_PATH_HOLDER,             /* the same, and it must hold an image */
    MOOR_PATH_IMAGE,              /* a string: an image reference */
    MOOR_PATH_NAME,               /* a string: the name of the object it stands in */
    MOOR_PATH_GENERATE_NAME,      /* a string: what the object's name is made of */
    MOOR_PATH_DELETION_TIMESTAMP, /* anything but null: the object is being deleted */
    MOOR_PATH_MIRROR,             /* anything but null: a mirror Pod of the kubelet */
    MOOR_PATH_ANNOTATIONS,        /* an object: annotations, of which some name images */
    MOOR_PATH_OWNER,              /* an owner reference: one item of metadata.ownerReferences */
    MOOR_PATH_OWNER_KIND,
    MOOR_PATH_OWNER_VERSION,   /* its apiVersion */
    MOOR_PATH_OWNER_CONTROLLER /* true: this owner is the controller */
};

struct moor_path_node {
    enum moor_path_step step;
    enum moor_path_role role;
    struct moor_slice key; /* for MOOR_PATH_MEMBER */
    enum moor_field
        field; /* for what stands below: images take it from the nearest node with one */
    bool sets_field;
    uint32_t expression; /* which of a policy's expressions leads here, from 1: tells lists of one
                            field apart; 0: that of the nearest node above, or none */
    const struct moor_path_node *children;
    size_t child_count; /* all MEMBER, or a single one of another step */
};

#endif
