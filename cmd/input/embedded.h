/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embedded - a YAML document inside a string of another document, such as `helm.values`.
 *
 * The result has positions in the file.  In a literal block scalar (`|`) and in a string on one
 * line they are exact; in any other style, and in a string over MOOR_EMBEDDED_MAX_LINE bytes on one
 * line, each value has the position of the string.
 *
 * Threads:  one reader, one thread at a time.
 * Memory:   owns its buffers; a document is valid until the next call.
 * Limits:   those of yaml_json.  A string inside the document is never read as YAML again.
 */
#ifndef MOOR_CMD_INPUT_EMBEDDED_H
#define MOOR_CMD_INPUT_EMBEDDED_H

#include "cmd/input/documents.h"

#define MOOR_EMBEDDED_MAX_LINE ((size_t)1024 * 1024)

/* A reader of embedded documents. */
struct moor_embedded {
    struct moor_yaml_json yaml;
    struct moor_positions positions; /* in the file */
    struct moor_buf text;            /* the string */
};

/* Prepares a reader.  Returns -1 if memory is short. */
int moor_embedded_init(struct moor_embedded *out, struct moor_error *err) MOOR_MUST_CHECK;
void moor_embedded_release(struct moor_embedded *embedded);

/*
 * Reads the YAML in the JSON string `json` of `document`.  Returns 1 with the document in `*out`, 0
 * if the string has none, and -1 with the reason and the position in `err`.
 */
int moor_embedded_read(struct moor_document *out, struct moor_embedded *embedded,
                       const struct moor_document *document, struct moor_slice json,
                       struct moor_error *err) MOOR_MUST_CHECK;

#endif
