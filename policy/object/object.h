/* SPDX-License-Identifier: Apache-2.0 */
/*
 * object - the images of a Kubernetes object, and the few other facts that a verdict needs.
 *
 * policy/object/reader.h fills it in.
 *
 * Threads:  an object belongs to one thread at a time.
 * Memory:   texts borrow from the JSON, or from the arena if they had escapes; arrays are in the
 *           arena.
 * Limits:   MOOR_OBJECT_MAX_IMAGES images.
 */
#ifndef MOOR_POLICY_OBJECT_OBJECT_H
#define MOOR_POLICY_OBJECT_OBJECT_H

#include "policy/base/arena.h"
#include "policy/base/buf.h"
#include "policy/base/error.h"
#include "policy/object/field.h"

/* Maximum number of images that are kept. */
#define MOOR_OBJECT_MAX_IMAGES 4096
/* The index of an image that is not in a list. */
#define MOOR_OBJECT_NO_INDEX   UINT32_MAX

struct moor_annotation;
struct moor_annotation_list;

/* How the text of an image is written. */
enum moor_image_form {
    MOOR_IMAGE_WHOLE,  /* as one text */
    MOOR_IMAGE_JOINED, /* as two members, `repository` and `tag`; joined here by a colon */
    MOOR_IMAGE_PARTIAL /* only one of the two members: the operator adds the other */
};

/* An image, or a holder that should have an image and has none. */
struct moor_object_image {
    struct moor_slice text; /* as written, or joined from two texts; empty for no image */
    struct moor_slice
        name; /* nearest enclosing `name`, or the key of an annotation; may be empty */
    struct moor_slice where; /* path of the list that holds it, or of the image itself */
    uint32_t index;          /* index in that list, or MOOR_OBJECT_NO_INDEX */
    size_t offset; /* offset of its string in the JSON, of its tag, or of a holder without image */
    enum moor_image_form form;
    uint32_t expression; /* number of the policy's expression; 0 for a kind of Kubernetes */
    enum moor_field field;
    const struct moor_annotation *annotation; /* entry for its key, or NULL */
};

/* The object as it was read. */
struct moor_object {
    bool is_present;   /* the request has the object, and it is not null */
    bool is_deleting;  /* metadata.deletionTimestamp is set */
    bool is_mirror;    /* annotated as a mirror Pod of the kubelet */
    bool is_too_large; /* it was not kept completely: see bounds.h */
    struct moor_object_image *images;
    size_t image_count;              /* number of images that were kept */
    size_t image_total;              /* number of images in the object */
    size_t image_room;               /* internal: capacity of `images` */
    uint64_t comparisons;            /* internal: comparisons of names so far */
    struct moor_slice generate_name; /* metadata.generateName, or empty */
    struct moor_slice owner_kind;    /* kind of the controlling owner, or empty */
    struct moor_slice owner_group;   /* its group; empty for the core group */
    struct moor_slice owner_name;    /* its name */
    struct moor_slice malformed;     /* path of the first malformed value, or empty */
    size_t malformed_offset;         /* offset of that value in the JSON */
    size_t image_lists;              /* lists where an image belongs */
    size_t image_mappings;           /* mappings where an image belongs */
};

/* Appends the path of the image: `spec.template.spec.containers[0]`. */
void moor_object_append_path(struct moor_buf *out, const struct moor_object_image *image);

#endif
