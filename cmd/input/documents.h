/* SPDX-License-Identifier: Apache-2.0 */
/*
 * documents - reads the documents of one file as JSON texts, with a position for each value.
 *
 * A file holds either a sequence of JSON texts or YAML documents.  As in kubectl, YAML can follow
 * JSON after a line `---`.  A file of another syntax, such as a Dockerfile, is one document that is
 * returned whole.
 *
 * Threads:  one reader, one thread at a time.
 * Memory:   owns buffers that are reused for each document and file; a document is valid until the
 *           next call and borrows from the source.
 * Limits:   those of source and yaml_json.
 */
#ifndef MOOR_CMD_INPUT_DOCUMENTS_H
#define MOOR_CMD_INPUT_DOCUMENTS_H

#include "cmd/input/source.h"
#include "cmd/input/yaml/json.h"

/* One document of a file. */
struct moor_document {
    struct moor_slice path; /* path of the file */
    struct moor_slice text; /* JSON, or the whole file */
    size_t index;           /* position in the file, from 1 */
    bool is_whole;          /* the file is neither JSON nor YAML */
    bool is_in_chart;       /* the file can hold values of a chart; set by the caller */
    /* Internal: the origin of positions. */
    struct moor_source *source;
    const struct moor_positions
        *positions; /* positions of its values; NULL if `text` is part of the file */
    const struct moor_spans *spans; /* scalars that can contain a `#`; NULL if it is not YAML */
    size_t start;                   /* offset in the file if `positions` is NULL */
};

/* Which reader the next call uses. */
enum moor_documents_phase {
    MOOR_DOCUMENTS_WHOLE,
    MOOR_DOCUMENTS_JSON,
    MOOR_DOCUMENTS_YAML,
    MOOR_DOCUMENTS_ENDED
};

/* A reader of documents.  One reader serves many files, one after the other. */
struct moor_documents {
    struct moor_yaml_json yaml;
    /* Internal: the file and the reading position in it. */
    struct moor_source *source;
    struct moor_slice path;
    enum moor_documents_phase phase;
    size_t at;
    size_t index;
};

/* Prepares a reader without a file.  Returns -1 if memory is short. */
int moor_documents_init(struct moor_documents *out, struct moor_error *err) MOOR_MUST_CHECK;
void moor_documents_release(struct moor_documents *documents);

/*
 * Starts reading `source`, which was read from `path`.  Both must outlive the reading.  With
 * `is_whole`, the file is returned unparsed as its only document.
 */
void moor_documents_open(struct moor_documents *documents, struct moor_source *source,
                         struct moor_slice path, bool is_whole);

/*
 * Reads the next document into `*out`.  Returns 1, or 0 after the last document.  Returns -1 with
 * the reason and the position in `err` if a document cannot be parsed.  The next call then
 * continues after this document, if the end of the document can be found.
 */
int moor_documents_next(struct moor_document *out, struct moor_documents *documents,
                        struct moor_error *err) MOOR_MUST_CHECK;

/* Returns the position in the file of the value at `offset` in the document's text. */
struct moor_position moor_document_position(const struct moor_document *document, size_t offset);

/*
 * Returns the number or word at `offset` as it is written in the file, because the text of a YAML
 * document has numbers in another form.  It is empty if the line is too long to look at.
 */
struct moor_slice moor_document_scalar(const struct moor_document *document, size_t offset);

/*
 * Returns whether the value at `offset` is replaced by a value of another file or job, as with
 * `!reset` in Compose and `!reference` in GitLab CI.
 */
bool moor_document_is_elsewhere(const struct moor_document *document, size_t offset);

#endif
