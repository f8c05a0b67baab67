/* SPDX-License-Identifier: Apache-2.0 */
/*
 * formats - the table of other tools' files in which teams name images, one row per format.
 *
 * To add a format, add a value to enum moor_input_format and a row to the table in formats.c. Help,
 * error messages and completion follow.  A row states how a file is recognized (by its name, by a
 * member of its document, or both), which path expressions lead to images, and how images are
 * written there.  Expressions are those of policy/object/expression.h with two differences.  The
 * first step may be `*`, for each member of the document.  Each expression is read on its own, so
 * that `image` (a text) and `image.name` (in a mapping) can be in one row.
 *
 * Some formats are kinds of Kubernetes objects (`groups`, `kinds`).  Those are read in any file and
 * need no --include.
 *
 * Threads:  constant, any thread.
 * Memory:   static.
 */
#ifndef MOOR_CMD_INPUT_FORMATS_H
#define MOOR_CMD_INPUT_FORMATS_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdbool.h>

#define MOOR_FORMAT_MAX_FILES 12
#define MOOR_FORMAT_MAX_PATHS 10

/* The formats.  A file that matches several rows belongs to the first. */
enum moor_input_format {
    MOOR_INPUT_COMPOSE,
    MOOR_INPUT_ECS,
    MOOR_INPUT_GITLAB,
    MOOR_INPUT_GITHUB,
    MOOR_INPUT_DOCKERFILE,
    MOOR_INPUT_KUSTOMIZE,
    MOOR_INPUT_HELM_VALUES,
    MOOR_INPUT_HELM_RELEASE,
    MOOR_INPUT_FLUX_KUSTOMIZATION,
    MOOR_INPUT_ARGO_APPLICATION,
    MOOR_INPUT_ARGO_APPLICATION_SET
};

#define MOOR_INPUT_FORMAT_COUNT (MOOR_INPUT_ARGO_APPLICATION_SET + 1)
/* The formats that --include names come first; those after them are always read. */
#define MOOR_INPUT_NAMED_COUNT  (MOOR_INPUT_HELM_VALUES + 1)

/* The form of the values at the end of a path expression. */
enum moor_format_shape {
    MOOR_FORMAT_TEXT,          /* a text that is an image */
    MOOR_FORMAT_VALUES,        /* Helm values: see values/mapping.h */
    MOOR_FORMAT_VALUES_OBJECT, /* Helm values beside parameters that replace parts of them */
    MOOR_FORMAT_VALUES_TEXT,   /* the same as YAML in a string, if there is no `valuesObject` */
    MOOR_FORMAT_PARAMETERS,    /* a list of Helm parameters, each with `name` and `value` */
    MOOR_FORMAT_ENTRIES,       /* a list of kustomize's `name`, `newName`, `newTag`, `digest` */
    MOOR_FORMAT_OVERRIDES      /* a list of texts `name=newName:newTag` */
};

/* How a text at the end of a path expression names an image. */
enum moor_format_scheme {
    MOOR_FORMAT_SCHEME_NONE,     /* the text is the image */
    MOOR_FORMAT_SCHEME_OPTIONAL, /* `docker://` may precede it */
    MOOR_FORMAT_SCHEME_REQUIRED  /* a text without `docker://` is not an image */
};

/* One way to images: an expression, and what is at its end. */
struct moor_format_path {
    const char *expression; /* empty: the document itself */
    enum moor_format_scheme scheme;
    enum moor_format_shape shape;
};

/* One format.  Lists in one text are separated by blanks. */
struct moor_format {
    const char *name;   /* value of --include; NULL: always read */
    const char *kind;   /* kind of the object in findings: "Compose" */
    const char *groups; /* API groups, if it is a kind of Kubernetes objects too; or NULL */
    const char *kinds;  /* these kinds, or NULL */
    const char *files[MOOR_FORMAT_MAX_FILES]; /* globs for the end of the path; none: any file */
    const char *members; /* the document must have one of these members; NULL: any document */
    const char *text;    /* text that the document can have instead of such a member, or NULL */
    const char *ignored; /* top-level members without images, or NULL */
    struct moor_format_path paths[MOOR_FORMAT_MAX_PATHS]; /* to images */
    const char *not_files;   /* glob of names that `files` does not mean, or NULL */
    const char *beside;      /* the file's directory must have a file of this name; or NULL */
    const char *namespace;   /* expression for the namespace of the images, or NULL */
    bool is_deployed_there;  /* the object's own namespace does not matter */
    bool has_variables;      /* `$NAME`, `${NAME:-default}`: see variables.h */
    bool has_functions;      /* a mapping or `${NAME}` computes an image, as in CloudFormation */
    bool is_dockerfile;      /* parsed by dockerfile.h, without paths */
    const char *description; /* for completion and the man page */
};

/* Returns the row of a format. */
const struct moor_format *moor_format_row(enum moor_input_format format);

/* Returns the bit of a format in a set of formats. */
static inline unsigned moor_input_bit(enum moor_input_format format)
{
    return 1U << (unsigned)format;
}

/* Returns the name of a format for --include, such as "compose"; NULL if it is always read. */
const char *moor_input_format_name(enum moor_input_format format);

/* Returns the name and the description of the format at `index`, and NULL after the last. */
const char *moor_input_format_name_at(size_t index, const char **description);

/* Adds the formats in `names`, separated by commas, to the set.  Returns -1 for an unknown name. */
int moor_input_formats_parse(unsigned *out, const char *names,
                             struct moor_error *err) MOOR_MUST_CHECK;

/* Returns whether a file of this path in a directory belongs to one of the formats in the set. */
bool moor_input_is_named(unsigned formats, struct moor_slice path);

/* Returns the formats that the name of the file at `path` tells, such as that of a Dockerfile. */
unsigned moor_input_named(struct moor_slice path);

/* Returns the format of the objects of this kind, or MOOR_INPUT_FORMAT_COUNT. */
enum moor_input_format moor_input_of_kind(struct moor_slice group, struct moor_slice kind);

/*
 * Returns the format of `document`, a JSON object in the file at `path`, or MOOR_INPUT_FORMAT_COUNT
 * if no row matches.
 */
enum moor_input_format moor_input_recognise(struct moor_slice document, struct moor_slice path);

#endif
