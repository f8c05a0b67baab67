/* SPDX-License-Identifier: Apache-2.0 */
/*
 * documents - the documents of one file, each given to the judge; what judging.c, reading.c and
 * documents.c share, and for them alone.
 *
 * Threads:  as judging.h.
 * Memory:   borrows everything.
 */
#ifndef MOOR_CMD_CHECK_DOCUMENTS_H
#define MOOR_CMD_CHECK_DOCUMENTS_H

#include "cmd/check/judging.h"

struct moor_document {
    struct moor_slice file;
    struct moor_slice json;                 /* the document */
    const struct moor_positions *positions; /* of its values; NULL: it stands so in the file */
    size_t start;                           /* in the file, where it stands so */
    size_t index;                           /* from 1 */
    size_t object;                          /* where the object at hand begins in `json` */
    enum moor_input_format format;          /* MOOR_INPUT_FORMAT_COUNT: a manifest */
};

/* Judges the objects of a document, or adds its Namespaces while they are collected. */
void moor_document_take(struct moor_judging *judging, struct moor_document *document);

/* The place of the value at `offset` in the document. */
struct moor_position moor_document_position(struct moor_judging *judging,
                                            const struct moor_document *document, size_t offset);

/* Reports that the document cannot be judged, because of what stands at `offset`; of many such
 * errors in a file only the first ones. */
void moor_document_input_error(struct moor_judging *judging, const struct moor_document *document,
                               size_t offset, const char *text);

/* Reads the images of `object` into `request`.  Returns -1 where that is a fault, reported. */
int moor_document_read(struct moor_judging *judging, const struct moor_document *document,
                       struct moor_slice object, const struct moor_kind *kind,
                       struct moor_request *request) MOOR_MUST_CHECK;

/* Judges `request`, whose object was read, and reports what is found. */
void moor_document_judge(struct moor_judging *judging, const struct moor_document *document,
                         struct moor_request *request);

#endif
