/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expression - path expressions, which define where images are in a custom resource.
 *
 *   spec.template.spec                             members of objects, one after another
 *   spec.replicatedJobs[*].template.spec           `[*]`: each item of an array
 *   spec.pytorchReplicaSpecs.*.template.spec       `.*`: each member of an object
 *   spec.image.repository:tag                      an image in two members of one object
 *
 * The language has nothing else: no index, no filter, no quotes.  A member has letters, digits, `-`
 * and `_`, and the first step is a member.  An expression leads to a Pod specification, in which
 * images are found as in a Pod, or to an image, which is a string.  An image in two members is the
 * repository in the one, a colon, and the tag in the other, which is beside it; an object has one
 * such image at most.  The expressions of a kind are
 * merged into one tree.  An expression that contradicts an earlier one (a list in one, an object in
 * the other) is rejected.
 *
 * The name of the last array on the way gives the field of an image: `initContainers`,
 * `ephemeralContainers` and `volumes` as in a Pod, and containers for any other name.  The reader
 * also reads the `name` of each object on the way; the nearest one names the image.
 *
 * Threads:  a tree belongs to one thread at a time; the compiled form is constant.
 * Memory:   the tree is in `scratch`; the compiled form is in the other arena and borrows from the
 *           expressions.
 * Limits:   MOOR_EXPRESSION_MAX_BYTES bytes, MOOR_EXPRESSION_MAX_STEPS steps, and
 *           MOOR_PATH_MAX_MEMBERS members of an object.
 */
#ifndef MOOR_POLICY_OBJECT_EXPRESSION_H
#define MOOR_POLICY_OBJECT_EXPRESSION_H

#include "policy/base/arena.h"
#include "policy/base/error.h"
#include "policy/object/path.h"

#include <stdbool.h>

/* Maximum length of an expression in bytes. */
#define MOOR_EXPRESSION_MAX_BYTES 512
/* Maximum number of steps; the root, and `volumes`, item and `image` in a Pod, need four more. */
#define MOOR_EXPRESSION_MAX_STEPS (MOOR_PATH_MAX_STEPS - 4)

/* The kinds of values that an expression leads to. */
enum moor_expression_mode {
    MOOR_EXPRESSION_POD_SPEC, /* a Pod specification */
    MOOR_EXPRESSION_IMAGE     /* an image */
};

struct moor_expression_branch;

/* The expressions of a kind while they are added. */
struct moor_expression_tree {
    struct moor_arena *scratch;
    struct moor_expression_branch *root;
    uint32_t count; /* number of expressions, and the number of the last one */
    bool is_plain;  /* the document is not a Kubernetes object */
};

/* Starts a tree that contains only `metadata`.  Returns -1 if the arena is full. */
int moor_expression_tree_init(struct moor_expression_tree *out, struct moor_arena *scratch,
                              struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Starts a tree for documents that are not Kubernetes objects.  The tree does not read `metadata`,
 * and an expression may start with `*`, which is each member of the document.
 */
int moor_expression_tree_init_plain(struct moor_expression_tree *out, struct moor_arena *scratch,
                                    struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Adds an expression.  Returns -1 if the expression is invalid (MOOR_ERROR_SYNTAX), too long
 * (MOOR_ERROR_LIMIT), contradicts an earlier one (MOOR_ERROR_VALUE), or if there is no memory.  The
 * position is in `err->column`.  After an error the tree accepts more expressions, so that all
 * errors can be reported, but must not be compiled.
 */
int moor_expression_add(struct moor_expression_tree *tree, struct moor_slice text,
                        enum moor_expression_mode mode, struct moor_error *err) MOOR_MUST_CHECK;

/* Compiles the tree, once, into `arena`.  `*out` is the root, for a struct moor_kind. */
int moor_expression_compile(const struct moor_path_node **out, struct moor_expression_tree *tree,
                            struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

#endif
