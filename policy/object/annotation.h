/* SPDX-License-Identifier: Apache-2.0 */
/*
 * annotation - annotations of Pods and Pod templates from which injectors take images.
 *
 * An injector is a mutating webhook that adds a container to a Pod.  Some injectors take the image
 * from an annotation of the Pod, which comes from the template that a user wrote.  The built-in
 * list has the annotations that such projects document, each with its source.  A policy adds its
 * own.
 *
 * Threads:  pure, any thread.
 * Memory:   composed texts are in the caller's arena; everything else borrows.
 * Limits:   MOOR_ANNOTATION_MAX entries.
 */
#ifndef MOOR_POLICY_OBJECT_ANNOTATION_H
#define MOOR_POLICY_OBJECT_ANNOTATION_H

#include "policy/object/object.h"

/* How the value of an annotation names an image. */
enum moor_annotation_form {
    /* an image reference */
    MOOR_ANNOTATION_IMAGE,
    /* a reference if it has `/` or `:`; else a name that the injector's configuration completes */
    MOOR_ANNOTATION_NAME,
    /* a reference without its tag, which is in another annotation or the injector's configuration
     */
    MOOR_ANNOTATION_REPOSITORY,
    /* a tag, whose repository is in another annotation or is the injector's default */
    MOOR_ANNOTATION_TAG,
    /* JSON that may set an image: volumes, containers, or a patch of a container */
    MOOR_ANNOTATION_JSON
};

/* An entry of the list. */
struct moor_annotation {
    struct moor_slice key;    /* the whole key, or its beginning if `ending` is set */
    struct moor_slice ending; /* the end of the key, after any text; empty for a whole key */
    enum moor_annotation_form form;
    struct moor_slice partner;    /* key of the annotation with the tag or repository, or empty */
    struct moor_slice repository; /* TAG: the default if the partner is absent */
};

/* Maximum number of entries in a policy, and in total. */
#define MOOR_ANNOTATION_MAX_OWN 128
#define MOOR_ANNOTATION_MAX     256

/* Number of hash values of keys: large enough that few other annotations collide with the list. */
#define MOOR_ANNOTATION_HASHES  512

/* A list with a filter, which rejects most annotations of an object without a comparison. */
struct moor_annotation_list {
    const struct moor_annotation *items;
    size_t count;
    uint64_t keys[MOOR_ANNOTATION_HASHES / 64]; /* a bit for the hash of each whole key */
    uint64_t beginnings; /* a bit for the first byte of each key with an ending */
};

/* Returns a list of `count` entries, which it borrows. */
struct moor_annotation_list moor_annotation_list_of(const struct moor_annotation *items,
                                                    size_t count);

/* Returns the built-in list. */
struct moor_annotation_list moor_annotation_builtin(void);

/* Returns the entry for the key of an annotation, or NULL.  `list` may be NULL. */
const struct moor_annotation *moor_annotation_find(const struct moor_annotation_list *list,
                                                   struct moor_slice key);

/* Appends the entry's key for display, with `*` between beginning and ending. */
void moor_annotation_append_key(struct moor_buf *out, const struct moor_annotation *annotation);

/*
 * Marks in `seen`, a bit for each entry of `list`, that an annotation was read.  Returns -1 with
 * `err` if it was marked before: duplicate members are an error, because parsers disagree on them.
 */
int moor_annotation_mark(uint64_t seen[MOOR_ANNOTATION_MAX / 64],
                         const struct moor_annotation_list *list,
                         const struct moor_annotation *annotation,
                         struct moor_error *err) MOOR_MUST_CHECK;

/* Sets the path of an image to its annotation, `annotations[key]`, and its name to the key. */
int moor_annotation_name(struct moor_object_image *image, const struct moor_annotation *annotation,
                         struct moor_slice key, struct moor_arena *arena,
                         struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Converts the values of an `annotations` object, which are the images of `object` from index
 * `first`, into images.  Joins repositories and tags, and drops values that name no image.  A
 * repository without a tag remains as it is.  JSON with exactly one image becomes this image.
 * Returns -1 with `err` if the arena is full.
 */
int moor_annotation_settle(struct moor_object *object, size_t first, struct moor_arena *arena,
                           struct moor_error *err) MOOR_MUST_CHECK;

#endif
