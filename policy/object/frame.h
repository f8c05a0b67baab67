/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame - an object or array that the object reader is in, and its path.
 *
 * Threads:  a stack of frames belongs to one thread at a time.
 * Memory:   paths are in the caller's arena; everything else borrows.
 */
#ifndef MOOR_POLICY_OBJECT_FRAME_H
#define MOOR_POLICY_OBJECT_FRAME_H

#include "policy/base/arena.h"
#include "policy/base/error.h"
#include "policy/object/object.h"
#include "policy/object/path.h"

/* An open object or array. */
struct moor_frame {
    const struct moor_path_node *node;
    struct moor_slice key; /* name of the member that led here; empty after an item */
    uint32_t index;        /* index of the current item of an array */
    uint64_t seen;         /* a bit for each child that was read */
    bool is_array;
    bool has_image;     /* an image was found; used at a node that must have one */
    bool is_controller; /* the owner reference has `controller: true` */
    enum moor_field field;
    uint32_t expression;
    size_t offset;          /* offset of the opening bracket */
    size_t first_image;     /* number of images before this frame was opened */
    struct moor_slice name; /* its `name`; a NULL pointer before it is read */

    /* An owner reference has no image, so that both share the room: frames are cleared often. */
    union {
        struct moor_slice kind;       /* its `kind`, for owner references */
        struct moor_slice repository; /* the repository of an image in two members */
    };

    union {
        struct moor_slice version; /* its `apiVersion`, for owner references */
        struct moor_slice tag;     /* the tag of an image in two members */
    };
    const struct moor_path_node *half; /* the step to either member, if one was read */
    size_t half_offset;                /* offset of the tag, or of a repository without a tag */
    struct moor_slice where;           /* its path, built when first needed */
};

/*
 * Copies the path of frame number `depth` to `arena`, followed by `key` unless that is NULL.  A
 * path over 1,024 bytes is shortened.  Returns -1 with `err` if the arena is full.
 */
int moor_frame_path(struct moor_slice *out, const struct moor_frame *frames, size_t depth,
                    const struct moor_slice *key, struct moor_arena *arena,
                    struct moor_error *err) MOOR_MUST_CHECK;

/* The step from a frame to an image. */
struct moor_frame_leaf {
    const struct moor_path_node *node; /* NULL for a holder without an image */
    struct moor_slice key;             /* name of the member */
};

/*
 * Sets the path, the field and the expression of an image in frame number `depth`.  Returns -1 with
 * `err` if the arena is full.
 */
int moor_frame_place(struct moor_object_image *image, struct moor_frame *frames, size_t depth,
                     const struct moor_frame_leaf *leaf, struct moor_arena *arena,
                     struct moor_error *err) MOOR_MUST_CHECK;

/* Sets the owner of `object` from the frame of an owner reference, if that is the controller. */
void moor_frame_set_owner(struct moor_object *object, const struct moor_frame *frame);

/*
 * Keeps the text of an image's repository or tag, to which `node` led, until the frame closes.  An
 * empty text counts as absent.
 */
void moor_frame_set_half(struct moor_frame *frame, const struct moor_path_node *node,
                         struct moor_slice text, size_t offset);

/*
 * Gives the text of an image whose repository or tag was read, in `arena`: both joined by a colon,
 * or by `@` if a digest is in place of the tag; `:tag`; or the repository.  `*form` is
 * MOOR_IMAGE_JOINED or MOOR_IMAGE_PARTIAL.  Returns -1 with `err` if the arena is full.
 */
int moor_frame_join(struct moor_slice *out, enum moor_image_form *form,
                    const struct moor_frame *frame, struct moor_arena *arena,
                    struct moor_error *err) MOOR_MUST_CHECK;

#endif
