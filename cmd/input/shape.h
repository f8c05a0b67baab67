/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shape - a value in which images are written in parts, and reading members of it.
 *
 * The column `shape` of the table of formats (formats.h) says how its parts are written.
 *
 * Threads:  one list of images, one thread at a time.
 * Memory:   in the arena of the context.
 * Limits:   a joined text is at most twice as long as a reference.
 */
#ifndef MOOR_CMD_INPUT_SHAPE_H
#define MOOR_CMD_INPUT_SHAPE_H

#include "cmd/input/documents.h"
#include "cmd/input/formats.h"
#include "cmd/input/lookup.h"
#include "cmd/input/values/found.h"

/* A value to read, and where it is. */
struct moor_shaped {
    enum moor_format_shape shape;
    const struct moor_document *document;
    size_t base; /* offset in the document of the object, from which offsets count */
    const struct moor_looked_up *selected;
    struct moor_document read; /* result: `document`, or the one that was read from a string */
};

/* The state that the readers of all shapes share. */
struct moor_shape_context {
    struct moor_values_found *found;
    const struct moor_shaped *shaped;
    struct moor_arena *arena;
    struct moor_error *err;
};

/* A scalar member of an item. */
struct moor_shape_scalar {
    struct moor_slice text; /* a number is as Go prints it */
    bool is_text;
    size_t offset; /* in the object */
};

/* Returns the offset in the object of `json`, a part of the document. */
size_t moor_shape_offset(const struct moor_shape_context *context, struct moor_slice json);

/* Reads the scalar `json`; anything else has an empty text.  Returns -1 if the arena is full. */
int moor_shape_scalar(struct moor_shape_scalar *out, const struct moor_shape_context *context,
                      struct moor_slice json) MOOR_MUST_CHECK;

/*
 * Reads the members `names` of the object `json` into `out`, in the order of the names.  Returns -1
 * if the arena is full.
 */
int moor_shape_members(struct moor_shape_scalar *out, const struct moor_shape_context *context,
                       struct moor_slice json, const char *const *names,
                       size_t count) MOOR_MUST_CHECK;

/*
 * Finds the member `name` of the mapping that contains the value; empty if absent or null.  Returns
 * -1 if the arena is full.
 */
int moor_shape_beside(struct moor_slice *out, const struct moor_shape_context *context,
                      const char *name) MOOR_MUST_CHECK;

/* Joins three texts.  Returns -1 if the result is too long or the arena is full. */
int moor_shape_join(struct moor_slice *out, struct moor_slice left, const char *between,
                    struct moor_slice right,
                    const struct moor_shape_context *context) MOOR_MUST_CHECK;

#endif
