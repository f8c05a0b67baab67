/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shapes - reads images that are written in parts: Helm values, parameters, and the entries of
 * kustomizations.
 *
 * The column `shape` of the table of formats (formats.h) says which of these a value is.
 *
 * Threads:  one list of images, one thread at a time.
 * Memory:   in the caller's arena; the buffers of the embedded reader.
 * Limits:   those of values/walk.h, values/mapping.h and embedded.h.
 */
#ifndef MOOR_CMD_INPUT_SHAPES_H
#define MOOR_CMD_INPUT_SHAPES_H

#include "cmd/input/embedded.h"
#include "cmd/input/manifest.h"
#include "cmd/input/shape.h"

/*
 * Adds the images of the value to `found`; their offsets are in the object, or in the document that
 * was read from a string.  Returns -1 with the reason in `err`: with a line and a column in the
 * file, or with the offset in the object if the line is 0.
 */
int moor_shapes_read(struct moor_values_found *found, struct moor_shaped *shaped,
                     struct moor_embedded *embedded, struct moor_arena *arena,
                     struct moor_error *err) MOOR_MUST_CHECK;

/* A reader of the strings in values that are YAML themselves. */
struct moor_shapes_strings {
    struct moor_embedded embedded;
    const struct moor_values_string *string; /* the one that is read, or NULL */
    bool is_ended;                           /* it cannot be read on */
    struct moor_document read;               /* result: the document that was read last */
};

/*
 * Adds the images of the next document of `string`, which the values of `shaped` have.  Returns 1,
 * or 0 if the string has no further document of Kubernetes objects or containers.  Returns -1, as
 * moor_shapes_read() does, if a limit is exceeded or the arena is full.
 */
int moor_shapes_read_string(struct moor_values_found *found, const struct moor_shaped *shaped,
                            struct moor_shapes_strings *strings,
                            const struct moor_values_string *string, struct moor_arena *arena,
                            struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Finds the namespace in which the images of `object` will run.  That of the object counts unless
 * it is only where a controller reads the object.  Empty: the file does not tell it.
 */
int moor_shapes_namespace(struct moor_slice *out, const struct moor_format *row,
                          const struct moor_manifest *object, struct moor_arena *arena,
                          struct moor_error *err) MOOR_MUST_CHECK;

#endif
