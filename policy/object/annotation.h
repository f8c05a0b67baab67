/* SPDX-License-Identifier: Apache-2.0 */
/*
 * annotation - annotations of Pods and of Pod templates that injectors take images from.
 *
 * An injector is a mutating webhook that adds a container to a Pod.  Some let an annotation of the
 * Pod name the image, and the annotation comes from the template that a user wrote.  The built-in
 * list has the annotations that their projects document, each with its source; a policy adds its
 * own.
 *
 * Threads:  pure, any thread.
 * Memory:   what is composed is in the caller's arena; everything else borrows.
 */
#ifndef MOOR_POLICY_OBJECT_ANNOTATION_H
#define MOOR_POLICY_OBJECT_ANNOTATION_H

#include "policy/object/object.h"

/* What the value of an annotation is. */
enum moor_annotation_form {
    MOOR_ANNOTATION_IMAGE,      /* an image reference */
    MOOR_ANNOTATION_NAME,       /* the same if it has a `/` or a `:`; else a name in the registry,
                                   and with the tag, of the injector's own configuration */
    MOOR_ANNOTATION_REPOSITORY, /* a reference without its tag, which its partner has; alone it gets
                                   the tag of the injector's own configuration */
    MOOR_ANNOTATION_TAG,        /* the tag of a reference, whose rest is in another annotation, or
                                   is the injector's default */
    MOOR_ANNOTATION_JSON        /* JSON that may set an image: volumes, containers, or a patch of
                                   one */
};

struct moor_annotation {
    struct moor_slice key;    /* the whole of it, or what it begins with */
    struct moor_slice ending; /* what it ends with where anything may be between; else empty */
    enum moor_annotation_form form;
    struct moor_slice partner;    /* REPOSITORY: the key of the annotation with the tag; TAG: of
                                     that with the repository, or empty */
    struct moor_slice repository; /* TAG: the repository where that annotation is absent */
};

/* Those of a policy, and all of them. */
#define MOOR_ANNOTATION_MAX_OWN 128
#define MOOR_ANNOTATION_MAX     256

/* Of keys: few annotations share one with a key of the list. */
#define MOOR_ANNOTATION_HASHES  512

struct moor_annotation_list {
    const struct moor_annotation *items;
    size_t count;
    uint64_t keys[MOOR_ANNOTATION_HASHES / 64]; /* a bit for a hash of each whole key */
    uint64_t beginnings; /* a bit for the first byte of each key that is only a beginning */
};

/* A list of these, which are borrowed. */
struct moor_annotation_list moor_annotation_list_of(const struct moor_annotation *items,
                                                    size_t count);

/* The built-in list. */
struct moor_annotation_list moor_annotation_builtin(void);

/* The entry for an annotation's key, or NULL.  `list` may be NULL. */
const struct moor_annotation *moor_annotation_find(const struct moor_annotation_list *list,
                                                   struct moor_slice key);

/* Appends the entry's key as it is shown: `*` is what may be between its beginning and its end. */
void moor_annotation_append_key(struct moor_buf *out, const struct moor_annotation *annotation);

/*
 * Notes in `seen`, a bit for each entry of `list`, that an annotation was met.  Returns -1 with
 * `err` if it was met before: of two members with one key the API server takes the last.
 */
int moor_annotation_mark(uint64_t seen[MOOR_ANNOTATION_MAX / 64],
                         const struct moor_annotation_list *list,
                         const struct moor_annotation *annotation,
                         struct moor_error *err) MOOR_MUST_CHECK;

/* Names an image, whose place is its holder's, by the key of its annotation: `annotations[key]`. */
int moor_annotation_name(struct moor_object_image *image, const struct moor_annotation *annotation,
                         struct moor_slice key, struct moor_arena *arena,
                         struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Turns what was read from one `annotations` object, the images of `object` from `first` on, into
 * the images that come of it: puts repositories and tags together, and removes values that name no
 * image.  A repository without a tag stays as it is.  JSON with one image becomes this image.
 * Returns -1 with `err` if memory is short.
 */
int moor_annotation_settle(struct moor_object *object, size_t first, struct moor_arena *arena,
                           struct moor_error *err) MOOR_MUST_CHECK;

#endif
