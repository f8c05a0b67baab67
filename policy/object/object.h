/* SPDX-License-Identifier: Apache-2.0 */
/*
 * object - the images of one Kubernetes object, and the little else that a verdict needs.
 *
 * policy/object/reader.h fills it in.
 *
 * Threads:  one object, one thread at a time.
 * Memory:   texts borrow from the JSON, or from the arena where they had escapes; arrays come from
 *           the arena.
 * Limits:   MOOR_OBJECT_MAX_IMAGES images.
 */
#ifndef MOOR_POLICY_OBJECT_OBJECT_H
#define MOOR_POLICY_OBJECT_OBJECT_H

#include "policy/base/arena.h"
#include "policy/base/buf.h"
#include "policy/base/error.h"
#include "policy/object/field.h"

#define MOOR_OBJECT_MAX_IMAGES 4096
#define MOOR_OBJECT_NO_INDEX   UINT32_MAX

struct moor_annotation;
struct moor_annotation_list;

struct moor_object_image {
    struct moor_slice text;  /* as written; empty where the holder has no image; put together where
                                annotations have it in parts */
    struct moor_slice name;  /* of the container or volume: the nearest enclosing `name`, or empty;
                                the key of an annotation */
    struct moor_slice where; /* the path to the list it stands in, or to the image itself */
    uint32_t index;          /* in that list, or MOOR_OBJECT_NO_INDEX */
    size_t offset;           /* of its string in the text that was read; of its holder's begin where
                                there is none */
    uint32_t expression;     /* which of the policy's led here; 0: none, a kind of Kubernetes */
    enum moor_field field;
    const struct moor_annotation *annotation; /* the entry for its key, or NULL */
};

struct moor_object {
    bool is_present;   /* there was an object: not null, not absent */
    bool is_deleting;  /* metadata.deletionTimestamp is set */
    bool is_mirror;    /* annotated as a mirror Pod of the kubelet */
    bool is_too_large; /* it was not read completely: see bounds.h */
    struct moor_object_image *images;
    size_t image_count;              /* of `images` */
    size_t image_total;              /* image_count, and those that were not kept */
    size_t image_room;               /* internal */
    uint64_t comparisons;            /* internal: of keys with those that are read */
    struct moor_slice generate_name; /* or empty */
    struct moor_slice owner_kind;    /* of the controlling owner, or empty */
    struct moor_slice owner_group;   /* empty for the core group */
    struct moor_slice owner_name;
    struct moor_slice malformed; /* the path to the first place of an unexpected shape, or empty */
    size_t malformed_offset;     /* of that place in the text that was read */
};

/* Appends the image's place: `spec.template.spec.containers[0]`. */
void moor_object_append_path(struct moor_buf *out, const struct moor_object_image *image);

#endif
