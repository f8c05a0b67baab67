/* SPDX-License-Identifier: Apache-2.0 */
/*
 * namespaces - collects the labels of the Namespaces that are in the input.
 *
 * A policy can select an environment by the labels of the namespace.  The webhook reads them from
 * the cluster; `tagmoor check` finds them in the manifests that it evaluates.
 *
 * Threads:  one table, one thread at a time; moor_namespaces_find() is pure.
 * Memory:   owns copies of all texts in an arena.
 * Limits:   MOOR_NAMESPACES_MAX_BYTES for all labels.
 */
#ifndef MOOR_CMD_INPUT_NAMESPACES_H
#define MOOR_CMD_INPUT_NAMESPACES_H

#include "cmd/input/documents.h"
#include "cmd/input/manifest.h"
#include "policy/object/request.h"

#define MOOR_NAMESPACES_MAX_BYTES ((size_t)64 * 1024 * 1024)

/* A table of namespaces in the order in which they were added. */
struct moor_namespaces {
    struct moor_arena arena;
    struct moor_namespace *items;
    size_t count;
    size_t room;
};

/* Prepares an empty table. */
void moor_namespaces_init(struct moor_namespaces *namespaces);
void moor_namespaces_release(struct moor_namespaces *namespaces);

/* Adds the labels of `manifest` if it is a Namespace.  Returns -1 if memory is short. */
int moor_namespaces_add(struct moor_namespaces *namespaces, const struct moor_manifest *manifest,
                        struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Adds the labels of all Namespaces in the file that `documents` was opened for; `arena` is scratch
 * space.  Unreadable documents are skipped, because the evaluation of the file reports them.
 */
int moor_namespaces_collect(struct moor_namespaces *namespaces, struct moor_documents *documents,
                            struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

/* Returns the namespace of this name as it was added last, or NULL. */
const struct moor_namespace *moor_namespaces_find(const struct moor_namespaces *namespaces,
                                                  struct moor_slice name);

#endif
