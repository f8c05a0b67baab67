/* SPDX-License-Identifier: Apache-2.0 */
/*
 * object - finds the images of one Kubernetes object, and the little else that a verdict needs.
 *
 * Walks the object's JSON once along the steps of its kind (path.h) and skips everything else, both
 * fully checked.  What does not have the expected shape (a list where an object should be) is noted
 * with its path: whoever judges decides what that means; it is a denial for the kinds of Kubernetes
 * and nothing for custom resources, whose schema may allow anything.  null counts as absent, as it
 * does for the API server.  A member that is read may stand once; below `.*`, where members have no
 * name of their own, all of them are read.
 *
 * Threads:  one object, one thread at a time.
 * Memory:   texts borrow from the JSON, or from the arena where they had escapes; arrays come from
 *           the arena.
 * Limits:   MOOR_OBJECT_MAX_IMAGES are kept; more are only counted, and so are those behind the
 *           first that finds less than a quarter of the arena left.
 */
#ifndef MOOR_POLICY_OBJECT_OBJECT_H
#define MOOR_POLICY_OBJECT_OBJECT_H

#include "policy/base/arena.h"
#include "policy/base/buf.h"
#include "policy/base/error.h"
#include "policy/json/reader.h"
#include "policy/object/path.h"

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

/*
 * Reads the next value of `reader` as an object of `kind`, with the images in its annotations that
 * `annotations` lists (NULL: none).  Returns -1 with `err` where the text is not JSON, where a
 * member that is read stands twice, and where memory or its limit is reached.
 */
int moor_object_read(struct moor_object *out, struct moor_json_reader *reader,
                     const struct moor_kind *kind, const struct moor_annotation_list *annotations,
                     struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

/* Appends the image's place: `spec.template.spec.containers[0]`. */
void moor_object_append_path(struct moor_buf *out, const struct moor_object_image *image);

/* The images of an old object, ready for asking many times whether one was there. */
struct moor_image_set {
    const struct moor_object_image **sorted;
    size_t count;
};

/* Collects the images of `object` (which must outlive the set).  Costs n log n once. */
int moor_image_set_init(struct moor_image_set *out, const struct moor_object *object,
                        struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Whether the set has this image by the same expression, in the same kind of field, under the same
 * name.  Where a name stands twice in the old object, any of its images counts.
 */
bool moor_image_set_has(const struct moor_image_set *set, const struct moor_object_image *image);

/* What asking for this image costs, in matching steps. */
uint64_t moor_image_set_cost(const struct moor_image_set *set,
                             const struct moor_object_image *image);

#endif
