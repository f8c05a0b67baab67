/* SPDX-License-Identifier: Apache-2.0 */
/*
 * formats - files of other tools in which teams name images, as one row of a table each.
 *
 * To add a format, add a value to enum moor_input_format and a row to the table in formats.c; help,
 * error messages and completion follow.  A row says how a file is recognised (by its name, by a
 * member of its document, or both), which path expressions lead to images, and how an image is
 * written there.  Expressions are those of policy/object/expression.h, with two differences: the
 * first step may be `*`, each member of the document, and each expression is read for itself, so
 * that `image` (a text) and `image.name` (of a mapping) can be in one row.
 *
 * Threads:  constant.
 * Memory:   static.
 */
#ifndef MOOR_CMD_INPUT_FORMATS_H
#define MOOR_CMD_INPUT_FORMATS_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdbool.h>

#define MOOR_FORMAT_MAX_FILES 6
#define MOOR_FORMAT_MAX_PATHS 8

/* A file that several rows match is of the first one. */
enum moor_input_format {
    MOOR_INPUT_COMPOSE,
    MOOR_INPUT_ECS,
    MOOR_INPUT_GITLAB,
    MOOR_INPUT_GITHUB,
    MOOR_INPUT_DOCKERFILE
};

#define MOOR_INPUT_FORMAT_COUNT (MOOR_INPUT_DOCKERFILE + 1)

/* How a text at the end of a path names an image. */
enum moor_format_scheme {
    MOOR_FORMAT_SCHEME_NONE,     /* the text is the image */
    MOOR_FORMAT_SCHEME_OPTIONAL, /* `docker://` may precede it */
    MOOR_FORMAT_SCHEME_REQUIRED  /* without `docker://` it is something else */
};

struct moor_format_path {
    const char *expression;
    enum moor_format_scheme scheme;
};

struct moor_format {
    const char *name;                         /* of --include: "compose" */
    const char *kind;                         /* what findings call the object: "Compose" */
    const char *files[MOOR_FORMAT_MAX_FILES]; /* globs over the end of the path; none: any file */
    const char *members; /* one of these, between blanks, must be in the document; NULL: any */
    const char *ignored; /* top-level members, between blanks, below which no image is; or NULL */
    struct moor_format_path paths[MOOR_FORMAT_MAX_PATHS]; /* to images */
    bool has_variables;      /* `$NAME`, `${NAME:-default}`: see variables.h */
    bool is_dockerfile;      /* read by dockerfile.h, without paths */
    const char *description; /* for completion and the man page */
};

/* The row of a format. */
const struct moor_format *moor_format_row(enum moor_input_format format);

/* The bit of a format in a set of them. */
static inline unsigned moor_input_bit(enum moor_input_format format)
{
    return 1U << (unsigned)format;
}

/* "compose" */
const char *moor_input_format_name(enum moor_input_format format);

/* The name of the format at `index`, with its description; NULL beyond the last. */
const char *moor_input_format_name_at(size_t index, const char **description);

/* Reads names between commas into `*out`, beside what it holds. */
int moor_input_formats_parse(unsigned *out, const char *names,
                             struct moor_error *err) MOOR_MUST_CHECK;

/* Whether a file of this path is taken from a directory for one of the formats in the set. */
bool moor_input_is_named(unsigned formats, struct moor_slice path);

/*
 * The format of this JSON document, an object, in the file of this path; MOOR_INPUT_FORMAT_COUNT
 * if it has none.
 */
enum moor_input_format moor_input_recognise(struct moor_slice document, struct moor_slice path);

#endif
