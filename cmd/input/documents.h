/* SPDX-License-Identifier: Apache-2.0 */
/*
 * documents - the documents of one file as JSON texts, each value with its position in the file.
 *
 * A file holds JSON texts in a row or YAML documents; JSON texts may be followed by YAML after a
 * line `---`, as for kubectl.  A file of another syntax, such as a Dockerfile, is one document that
 * is given whole.
 *
 * Threads:  one reader, one thread at a time.
 * Memory:   owns buffers that are reused from document to document and from file to file; a
 *           document lives until the next call and borrows from the source.
 * Limits:   those of source and yaml_json.
 */
#ifndef MOOR_CMD_INPUT_DOCUMENTS_H
#define MOOR_CMD_INPUT_DOCUMENTS_H

#include "cmd/input/source.h"
#include "cmd/input/yaml/json.h"

struct moor_document {
    struct moor_slice path; /* of the file */
    struct moor_slice text; /* JSON, or the whole file */
    size_t index;           /* in the file, from 1 */
    bool is_whole;          /* of another syntax than JSON and YAML */
    /* Internal: for positions. */
    struct moor_source *source;
    const struct moor_positions *positions; /* of its values; NULL: the text is part of the file */
    size_t start;                           /* where in the file, if it is */
};

enum moor_documents_phase {
    MOOR_DOCUMENTS_WHOLE,
    MOOR_DOCUMENTS_JSON,
    MOOR_DOCUMENTS_YAML,
    MOOR_DOCUMENTS_ENDED
};

struct moor_documents {
    struct moor_yaml_json yaml;
    /* Internal: the file, and how far it was read. */
    struct moor_source *source;
    struct moor_slice path;
    enum moor_documents_phase phase;
    size_t at;
    size_t index;
};

int moor_documents_init(struct moor_documents *out, struct moor_error *err) MOOR_MUST_CHECK;
void moor_documents_release(struct moor_documents *documents);

/*
 * Starts reading what `source` holds, which was read from `path`.  Both must outlive the reading.
 * With `is_whole` the only document is the file as it is.
 */
void moor_documents_open(struct moor_documents *documents, struct moor_source *source,
                         struct moor_slice path, bool is_whole);

/*
 * Reads the next document.  Returns 1, 0 after the last one, and -1 with the reason and the
 * position if the document cannot be read.  The next call then continues after it, if that makes
 * sense.
 */
int moor_documents_next(struct moor_document *out, struct moor_documents *documents,
                        struct moor_error *err) MOOR_MUST_CHECK;

/* The position in the file of the value at `offset` in the document's text. */
struct moor_position moor_document_position(const struct moor_document *document, size_t offset);

/* Whether the value at `offset` is replaced by one of another file or job (`!reset`, `!reference`).
 */
bool moor_document_is_elsewhere(const struct moor_document *document, size_t offset);

#endif
