/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/yaml/json.h"

#include "cmd/input/yaml/events.h"
#include "policy/file/yaml_error.h"

/* One byte of the file becomes at most six: "\a" is \u0007 in JSON. */
#define JSON_FACTOR (MOOR_YAML_ALIAS_FACTOR + 6)
/* The budget of copies for anchors and merge keys.  Real files need a small part of it. */
#define WORK_FACTOR 100
#define WORK_MIN    ((size_t)1024 * 1024)

/* --- life ------------------------------------------------------------------------------------- */

int moor_yaml_json_init(struct moor_yaml_json *out, struct moor_error *err)
{
    *out = (struct moor_yaml_json){.state = moor_yaml_state_new()};
    if (out->state == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory to read YAML");
    }
    out->document = &out->state->document;
    return 0;
}

void moor_yaml_json_release(struct moor_yaml_json *yaml)
{
    moor_yaml_state_free(yaml->state);
    *yaml = (struct moor_yaml_json){0};
}

static void drop_parser(struct moor_yaml_state *state)
{
    if (state->has_parser) {
        yaml_parser_delete(&state->parser);
        state->has_parser = false;
    }
}

void moor_yaml_json_open(struct moor_yaml_json *yaml, struct moor_slice text, uint32_t lines_before)
{
    struct moor_yaml_state *state = yaml->state;
    drop_parser(state);
    moor_yaml_text_release(&state->source);
    size_t start = moor_slice_starts_with(text, MOOR_SLICE("\xEF\xBB\xBF")) ? 3 : 0;
    /* An error here is reported by the first moor_yaml_json_next(), since opening cannot fail. */
    state->is_short =
        moor_yaml_text_open(&state->source, moor_slice_sub(text, start, text.len), NULL) != 0;
    state->text = state->source.text;
    state->start = 0;
    state->lines_before = lines_before;
    state->first_lines = lines_before;
    state->document_line = 0;
    state->errors = 0;
    state->budget = text.len * MOOR_YAML_ALIAS_FACTOR;
    state->work = text.len * WORK_FACTOR + WORK_MIN;
    state->document.json.max = text.len < MOOR_YAML_DOCUMENT_MAX_BYTES / JSON_FACTOR
                                   ? text.len * JSON_FACTOR + 64
                                   : MOOR_YAML_DOCUMENT_MAX_BYTES;
}

/* --- documents -------------------------------------------------------------------------------- */

static int start_parser(struct moor_yaml_state *state, struct moor_error *err)
{
    struct moor_slice rest = moor_slice_sub(state->text, state->start, state->text.len);
    if (state->is_short) {
        state->start = state->text.len;
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory to read YAML");
    }
    if (state->start == 0 && moor_yaml_refuse_tag_directives(state->text, err) != 0) {
        err->line += state->lines_before;
        state->start = state->text.len;
        return -1;
    }
    if (yaml_parser_initialize(&state->parser) == 0) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory to read YAML");
    }
    state->has_parser = true;
    /* Without this, libyaml would read UTF-16 if the file starts with its byte order mark. */
    yaml_parser_set_encoding(&state->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&state->parser,
                                 (const unsigned char *)(rest.len > 0 ? rest.ptr : ""), rest.len);
    return 0;
}

static bool is_separator(struct moor_slice rest)
{
    return moor_slice_starts_with(rest, MOOR_SLICE("---")) &&
           (rest.len == 3 || strchr(" \t\r\n", rest.ptr[3]) != NULL);
}

/*
 * Continues after a broken document, at the first line `---` at or below the error.  The separator
 * that begins the broken document does not count: libyaml notices an open quote only at a later
 * one.
 */
static void recover(struct moor_yaml_state *state, uint32_t line)
{
    const char *at = state->text.ptr;
    const char *end = state->text.ptr + state->text.len;
    drop_parser(state);
    state->errors++;
    for (uint32_t number = state->first_lines + 2; state->errors < MOOR_YAML_JSON_MAX_ERRORS;
         number++) {
        const char *newline = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
        if (newline == NULL) {
            break;
        }
        at = newline + 1;
        bool is_behind = number >= line && number > state->document_line &&
                         (size_t)(at - state->text.ptr) > state->start;
        if (is_behind && is_separator((struct moor_slice){at, (size_t)(end - at)})) {
            state->start = (size_t)(at - state->text.ptr);
            state->lines_before = number - 1;
            return;
        }
    }
    state->start = state->text.len;
}

static int fail_document(struct moor_yaml_state *state, const struct moor_error *err)
{
    recover(state, err->line);
    return -1;
}

static int fail_parser(struct moor_yaml_state *state, struct moor_error *err)
{
    struct moor_slice rest = moor_slice_sub(state->text, state->start, state->text.len);
    (void)moor_yaml_error(err, &state->parser, rest);
    err->line += state->lines_before;
    return fail_document(state, err);
}

static bool has_failed(const struct moor_yaml_document *document)
{
    return document->positions.failed || document->json.failed;
}

/* Buffers only record a failure.  One check per document covers the appends of all events. */
static int check_buffers(const struct moor_yaml_state *state, struct moor_error *err)
{
    if (state->document.positions.failed || state->document.spans.failed ||
        has_failed(&state->kept) || has_failed(&state->merged) || state->names.failed ||
        state->number.failed) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for a document");
    }
    return moor_buf_check(&state->document.json, err);
}

int moor_yaml_json_next(struct moor_yaml_json *yaml, struct moor_error *err)
{
    struct moor_error unasked = {0};
    err = err != NULL ? err : &unasked;
    struct moor_yaml_state *state = yaml->state;
    if (!state->has_parser) {
        if (state->start >= state->text.len) {
            return 0;
        }
        if (start_parser(state, err) != 0) {
            return -1;
        }
    }
    moor_yaml_state_clear(state);
    for (;;) {
        /* libyaml allocates the texts of an event, on the paths that fail too. */
        __attribute__((cleanup(yaml_event_delete))) yaml_event_t event = {0};
        if (yaml_parser_parse(&state->parser, &event) == 0) {
            return fail_parser(state, err);
        }
        moor_yaml_text_restore(&state->source, &event);
        if (moor_yaml_take_event(state, &event, err) != 0) {
            return fail_document(state, err);
        }
        if (event.type == YAML_DOCUMENT_START_EVENT) {
            state->document_line = state->lines_before + (uint32_t)event.start_mark.line + 1;
        }
        if (event.type == YAML_STREAM_END_EVENT) {
            drop_parser(state);
            state->start = state->text.len;
            return 0;
        }
        if (event.type == YAML_DOCUMENT_END_EVENT) {
            return check_buffers(state, err) == 0 ? 1 : -1;
        }
    }
}
