/* SPDX-License-Identifier: Apache-2.0 */
/*
 * namespaces - the labels of the namespaces whose documents stand in the input.
 *
 * Threads:  one table, one thread at a time; finding is pure.
 * Memory:   owns copies in an arena.
 * Limits:   MOOR_NAMESPACES_MAX_BYTES.
 */
#ifndef MOOR_CMD_INPUT_NAMESPACES_H
#define MOOR_CMD_INPUT_NAMESPACES_H

#include "cmd/input/documents.h"
#include "cmd/input/manifest.h"
#include "policy/object/request.h"

#define MOOR_NAMESPACES_MAX_BYTES ((size_t)64 * 1024 * 1024)

struct moor_namespaces {
    struct moor_arena arena;
    struct moor_namespace *items;
    size_t count;
    size_t room;
};

void moor_namespaces_init(struct moor_namespaces *namespaces);
void moor_namespaces_release(struct moor_namespaces *namespaces);

/* Adds the labels of `manifest` where it is a Namespace. */
int moor_namespaces_add(struct moor_namespaces *namespaces, const struct moor_manifest *manifest,
                        struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Adds the labels of all Namespaces in the file that `documents` was opened for, with `arena` as
 * scratch space.  What cannot be read is passed over: whoever evaluates the file reports it.
 */
int moor_namespaces_collect(struct moor_namespaces *namespaces, struct moor_documents *documents,
                            struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

/* The namespace of this name, as it was added last; NULL where it was not. */
const struct moor_namespace *moor_namespaces_find(const struct moor_namespaces *namespaces,
                                                  struct moor_slice name);

#endif
