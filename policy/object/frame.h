/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame - an object or array that the object reader is inside of, and the path to it.
 *
 * Threads:  one stack of frames, one thread at a time.
 * Memory:   paths are in the caller's arena; everything else borrows.
 */
#ifndef MOOR_POLICY_OBJECT_FRAME_H
#define MOOR_POLICY_OBJECT_FRAME_H

#include "policy/base/arena.h"
#include "policy/base/error.h"
#include "policy/object/path.h"

/* An open object or array on the way down. */
struct moor_frame {
    const struct moor_path_node *node;
    struct moor_slice key; /* by which it was reached, where that was a member */
    uint32_t index;        /* of the current item, where it is an array */
    uint64_t seen;         /* a bit for each child that had its turn */
    bool is_array;
    bool has_image;
    bool is_controller;
    enum moor_field field;
    uint32_t expression;
    size_t offset;             /* of its bracket */
    size_t first_image;        /* images found before this frame was opened */
    struct moor_slice name;    /* its `name`; NULL pointer: none yet */
    struct moor_slice kind;    /* its `kind`, for owner references */
    struct moor_slice version; /* its `apiVersion`, for the same */
    struct moor_slice where;   /* its path, once it was asked for */
};

/*
 * Copies the path of the `depth`th of `frames` to `arena`, with `key` in it unless `key` is NULL.
 * A path over 1,024 bytes is cut.  Returns -1 with `err` if the arena is full.
 */
int moor_frame_path(struct moor_slice *out, const struct moor_frame *frames, size_t depth,
                    const struct moor_slice *key, struct moor_arena *arena,
                    struct moor_error *err) MOOR_MUST_CHECK;

#endif
