/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unread - reports what `check` does not evaluate: objects with errors, and what other tools fill
 * in.
 *
 * Threads:  one at a time.
 * Memory:   owns a buffer; the report owns copies.
 * Limits:   MOOR_UNREAD_MAX_ERRORS errors of objects per file are listed, so that one file cannot
 *           fill the report.
 */
#ifndef MOOR_CMD_CHECK_UNREAD_H
#define MOOR_CMD_CHECK_UNREAD_H

#include "cmd/check/images.h"
#include "cmd/check/rendering.h"

#define MOOR_UNREAD_MAX_ERRORS 20

/* The report, and what was reported of the current file. */
struct moor_unread {
    struct moor_report *report;
    struct moor_rendering *rendering; /* what the documents were made from; NULL: their file */
    bool lists_all;       /* set by the caller: a note for each image and object that is counted */
    size_t errors;        /* errors of objects in the current file */
    struct moor_buf name; /* scratch space */
};

/* Prepares a list.  `report` is borrowed. */
void moor_unread_init(struct moor_unread *out, struct moor_report *report);
void moor_unread_release(struct moor_unread *unread);

/* Starts a file. */
void moor_unread_file(struct moor_unread *unread, struct moor_rendering *rendering);

/*
 * Reports that an object of `document` cannot be evaluated.  `err` has a position in the file, or
 * the offset in the document if its line is 0.
 */
void moor_unread_error(struct moor_unread *unread, const struct moor_document *document,
                       const struct moor_error *err);

/* Counts an object of an unknown kind. */
void moor_unread_kind(struct moor_unread *unread, const struct moor_manifest *value);

/* Counts a document of another tool by its file, or by the format with which --include reads it. */
void moor_unread_other(struct moor_unread *unread, struct moor_slice path,
                       enum moor_input_format format);

/* Counts a chart, and says why it is not rendered. */
void moor_unread_chart(struct moor_unread *unread, const char *directory, const char *why);

/*
 * Counts an object at `offset` that can have images but has none.  It can be complete, such as a
 * custom resource that uses the default of its operator, or have its images at an unknown path.
 * `object` has its kind, namespace and name.
 */
void moor_unread_imageless(struct moor_unread *unread, const struct moor_document *document,
                           size_t offset, const struct moor_report_finding *object);

/* Counts the images of the set that the file does not determine, and reports where it is malformed.
 */
void moor_unread_images(struct moor_unread *unread, const struct moor_images_found *found);

#endif
