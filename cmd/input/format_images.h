/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_images - the images in a file of another tool, by the row of its format (formats.h).
 *
 * The path expressions of all rows are compiled once, by the compiler for custom resources of a
 * policy, and each is walked for itself by the walk that reads objects of Kubernetes.  Images that
 * only a variable names, and those that a tag replaces by a value of another file, are counted but
 * not given.
 *
 * Threads:  constant once compiled.
 * Memory:   owns the compiled expressions.
 */
#ifndef MOOR_CMD_INPUT_FORMAT_IMAGES_H
#define MOOR_CMD_INPUT_FORMAT_IMAGES_H

#include "cmd/input/documents.h"
#include "cmd/input/formats.h"
#include "policy/object/kinds.h"
#include "policy/object/object.h"

struct moor_format_images {
    struct moor_arena arena;
    struct moor_kind kinds[MOOR_INPUT_FORMAT_COUNT][MOOR_FORMAT_MAX_PATHS];
};

int moor_format_images_init(struct moor_format_images *out, struct moor_error *err) MOOR_MUST_CHECK;
void moor_format_images_release(struct moor_format_images *images);

/* How many parts a file of this format is read in: one a path expression, at least one. */
size_t moor_format_images_parts(enum moor_input_format format);

/* What the images of one part are in, for a request. */
const struct moor_kind *moor_format_images_kind(const struct moor_format_images *images,
                                                enum moor_input_format format, size_t part);

/*
 * Reads the images of one part of `document`, with their variables' defaults, into `out`.
 * `*unknown` is the number of images that are not known from this file.  Returns -1 with the reason
 * and with the position in `err` (line and column, or the offset in the document's text).
 */
int moor_format_images_read(struct moor_object *out, size_t *unknown,
                            const struct moor_format_images *images, enum moor_input_format format,
                            size_t part, const struct moor_document *document,
                            struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

#endif
