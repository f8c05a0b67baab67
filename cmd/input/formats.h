/* SPDX-License-Identifier: Apache-2.0 */
/*
 * formats - files beside Kubernetes manifests in which the same teams name images.
 *
 * A format is recognised by the file's name and by the shape of what stands in it.  Where images
 * stand is described by the same trees of steps as for the kinds of Kubernetes, so that the same
 * walk finds them.
 *
 * Threads:  constant.
 * Memory:   static.
 */
#ifndef MOOR_CMD_INPUT_FORMATS_H
#define MOOR_CMD_INPUT_FORMATS_H

#include "policy/base/error.h"
#include "policy/object/object.h"

enum moor_input_format {
    MOOR_INPUT_COMPOSE,
    MOOR_INPUT_ECS,
    MOOR_INPUT_GITLAB,
    MOOR_INPUT_GITHUB,
    MOOR_INPUT_DOCKERFILE
};

#define MOOR_INPUT_FORMAT_COUNT (MOOR_INPUT_DOCKERFILE + 1)

/* The bit of a format in a set of them. */
static inline unsigned moor_input_bit(enum moor_input_format format)
{
    return 1U << (unsigned)format;
}

/* "compose" */
const char *moor_input_format_name(enum moor_input_format format);

/* Reads names between commas into `*out`, beside what it holds. */
int moor_input_formats_parse(unsigned *out, const char *names,
                             struct moor_error *err) MOOR_MUST_CHECK;

/* Whether a file of this path can be of one of the formats in the set. */
bool moor_input_is_named(unsigned formats, struct moor_slice path);

/*
 * The format of this JSON document, an object, in the file of this path; MOOR_INPUT_FORMAT_COUNT
 * where it is none.
 */
enum moor_input_format moor_input_recognise(struct moor_slice document, struct moor_slice path);

/* What a format calls what holds its images, and where they stand: `*count` trees, each walked. */
const struct moor_kind *moor_input_kinds(enum moor_input_format format, size_t *count);

/*
 * Takes out of `object` what the format's trees find and what is no image, and writes images as the
 * format means them: `docker://` before an action, defaults of variables.  What only a variable
 * names is left out and counted in `*unknown`.
 */
int moor_input_settle(struct moor_object *object, enum moor_input_format format, size_t *unknown,
                      struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

#endif
