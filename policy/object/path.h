/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path - the paths of an object that are read, as a tree of steps.
 *
 * A kind is described by the steps from its root to the values that matter: `spec`, `template`,
 * `spec`, `containers`, each item, `image`.  The built-in kinds share static trees.  The trees of
 * custom resources are compiled from a policy's expressions (expression.h).  The reader skips all
 * other members.
 *
 * Threads:  the built-in trees are constant.
 * Memory:   static.
 * Limits:   at most MOOR_PATH_MAX_STEPS steps from the root, and MOOR_PATH_MAX_MEMBERS named
 * members of an object.
 */
#ifndef MOOR_POLICY_OBJECT_PATH_H
#define MOOR_POLICY_OBJECT_PATH_H

#include "policy/base/slice.h"
#include "policy/object/field.h"

#include <stdint.h>

/* The limits; a frame of the reader has a bit for each member. */
#define MOOR_PATH_MAX_STEPS   24
#define MOOR_PATH_MAX_MEMBERS 33

/* The kinds of steps. */
enum moor_path_step {
    MOOR_PATH_MEMBER,     /* the member `key` of an object */
    MOOR_PATH_ANY_MEMBER, /* each member of an object */
    MOOR_PATH_ANY_ITEM    /* each item of an array */
};

/* The meaning of the value that a step leads to. */
enum moor_path_role {
    MOOR_PATH_STEP,               /* an object or array with further steps */
    MOOR_PATH_HOLDER,             /* the same, and it must hold an image */
    MOOR_PATH_IMAGE,              /* a string: an image reference */
    MOOR_PATH_REPOSITORY,         /* a string: an image without its tag */
    MOOR_PATH_TAG,                /* a string: the tag of the repository in the same object */
    MOOR_PATH_NAME,               /* a string: the name of the enclosing object */
    MOOR_PATH_GENERATE_NAME,      /* a string: the beginning of a generated name */
    MOOR_PATH_DELETION_TIMESTAMP, /* any value but null: the object is being deleted */
    MOOR_PATH_MIRROR,             /* any value but null: a mirror Pod of the kubelet */
    MOOR_PATH_ANNOTATIONS,        /* an object: annotations, some of which name images */
    MOOR_PATH_OWNER,              /* an owner reference: an item of metadata.ownerReferences */
    MOOR_PATH_OWNER_KIND,         /* a string: the owner's kind */
    MOOR_PATH_OWNER_VERSION,      /* a string: the owner's apiVersion */
    MOOR_PATH_OWNER_CONTROLLER    /* true: this owner is the controller */
};

/* A node of the tree: the step to it, and the steps below it. */
struct moor_path_node {
    enum moor_path_step step;
    enum moor_path_role role;
    struct moor_slice key; /* name of the member, for MOOR_PATH_MEMBER */
    enum moor_field
        field;       /* field of the images below; the nearest node above that sets one applies */
    bool sets_field; /* `field` is set */
    /*
     * Number of the policy's expression that leads here, from 1.  It distinguishes lists of the
     * same field.  0: the number of the nearest node above, or none.
     */
    uint32_t expression;
    const struct moor_path_node *children;
    size_t child_count; /* either MOOR_PATH_MEMBER only, or a single child of another step */
};

#endif
