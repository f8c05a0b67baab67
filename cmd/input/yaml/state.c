/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/yaml/state.h"

#include <stdlib.h>

/* Longer than any number in decimal that moor_yaml_scalar_resolve() writes, or a key of digits. */
#define NUMBER_MAX 512

/* The state is on the heap: its fixed arrays of anchors and frames are too large for a stack. */
struct moor_yaml_state *moor_yaml_state_new(void)
{
    struct moor_yaml_state *state = calloc(1, sizeof *state);
    if (state == NULL) {
        return NULL;
    }
    moor_buf_init(&state->number, NUMBER_MAX);
    moor_buf_init(&state->names, MOOR_YAML_DOCUMENT_MAX_BYTES);
    moor_yaml_document_init(&state->document);
    moor_yaml_document_init(&state->kept);
    moor_yaml_document_init(&state->merged);
    return state;
}

void moor_yaml_state_free(struct moor_yaml_state *state)
{
    if (state == NULL) {
        return;
    }
    if (state->has_parser) {
        yaml_parser_delete(&state->parser);
    }
    moor_buf_release(&state->number);
    moor_buf_release(&state->names);
    moor_yaml_text_release(&state->source);
    moor_yaml_document_release(&state->document);
    moor_yaml_document_release(&state->kept);
    moor_yaml_document_release(&state->merged);
    free(state);
}

/* `merged` is cleared by its only user, so that the largest buffer is not touched per document. */
void moor_yaml_state_clear(struct moor_yaml_state *state)
{
    moor_yaml_document_clear(&state->document);
    moor_yaml_document_clear(&state->kept);
    moor_buf_clear(&state->names);
    state->anchor_count = 0;
    state->depth = 0;
}

/* Marks count from the parser's start and from zero; positions count from the file's first line. */
int moor_yaml_fail(const struct moor_yaml_state *state, yaml_mark_t mark, struct moor_error *err,
                   enum moor_error_code code, const char *text)
{
    err->line = state->lines_before + (uint32_t)mark.line + 1;
    err->column = (uint32_t)mark.column + 1;
    return moor_error_set(err, code, "%s", text);
}

/* The budget bounds time, as the alias budget bounds size: nested copies would be quadratic. */
int moor_yaml_spend(struct moor_yaml_state *state, size_t bytes, yaml_mark_t mark,
                    struct moor_error *err)
{
    if (bytes > state->work) {
        return moor_yaml_fail(state, mark, err, MOOR_ERROR_LIMIT,
                              "anchors and merge keys copy too much: write the values out");
    }
    state->work -= bytes;
    return 0;
}
