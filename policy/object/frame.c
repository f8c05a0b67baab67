/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/object/frame.h"

#include "policy/base/buf.h"

/* Maximum length of a path, which a client controls through the names of members. */
#define LONGEST_PATH 1024
/* No reference is longer, so a longer repository or tag is not copied. */
#define LONGEST_HALF 4096

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

/* An image is named by the item that holds it, `containers[0]`, as API errors of Kubernetes do. */
static int place_by_holder(struct moor_object_image *image, struct moor_frame *frames, size_t depth,
                           struct moor_arena *arena, struct moor_error *err)
{
    struct moor_frame *holder = &frames[depth - 1];
    struct moor_frame *list = depth >= 2 ? holder - 1 : NULL;
    bool is_item = list != NULL && list->is_array;
    struct moor_frame *named = is_item ? list : holder;
    if (named->where.ptr == NULL &&
        moor_frame_path(&named->where, frames, is_item ? depth - 1 : depth, NULL, arena, err) !=
            0) {
        return -1;
    }
    image->where = named->where;
    image->index = is_item ? list->index : MOOR_OBJECT_NO_INDEX;
    return 0;
}

int moor_frame_place(struct moor_object_image *image, struct moor_frame *frames, size_t depth,
                     const struct moor_frame_leaf *leaf, struct moor_arena *arena,
                     struct moor_error *err)
{
    const struct moor_frame *holder = &frames[depth - 1];
    image->field = holder->field;
    image->expression = holder->expression;
    if (leaf->node == NULL || leaf->node->expression == 0) {
        return place_by_holder(image, frames, depth, arena, err);
    }
    image->field = leaf->node->field;
    image->expression = leaf->node->expression;
    bool is_item = depth >= 2 && frames[depth - 2].is_array;
    /* An image in two members is named by the object that has both. */
    if (leaf->node->role != MOOR_PATH_IMAGE || (is_item && moor_slice_is(leaf->key, "image"))) {
        return place_by_holder(image, frames, depth, arena, err);
    }
    image->index = MOOR_OBJECT_NO_INDEX;
    return moor_frame_path(&image->where, frames, depth, &leaf->key, arena, err);
}

/* Returns `apps` for `apps/v1`; a version of the core group has no slash. */
static struct moor_slice group_of(struct moor_slice version)
{
    const char *slash = version.len > 0 ? memchr(version.ptr, '/', version.len) : NULL;
    return moor_slice_sub(version, 0, slash != NULL ? (size_t)(slash - version.ptr) : 0);
}

void moor_frame_set_owner(struct moor_object *object, const struct moor_frame *frame)
{
    if (frame->node->role == MOOR_PATH_OWNER && frame->is_controller) {
        object->owner_kind = frame->kind;
        object->owner_group = group_of(frame->version);
        object->owner_name = frame->name;
    }
}

void moor_frame_set_half(struct moor_frame *frame, const struct moor_path_node *node,
                         struct moor_slice text, size_t offset)
{
    bool is_tag = node->role == MOOR_PATH_TAG;
    if (text.len == 0) {
        return;
    }
    *(is_tag ? &frame->tag : &frame->repository) = text;
    frame->half_offset = is_tag || frame->half == NULL ? offset : frame->half_offset;
    frame->half = node;
}

int moor_frame_join(struct moor_slice *out, enum moor_image_form *form,
                    const struct moor_frame *frame, struct moor_arena *arena,
                    struct moor_error *err)
{
    struct moor_slice repository = frame->repository;
    struct moor_slice tag = frame->tag;
    bool is_whole = repository.len > 0 && tag.len > 0;
    *form = is_whole ? MOOR_IMAGE_JOINED : MOOR_IMAGE_PARTIAL;
    /* A text that is too long for a reference stays so without its other part. */
    if (tag.len == 0 || repository.len > LONGEST_HALF || tag.len > LONGEST_HALF) {
        *out = tag.len == 0 || repository.len > LONGEST_HALF ? repository : tag;
        return 0;
    }
    char *text = moor_arena_alloc(arena, repository.len + 1 + tag.len);
    if (text == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for an image in two members");
    }
    *out = (struct moor_slice){text, repository.len + 1 + tag.len};
    if (repository.len > 0) {
        memcpy(text, repository.ptr, repository.len);
    }
    /* No tag has a colon: a digest takes its place, as VictoriaMetrics allows. */
    text[repository.len] =
        memchr(tag.ptr, ':', tag.len) != NULL && memchr(tag.ptr, '@', tag.len) == NULL ? '@' : ':';
    memcpy(text + repository.len + 1, tag.ptr, tag.len);
    return 0;
}
