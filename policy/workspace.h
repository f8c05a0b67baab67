/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workspace - the memory and the matcher that a thread needs to evaluate requests.
 *
 * Threads:  a workspace belongs to one thread at a time.
 * Memory:   owns an arena, which the caller resets between requests.
 * Limits:   8 MiB for a request.
 */
#ifndef MOOR_POLICY_WORKSPACE_H
#define MOOR_POLICY_WORKSPACE_H

#include "policy/base/arena.h"
#include "policy/base/buf.h"
#include "policy/base/glob.h"

/* A workspace is created once for a thread and reused for all its requests. */
struct moor_workspace {
    struct moor_arena arena;      /* memory of the current request */
    struct moor_matcher *matcher; /* counts the work of the current request */
    struct moor_buf name;         /* internal: canonical name of the current image */
};

/* Prepares a workspace.  Returns -1 if there is no memory. */
int moor_workspace_init(struct moor_workspace *out, struct moor_error *err) MOOR_MUST_CHECK;

/* Frees the memory of the workspace. */
void moor_workspace_release(struct moor_workspace *workspace);

#endif
