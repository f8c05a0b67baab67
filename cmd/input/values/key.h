/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key - what the name of a member in Helm values tells about its value.
 *
 * Charts have no schema, but they name images in few ways: the last word of a key is the part of
 * the reference, and the words before it say which image is meant.  `thanosImage` is an image,
 * `executor_pod_image_version` the tag of the image `executor_pod`, and `imageTag` the tag of the
 * mapping's only image.  Words are separated by `_`, `-`, `.`, or by an upper-case letter.
 *
 * Threads:  pure, any thread.
 * Memory:   the prefix borrows from the key.
 */
#ifndef MOOR_CMD_INPUT_VALUES_KEY_H
#define MOOR_CMD_INPUT_VALUES_KEY_H

#include "policy/base/slice.h"

/* The part of a reference that a key names. */
enum moor_values_part {
    MOOR_VALUES_NONE,       /* the key says nothing */
    MOOR_VALUES_IMAGE,      /* `image`: a reference, or a repository beside a tag */
    MOOR_VALUES_REPOSITORY, /* `repository`, `imageRepository` */
    MOOR_VALUES_NAME,       /* `name`, `imageName` */
    MOOR_VALUES_REGISTRY,   /* `registry`, `imageRegistry` */
    MOOR_VALUES_TAG,        /* `tag`, `imageTag` */
    MOOR_VALUES_VERSION,    /* `version`, `image_version`: a tag for a reference that has none */
    MOOR_VALUES_DIGEST      /* `digest`, `sha`, `sha256` */
};

/* A key. */
struct moor_values_key {
    enum moor_values_part part;
    bool says_image;          /* the word `image` is in the key */
    struct moor_slice prefix; /* the words that tell images of one mapping apart; may be empty */
};

/* Returns what `key` tells. */
struct moor_values_key moor_values_key_read(struct moor_slice key);

/* Returns whether the last word of the key is `image`, as of a mapping with the parts of one. */
bool moor_values_key_is_image(struct moor_slice key);

/* Returns whether the last word of the key is `digest`, and not `sha` or `sha256`. */
bool moor_values_key_is_digest(struct moor_slice key);

/* Returns whether the last word of the key is `images`. */
bool moor_values_key_is_images(struct moor_slice key);

/* Returns whether the last word is `containers` or `sidecars`, as of a list of containers. */
bool moor_values_key_is_containers(struct moor_slice key);

/* Returns whether only Kubernetes containers have a member of this name, such as `volumeMounts`. */
bool moor_values_key_is_of_container(struct moor_slice key);

/*
 * Returns whether the texts of this key are prose, or name a server or a chart, so that a text like
 * an image is none: `description`, `url`.
 */
bool moor_values_key_is_of_prose(struct moor_slice key);

/* Returns whether a mapping with this member has a Git repository or a chart, and no image. */
bool moor_values_key_is_of_source(struct moor_slice key);

#endif
