/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/object/frame.h"

#include "policy/base/buf.h"

/* Maximum length of a path, which a client controls through the names of members. */
#define LONGEST_PATH 1024

/* Appends the step from `frame` to its current child: a member, or an item of the array. */
static void append_step(struct moor_buf *out, const struct moor_frame *frame, struct moor_slice key)
{
    if (frame->is_array) {
        moor_buf_append_byte(out, '[');
        moor_buf_append_u64(out, frame->index);
        moor_buf_append_byte(out, ']');
        return;
    }
    moor_buf_append_text(out, out->len > 0 ? "." : "");
    moor_buf_append(out, key);
}

/* The frame of the root has no step, so the path starts with the second frame. */
static void append_path(struct moor_buf *out, const struct moor_frame *frames, size_t depth)
{
    for (size_t i = 1; i < depth; i++) {
        append_step(out, &frames[i - 1], frames[i].key);
    }
}

int moor_frame_path(struct moor_slice *out, const struct moor_frame *frames, size_t depth,
                    const struct moor_slice *key, struct moor_arena *arena, struct moor_error *err)
{
    struct moor_buf path;
    moor_buf_init(&path, LONGEST_PATH);
    append_path(&path, frames, depth);
    if (key != NULL) {
        append_step(&path, &frames[depth - 1], *key);
    }
    int status = moor_arena_copy(arena, out, moor_buf_slice(&path), err);
    /* A member's name may be too long for any path; the message still needs a text for it. */
    if (path.failed && path.len == 0) {
        *out = MOOR_SLICE("(path too long)");
    }
    moor_buf_release(&path);
    return status;
}
