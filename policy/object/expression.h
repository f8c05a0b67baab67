/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expression - where images stand in a custom resource, as a policy writes it, made into steps.
 *
 *   spec.template.spec                             members of objects, one after the other
 *   spec.replicatedJobs[*].template.spec           `[*]`: each item of an array
 *   spec.pytorchReplicaSpecs.*.template.spec       `.*`: each member of an object
 *
 * There is nothing else: no index, no filter, no quotes.  A member is letters, digits, `-` and `_`;
 * the first step is one.  An expression leads to a Pod specification, below which images stand as
 * in a Pod, or to images themselves: strings.  Several of one kind are merged into one tree; where
 * two cannot both be right (a list in one, an object in the other) the second is refused.
 *
 * What an image of an images expression counts as is told by the last array on its way, by name:
 * `initContainers`, `ephemeralContainers` and `volumes` as in a Pod, anything else as containers.
 * The `name` of each object on the way is read too: an image is known by the nearest.
 *
 * Threads:  one tree, one thread at a time; what is compiled is constant.
 * Memory:   the tree is built in `scratch`; what is compiled is in the other arena and borrows from
 *           the expressions.
 * Limits:   MOOR_EXPRESSION_MAX_BYTES, MOOR_EXPRESSION_MAX_STEPS; MOOR_PATH_MAX_MEMBERS members in
 *           one place.
 */
#ifndef MOOR_POLICY_OBJECT_EXPRESSION_H
#define MOOR_POLICY_OBJECT_EXPRESSION_H

#include "policy/base/arena.h"
#include "policy/base/error.h"
#include "policy/object/path.h"

#include <stdbool.h>

#define MOOR_EXPRESSION_MAX_BYTES 512
/* Above them is the root; below a Pod specification are `volumes`, an item, and `image`. */
#define MOOR_EXPRESSION_MAX_STEPS (MOOR_PATH_MAX_STEPS - 4)

enum moor_expression_mode {
    MOOR_EXPRESSION_POD_SPEC, /* it leads to a Pod specification */
    MOOR_EXPRESSION_IMAGE     /* it leads to an image */
};

struct moor_expression_branch;

/* The expressions of one kind, as long as they are added. */
struct moor_expression_tree {
    struct moor_arena *scratch;
    struct moor_expression_branch *root;
    uint32_t count; /* of expressions so far: the last one's number */
    bool is_plain;  /* no object of Kubernetes */
};

/* An empty tree, in which nothing but `metadata` is read. */
int moor_expression_tree_init(struct moor_expression_tree *out, struct moor_arena *scratch,
                              struct moor_error *err) MOOR_MUST_CHECK;

/* The same for documents that are no objects of Kubernetes: without `metadata`, and the first step
 * of an expression may be `*`, each member of the document. */
int moor_expression_tree_init_plain(struct moor_expression_tree *out, struct moor_arena *scratch,
                                    struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Adds an expression.  Returns -1 where it is none (MOOR_ERROR_SYNTAX), too long (MOOR_ERROR_LIMIT)
 * or does not go with those before it (MOOR_ERROR_VALUE), with the place in `err->column`; and
 * without memory.  The tree can take further expressions then, but must not be compiled.
 */
int moor_expression_add(struct moor_expression_tree *tree, struct moor_slice text,
                        enum moor_expression_mode mode, struct moor_error *err) MOOR_MUST_CHECK;

/* Makes the tree, once, into steps in `arena`; `*out` is the root, for a struct moor_kind. */
int moor_expression_compile(const struct moor_path_node **out, struct moor_expression_tree *tree,
                            struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

#endif
