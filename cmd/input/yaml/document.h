/* SPDX-License-Identifier: Apache-2.0 */
/*
 * document - a JSON text converted from YAML, with the position in the file of each value.
 *
 * Threads:  one document, one thread at a time.
 * Memory:   owns its buffers; moor_yaml_document_clear() keeps them for the next text.
 * Limits:   less than 4 GiB of JSON, because positions have offsets of 32 bits.
 */
#ifndef MOOR_CMD_INPUT_YAML_DOCUMENT_H
#define MOOR_CMD_INPUT_YAML_DOCUMENT_H

#include "cmd/input/positions.h"
#include "cmd/input/spans.h"
#include "policy/base/buf.h"

#define MOOR_YAML_DOCUMENT_MAX_BYTES ((size_t)UINT32_MAX - 1)

/* The limits of one YAML document. */
#define MOOR_YAML_MAX_DEPTH          1000 /* nested lists and mappings */
#define MOOR_YAML_MAX_ANCHORS        1024
#define MOOR_YAML_ALIAS_FACTOR       10 /* limit for aliases, as a multiple of the text's size */

/* A JSON text under construction. */
struct moor_yaml_document {
    struct moor_buf json;
    struct moor_positions positions;
    struct moor_spans spans; /* in the file; only of a document that is read, not of a copy */
};

/* Prepares an empty document. */
void moor_yaml_document_init(struct moor_yaml_document *out);
void moor_yaml_document_release(struct moor_yaml_document *document);

/* Empties the document. */
void moor_yaml_document_clear(struct moor_yaml_document *document);

/* Removes everything from the offset `start` on. */
void moor_yaml_document_truncate(struct moor_yaml_document *document, size_t start);

/* Appends the bytes [start, end) of another document, with their positions. */
void moor_yaml_document_append(struct moor_yaml_document *document,
                               const struct moor_yaml_document *from, size_t start, size_t end);

#endif
