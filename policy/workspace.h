/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workspace - the memory and the matcher of one thread that judges.
 *
 * Threads:  one workspace, one thread at a time.
 * Memory:   owns an arena, which its user resets between requests.
 */
#ifndef MOOR_POLICY_WORKSPACE_H
#define MOOR_POLICY_WORKSPACE_H

#include "policy/base/arena.h"
#include "policy/base/buf.h"
#include "policy/base/glob.h"

/* What judging needs beside its input: made once a thread, reset between requests by its owner. */
struct moor_workspace {
    struct moor_arena arena;
    struct moor_matcher *matcher;
    struct moor_buf name; /* internal: the canonical name of the image that is being judged */
};

int moor_workspace_init(struct moor_workspace *out, struct moor_error *err) MOOR_MUST_CHECK;
void moor_workspace_release(struct moor_workspace *workspace);

#endif
