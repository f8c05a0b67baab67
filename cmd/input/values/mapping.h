/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mapping - joins the members of one mapping of Helm values to image references.
 *
 * The members that name parts of one image have the same prefix (key.h): `repository` and `tag`, or
 * `defaultJobImage` and `defaultJobTag`.  Precision comes first: a value that could also be
 * something else is left out.  These shapes are images:
 *
 *   - `repository` or `imageRepository` beside a tag or a digest, or below a key `...image`;
 *   - `image`, `...Image`, `imageName`, or `name` below a key `...image`, with a tag in the text or
 *     beside it (`tag`, `imageTag`, `version`);
 *   - `image` without a tag, in a mapping with members that only containers have, or in an item of
 *     a list that has a `name`;
 *   - a tag alone, in `imageTag` or below a key `...image`: the chart has the repository;
 *   - any text with a tag in a list or mapping called `images`.
 *
 * Threads:  one list of images, one thread at a time.
 * Memory:   references are in the caller's arena.
 * Limits:   MOOR_VALUES_MAX_MEMBERS members that name parts of images; a mapping with more is an
 *           error, because joining them takes the square of their number.
 */
#ifndef MOOR_CMD_INPUT_VALUES_MAPPING_H
#define MOOR_CMD_INPUT_VALUES_MAPPING_H

#include "cmd/input/values/found.h"
#include "cmd/input/values/key.h"

#define MOOR_VALUES_MAX_MEMBERS 256

/* A member with a part of an image. */
struct moor_values_member {
    struct moor_values_key key;
    struct moor_slice name; /* the key */
    struct moor_slice text; /* the value as Helm prints it; empty for null */
    bool is_text;           /* the value is a string */
    size_t offset;          /* offset of the value in the JSON */
};

/* A mapping that was read to its end. */
struct moor_values_mapping {
    const struct moor_values_member *members;
    size_t count;
    struct moor_slice path;     /* path of the mapping, without its members */
    struct moor_slice registry; /* `global.imageRegistry`, or empty */
    bool is_image;              /* its key ends with `image` */
    bool is_item;               /* it is an item of a list */
    bool is_container;          /* it has members that only containers have */
    bool is_source;             /* it has members of a Git repository or a chart */
};

/* Adds the images of the mapping.  Returns -1 if the arena is full or a limit is exceeded. */
int moor_values_mapping_take(struct moor_values_found *found,
                             const struct moor_values_mapping *mapping, struct moor_arena *arena,
                             struct moor_error *err) MOOR_MUST_CHECK;

#endif
