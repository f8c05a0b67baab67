/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_images - finds the images in a file of another tool by its format row (formats.h).
 *
 * The path expressions of all rows are compiled once, by the compiler that also serves the custom
 * resources of a policy.  Each expression is a part that is read on its own.  Images that only a
 * variable names are counted but not returned, and so are images that a tag replaces by a value of
 * another file.
 *
 * Threads:  constant after moor_format_images_init(), any thread.
 * Memory:   owns the compiled expressions.
 */
#ifndef MOOR_CMD_INPUT_FORMAT_IMAGES_H
#define MOOR_CMD_INPUT_FORMAT_IMAGES_H

#include "cmd/input/documents.h"
#include "cmd/input/formats.h"
#include "cmd/input/values/skipped.h"
#include "policy/object/kinds.h"
#include "policy/object/object.h"

/* The compiled path expressions of all formats. */
struct moor_format_images {
    struct moor_arena arena;
    struct moor_kind kinds[MOOR_INPUT_FORMAT_COUNT][MOOR_FORMAT_MAX_PATHS];
};

/* Compiles the expressions of all formats.  Returns -1 if memory is short. */
int moor_format_images_init(struct moor_format_images *out, struct moor_error *err) MOOR_MUST_CHECK;
void moor_format_images_release(struct moor_format_images *images);

/* Returns the number of parts of this format: one per path expression, and at least one. */
size_t moor_format_images_parts(enum moor_input_format format);

/* Returns the kind to name in a request for the images of one part. */
const struct moor_kind *moor_format_images_kind(const struct moor_format_images *images,
                                                enum moor_input_format format, size_t part);

/* One part of a document, read as a file of a format. */
struct moor_format_part {
    const struct moor_document *document;
    enum moor_input_format format;
    size_t index; /* below moor_format_images_parts() */
};

/* The images of a part that were not read, and why. */
struct moor_format_unread {
    size_t unknown;   /* images that this file does not determine, such as those of a variable */
    size_t templates; /* images that a template fills in, in a Dockerfile */
    bool is_empty;    /* a Dockerfile without a FROM */
    struct moor_skipped_list skipped; /* where they are */
    /* The first part of a Dockerfile that no build accepts, with its offset; or no error. */
    struct moor_error malformed;
};

/*
 * Reads the images of one part of a document into `*out`, with the defaults of their variables, and
 * says in `*unread` what was left out.  Returns -1 with the reason and the offset in the document's
 * text in `err`.
 */
int moor_format_images_read(struct moor_object *out, struct moor_format_unread *unread,
                            const struct moor_format_images *images,
                            const struct moor_format_part *part, struct moor_arena *arena,
                            struct moor_error *err) MOOR_MUST_CHECK;

#endif
