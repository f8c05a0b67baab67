/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/workspace.h"

#include "policy/image/reference.h"

/* Room for twice the largest review with its verdicts, far more than real objects need. */
#define ARENA_MAX ((size_t)8 * 1024 * 1024)
/* The canonical name can be longer than the reference: `docker.io/library/` is added. */
#define NAME_MAX  ((size_t)MOOR_REFERENCE_MAX_BYTES + 64)

int moor_workspace_init(struct moor_workspace *out, struct moor_error *err)
{
    moor_arena_init(&out->arena, ARENA_MAX);
    moor_buf_init(&out->name, NAME_MAX);
    out->matcher = moor_matcher_new();
    return out->matcher != NULL ? 0
                                : moor_error_set(err, MOOR_ERROR_MEMORY, "no memory to match with");
}

void moor_workspace_release(struct moor_workspace *workspace)
{
    moor_arena_release(&workspace->arena);
    moor_buf_release(&workspace->name);
    moor_matcher_free(workspace->matcher);
    workspace->matcher = NULL;
}
