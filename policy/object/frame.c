/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/object/frame.h"

#include "policy/base/buf.h"

#define LONGEST_PATH 1024

/* Appends the step from `frame` to what stands in it: a member, or the current item. */
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

/* Appends the path of the frame that is `depth`th from the root. */
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
    /* A path that is too long is cut; what has none is still somewhere. */
    if (path.failed && path.len == 0) {
        *out = MOOR_SLICE("(a place that cannot be told)");
    }
    moor_buf_release(&path);
    return status;
}
