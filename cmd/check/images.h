/* SPDX-License-Identifier: Apache-2.0 */
/*
 * images - finds the images of one value of a document, whatever tool the document belongs to.
 *
 * A Kubernetes object has one set of images.  A file of another tool has one set for each path
 * expression of its format that leads to texts, and one for each value that such an expression
 * selects if images are written in parts, as in Helm values.  Each set is evaluated as one object.
 *
 * Threads:  one reader, one thread at a time.
 * Memory:   owns buffers that are reused for each value; a set is valid until the next call, and
 *           borrows from the document and from the caller's arena.
 * Limits:   those of object, format_images and shapes.
 */
#ifndef MOOR_CMD_CHECK_IMAGES_H
#define MOOR_CMD_CHECK_IMAGES_H

#include "cmd/check/subject.h"
#include "cmd/input/format_images.h"
#include "cmd/input/shapes.h"
#include "policy/object/request.h"

/* A set of images, and where it was found. */
struct moor_images_found {
    struct moor_request request;          /* the object, with its images */
    bool is_object;                       /* a Kubernetes object, not a file of another tool */
    const struct moor_document *document; /* the images were read from it */
    size_t offset;                        /* start of the object in it, from which offsets count */
    const struct moor_image_note *notes;  /* one for each image; NULL: none */
    const struct moor_document *outer; /* document with the string that was read as YAML, or NULL */
    size_t outer_offset;               /* offset of the object in that document */
    size_t string_offset;              /* offset of that string in the object */
    bool is_member;                    /* that string is a member of values, not all of them */
    /* Images that were not read. */
    size_t unknown;                   /* images that this file does not determine */
    size_t untagged;                  /* images whose tag is set elsewhere, as by the chart */
    size_t templates;                 /* images that a template fills in, in a Dockerfile */
    struct moor_skipped_list skipped; /* where these are */
    bool is_empty;                    /* a Dockerfile without a FROM */
    struct moor_error malformed;      /* the first part of a Dockerfile that no build accepts */
};

/* A reader of the images of a value. */
struct moor_images {
    /* Internal: for all values. */
    const struct moor_policy *policy;
    struct moor_arena *arena;
    struct moor_format_images formats;
    struct moor_embedded embedded;
    struct moor_arena parts; /* images that are written in parts, for one path expression */
    /* The current value. */
    const struct moor_document *document;
    const struct moor_subject *subject;
    const struct moor_manifest *value; /* NULL: the document is not a JSON value */
    struct moor_slice namespace;
    size_t part;                 /* number of the next path expression */
    struct moor_request request; /* for the values of the expression before */
    struct moor_lookup selected; /* those values */
    size_t next;                 /* the next of them */
    struct moor_shaped shaped;   /* the one that was read last */
    struct moor_shapes_strings strings;
    const struct moor_values_string *next_string; /* strings of that value that may be YAML */
    size_t string_count;
};

/* Prepares a reader.  Texts are put in `arena`.  Returns -1 if memory is short. */
int moor_images_init(struct moor_images *out, const struct moor_policy *policy,
                     struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;
void moor_images_release(struct moor_images *images);

/*
 * Starts reading `value` of `document`, which is an object or of a format, as `subject` says.  An
 * object that names no namespace is in `namespace`.  All must outlive the reading.
 */
void moor_images_open(struct moor_images *images, const struct moor_document *document,
                      const struct moor_subject *subject, const struct moor_manifest *value,
                      struct moor_slice namespace);

/*
 * Finds the next set of images.  Returns 1, or 0 after the last set.  Returns -1 with the reason in
 * `err`: with a line and a column in the file, or with the offset in the document if the line is 0.
 * The value has no further set then.
 */
int moor_images_next(struct moor_images_found *out, struct moor_images *images,
                     struct moor_error *err) MOOR_MUST_CHECK;

/* Returns how many images the set has, read or not.  A malformed value counts as one. */
size_t moor_images_count(const struct moor_images_found *found);

/* Returns whether the set is evaluated: a file of another tool without images is not. */
bool moor_images_must_judge(const struct moor_images_found *found);

#endif
