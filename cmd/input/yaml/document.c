/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/yaml/document.h"

void moor_yaml_document_init(struct moor_yaml_document *out)
{
    *out = (struct moor_yaml_document){0};
    moor_buf_init(&out->json, MOOR_YAML_DOCUMENT_MAX_BYTES);
}

void moor_yaml_document_release(struct moor_yaml_document *document)
{
    moor_buf_release(&document->json);
    moor_positions_release(&document->positions);
    moor_spans_release(&document->spans);
}

void moor_yaml_document_clear(struct moor_yaml_document *document)
{
    moor_buf_clear(&document->json);
    moor_positions_clear(&document->positions);
    moor_spans_clear(&document->spans);
}

void moor_yaml_document_truncate(struct moor_yaml_document *document, size_t start)
{
    moor_buf_truncate(&document->json, start);
    moor_positions_truncate(&document->positions, start);
}

/* Positions are added first: they are relative to the length that the JSON has before the append.
 */
void moor_yaml_document_append(struct moor_yaml_document *document,
                               const struct moor_yaml_document *from, size_t start, size_t end)
{
    moor_positions_add_range(&document->positions, &from->positions, start, end,
                             document->json.len);
    moor_buf_append(&document->json, moor_slice_sub(moor_buf_slice(&from->json), start, end));
}
