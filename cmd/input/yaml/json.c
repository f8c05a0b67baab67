/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/yaml/state.h"

#include "cmd/input/yaml/scalar.h"
#include "policy/file/yaml_error.h"

#include <stdlib.h>

/* A character of the file becomes six at most: "\a" is \u0007. */
#define JSON_FACTOR (MOOR_YAML_JSON_ALIAS_FACTOR + 6)
/* Copies for anchors and merge keys: real files need a small part of it. */
#define WORK_FACTOR 100
#define WORK_MIN    ((size_t)1024 * 1024)
#define NUMBER_MAX  512
#define JSON_MAX    ((size_t)UINT32_MAX - 1)

int moor_yaml_fail(const struct moor_yaml_state *state, yaml_mark_t mark, struct moor_error *err,
                   enum moor_error_code code, const char *text)
{
    err->line = state->lines_before + (uint32_t)mark.line + 1;
    err->column = (uint32_t)mark.column + 1;
    return moor_error_set(err, code, "%s", text);
}

/* --- life ------------------------------------------------------------------------------------- */

int moor_yaml_json_init(struct moor_yaml_json *out, struct moor_error *err)
{
    *out = (struct moor_yaml_json){.state = calloc(1, sizeof *out->state)};
    if (out->state == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory to read YAML");
    }
    moor_buf_init(&out->json, JSON_MAX);
    moor_buf_init(&out->state->number, NUMBER_MAX);
    moor_buf_init(&out->state->kept, JSON_MAX);
    moor_buf_init(&out->state->merged, JSON_MAX);
    return 0;
}

static void drop_parser(struct moor_yaml_state *state)
{
    if (state->has_parser) {
        yaml_parser_delete(&state->parser);
        state->has_parser = false;
    }
}

void moor_yaml_json_release(struct moor_yaml_json *yaml)
{
    if (yaml->state != NULL) {
        drop_parser(yaml->state);
        moor_buf_release(&yaml->state->number);
        moor_buf_release(&yaml->state->kept);
        moor_buf_release(&yaml->state->merged);
        moor_yaml_text_release(&yaml->state->source);
        moor_positions_release(&yaml->state->kept_positions);
        moor_positions_release(&yaml->state->merged_positions);
    }
    free(yaml->state);
    moor_buf_release(&yaml->json);
    moor_positions_release(&yaml->positions);
    *yaml = (struct moor_yaml_json){0};
}

void moor_yaml_json_open(struct moor_yaml_json *yaml, struct moor_slice text, uint32_t lines_before)
{
    struct moor_yaml_state *state = yaml->state;
    drop_parser(state);
    moor_yaml_text_release(&state->source);
    size_t start = moor_slice_starts_with(text, MOOR_SLICE("\xEF\xBB\xBF")) ? 3 : 0;
    state->is_short =
        moor_yaml_text_open(&state->source, moor_slice_sub(text, start, text.len), NULL) != 0;
    state->text = state->source.text;
    state->start = 0;
    state->lines_before = lines_before;
    state->first_lines = lines_before;
    state->document_line = 0;
    state->errors = 0;
    state->budget = text.len * MOOR_YAML_JSON_ALIAS_FACTOR;
    state->work = text.len * WORK_FACTOR + WORK_MIN;
    yaml->json.max = text.len < JSON_MAX / JSON_FACTOR ? text.len * JSON_FACTOR + 64 : JSON_MAX;
}

/* --- events to JSON ----------------------------------------------------------------------------
 */

static struct moor_yaml_frame *innermost(struct moor_yaml_state *state)
{
    return state->depth > 0 ? &state->frames[state->depth - 1] : NULL;
}

static bool is_key_next(struct moor_yaml_state *state)
{
    const struct moor_yaml_frame *frame = innermost(state);
    return frame != NULL && frame->is_mapping && !frame->has_key;
}

static void add_place(struct moor_yaml_json *yaml, const yaml_event_t *event,
                      const unsigned char *tag)
{
    const struct moor_yaml_frame *frame = innermost(yaml->state);
    struct moor_position position = moor_yaml_position(yaml->state, event);
    position.is_elsewhere = moor_yaml_is_elsewhere(tag) || (frame != NULL && frame->is_elsewhere);
    moor_positions_add(&yaml->positions, yaml->json.len, position);
}

/* The comma, where one is due, before an item of a list or a key. */
static void begin_item(struct moor_yaml_json *yaml)
{
    struct moor_yaml_frame *frame = innermost(yaml->state);
    if (frame == NULL) {
        return;
    }
    if (frame->has_items && !frame->has_key) {
        moor_buf_append_byte(&yaml->json, ',');
    }
    frame->has_items = true;
}

/* Behind a key, so within a mapping: its value comes next. */
static struct moor_yaml_frame *begin_value(struct moor_yaml_state *state)
{
    struct moor_yaml_frame *frame = &state->frames[state->depth - 1];
    frame->has_key = true;
    return frame;
}

/* Behind a whole value. */
static void end_item(struct moor_yaml_json *yaml)
{
    struct moor_yaml_frame *frame = innermost(yaml->state);
    if (frame != NULL) {
        frame->has_key = false;
    }
}

/* What a scalar is; a tag of YAML's own stands over its quotes. */
static int resolve(struct moor_yaml_state *state, const yaml_event_t *event,
                   enum moor_yaml_scalar *out, struct moor_error *err)
{
    struct moor_slice text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    const char *tag = (const char *)event->data.scalar.tag;
    bool is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    *out = MOOR_YAML_TEXT;
    if (tag != NULL && strcmp(tag, "tag:yaml.org,2002:binary") == 0) {
        return moor_yaml_fail(state, event->start_mark, err, MOOR_ERROR_SYNTAX,
                              "texts with the tag '!!binary' are not read: write the text out");
    }
    const struct moor_yaml_frame *frame = innermost(state);
    if (tag != NULL && is_plain && text.len == 0 && frame != NULL && frame->is_flow) {
        return moor_yaml_fail(
            state, event->start_mark, err, MOOR_ERROR_SYNTAX,
            "a tag without a value: kubectl reads the comma as a part of the tag");
    }
    bool is_typed =
        tag != NULL && (strcmp(tag, YAML_INT_TAG) == 0 || strcmp(tag, YAML_FLOAT_TAG) == 0 ||
                        strcmp(tag, YAML_BOOL_TAG) == 0 || strcmp(tag, YAML_NULL_TAG) == 0);
    if (is_typed || (tag == NULL && is_plain)) {
        moor_buf_clear(&state->number);
        *out = moor_yaml_scalar_resolve(text, &state->number);
    }
    return *out != MOOR_YAML_NO_JSON
               ? 0
               : moor_yaml_fail(state, event->start_mark, err, MOOR_ERROR_SYNTAX,
                                "JSON has no infinity, nor what is no number: put quotes around "
                                "it");
}

static void append_scalar(struct moor_yaml_json *yaml, const yaml_event_t *event,
                          enum moor_yaml_scalar type)
{
    switch (type) {
    case MOOR_YAML_TEXT:
        moor_yaml_scalar_append(
            &yaml->json,
            (struct moor_slice){(const char *)event->data.scalar.value, event->data.scalar.length});
        return;
    case MOOR_YAML_NUMBER:
        moor_buf_append(&yaml->json, moor_buf_slice(&yaml->state->number));
        return;
    case MOOR_YAML_TRUE:
        moor_buf_append_text(&yaml->json, "true");
        return;
    case MOOR_YAML_FALSE:
        moor_buf_append_text(&yaml->json, "false");
        return;
    case MOOR_YAML_NULL:
    case MOOR_YAML_NO_JSON:
        moor_buf_append_text(&yaml->json, "null");
        return;
    }
}

/* `value` as a key: a text stays what it is, a number or a truth value becomes its text. */
static int end_key(struct moor_yaml_json *yaml, size_t start, const yaml_event_t *event,
                   struct moor_error *err)
{
    struct moor_yaml_state *state = yaml->state;
    struct moor_slice value = moor_slice_sub(moor_buf_slice(&yaml->json), start, yaml->json.len);
    if (value.len > 0 && (value.ptr[0] == '{' || value.ptr[0] == '[' || value.ptr[0] == 'n')) {
        return moor_yaml_fail(state, event->start_mark, err, MOOR_ERROR_SYNTAX,
                              "a key must be a text, not a list, a mapping or nothing");
    }
    if (value.len > 0 && value.ptr[0] != '"') {
        moor_buf_clear(&state->number);
        moor_buf_append(&state->number, value);
        moor_buf_truncate(&yaml->json, start);
        moor_buf_printf(&yaml->json, "\"%.*s\"", MOOR_SLICE_ARGS(moor_buf_slice(&state->number)));
    }
    moor_buf_append_byte(&yaml->json, ':');
    (void)begin_value(state);
    return 0;
}

static bool is_merge_key(const yaml_event_t *event)
{
    const char *tag = (const char *)event->data.scalar.tag;
    bool is_meant = tag == NULL ? event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE
                                : strcmp(tag, "tag:yaml.org,2002:merge") == 0;
    return is_meant && event->data.scalar.length == 2 &&
           memcmp(event->data.scalar.value, "<<", 2) == 0;
}

static int on_scalar(struct moor_yaml_json *yaml, const yaml_event_t *event, struct moor_error *err)
{
    struct moor_yaml_state *state = yaml->state;
    enum moor_yaml_scalar type = MOOR_YAML_TEXT;
    uint32_t anchor = MOOR_YAML_NO_ANCHOR;
    bool is_key = is_key_next(state);
    begin_item(yaml);
    if (is_key && is_merge_key(event)) {
        moor_buf_append_text(&yaml->json, "\"" MOOR_YAML_MERGE_KEY "\":");
        begin_value(state)->has_merge = true;
        return 0;
    }
    if (resolve(state, event, &type, err) != 0 ||
        moor_yaml_anchor_open(&anchor, state, event, event->data.scalar.anchor, err) != 0) {
        return -1;
    }
    if (!is_key) {
        add_place(yaml, event, event->data.scalar.tag);
    }
    size_t start = yaml->json.len;
    append_scalar(yaml, event, type);
    if (moor_yaml_anchor_close(yaml, anchor, start, event->start_mark, err) != 0) {
        return -1;
    }
    if (is_key) {
        return end_key(yaml, start, event, err);
    }
    end_item(yaml);
    return 0;
}

static int on_alias(struct moor_yaml_json *yaml, const yaml_event_t *event, struct moor_error *err)
{
    struct moor_yaml_state *state = yaml->state;
    const struct moor_yaml_anchor *anchor = NULL;
    bool is_key = is_key_next(state);
    if (moor_yaml_anchor_find(&anchor, state, event, err) != 0) {
        return -1;
    }
    begin_item(yaml);
    size_t start = yaml->json.len;
    if (!is_key) {
        moor_positions_add_range(&yaml->positions, &state->kept_positions, anchor->json,
                                 anchor->json + anchor->json_len, start);
    }
    moor_buf_append(&yaml->json, moor_slice_sub(moor_buf_slice(&state->kept), anchor->json,
                                                anchor->json + anchor->json_len));
    if (is_key) {
        return end_key(yaml, start, event, err);
    }
    end_item(yaml);
    return 0;
}

static int on_begin(struct moor_yaml_json *yaml, const yaml_event_t *event, bool is_mapping,
                    const unsigned char *name, struct moor_error *err)
{
    struct moor_yaml_state *state = yaml->state;
    uint32_t anchor = MOOR_YAML_NO_ANCHOR;
    if (is_key_next(state)) {
        return moor_yaml_fail(state, event->start_mark, err, MOOR_ERROR_SYNTAX,
                              "a key must be a text, not a list or a mapping");
    }
    if (state->depth == MOOR_YAML_JSON_MAX_DEPTH) {
        return moor_yaml_fail(state, event->start_mark, err, MOOR_ERROR_LIMIT,
                              "nested deeper than 1,000 levels");
    }
    if (moor_yaml_anchor_open(&anchor, state, event, name, err) != 0) {
        return -1;
    }
    begin_item(yaml);
    const unsigned char *tag =
        is_mapping ? event->data.mapping_start.tag : event->data.sequence_start.tag;
    bool is_flow = is_mapping ? event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
                              : event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    const struct moor_yaml_frame *outer = innermost(state);
    add_place(yaml, event, tag);
    state->frames[state->depth++] = (struct moor_yaml_frame){
        .start = yaml->json.len,
        .line = (uint32_t)event->start_mark.line,
        .column = (uint32_t)event->start_mark.column,
        .anchor = anchor,
        .is_mapping = is_mapping,
        .is_flow = is_flow,
        .is_elsewhere = moor_yaml_is_elsewhere(tag) || (outer != NULL && outer->is_elsewhere)};
    moor_buf_append_byte(&yaml->json, is_mapping ? '{' : '[');
    return 0;
}

static int on_end(struct moor_yaml_json *yaml, struct moor_error *err)
{
    struct moor_yaml_state *state = yaml->state;
    const struct moor_yaml_frame *frame = &state->frames[--state->depth];
    const yaml_mark_t mark = {.line = frame->line, .column = frame->column};
    moor_buf_append_byte(&yaml->json, frame->is_mapping ? '}' : ']');
    if (frame->has_merge && moor_yaml_merge(yaml, frame->start, mark, err) != 0) {
        return -1;
    }
    if (moor_yaml_anchor_close(yaml, frame->anchor, frame->start, mark, err) != 0) {
        return -1;
    }
    end_item(yaml);
    return 0;
}

static int on_event(struct moor_yaml_json *yaml, const yaml_event_t *event, struct moor_error *err)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return on_scalar(yaml, event, err);
    case YAML_ALIAS_EVENT:
        return on_alias(yaml, event, err);
    case YAML_SEQUENCE_START_EVENT:
        return on_begin(yaml, event, false, event->data.sequence_start.anchor, err);
    case YAML_MAPPING_START_EVENT:
        return on_begin(yaml, event, true, event->data.mapping_start.anchor, err);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_end(yaml, err);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return 0;
    }
    return 0;
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
    /* Without this, libyaml would read UTF-16 where the file starts so. */
    yaml_parser_set_encoding(&state->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&state->parser,
                                 (const unsigned char *)(rest.len > 0 ? rest.ptr : ""), rest.len);
    return 0;
}

static void clear_document(struct moor_yaml_json *yaml)
{
    struct moor_yaml_state *state = yaml->state;
    moor_buf_clear(&yaml->json);
    moor_positions_clear(&yaml->positions);
    moor_buf_clear(&state->kept);
    moor_positions_clear(&state->kept_positions);
    state->anchor_count = 0;
    state->depth = 0;
}

static bool is_separator(struct moor_slice rest)
{
    return moor_slice_starts_with(rest, MOOR_SLICE("---")) &&
           (rest.len == 3 || strchr(" \t\r\n", rest.ptr[3]) != NULL);
}

/*
 * Goes on behind a broken document: at the first line `---` at or below the error that does not
 * begin the document itself, for an open quote is noticed only there.
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

static int fail_document(struct moor_yaml_json *yaml, struct moor_error *err)
{
    recover(yaml->state, err->line);
    return -1;
}

static int fail_parser(struct moor_yaml_json *yaml, struct moor_error *err)
{
    struct moor_yaml_state *state = yaml->state;
    struct moor_slice rest = moor_slice_sub(state->text, state->start, state->text.len);
    (void)moor_yaml_error(err, &state->parser, rest);
    err->line += state->lines_before;
    return fail_document(yaml, err);
}

static int check_buffers(struct moor_yaml_json *yaml, struct moor_error *err)
{
    if (yaml->positions.failed || yaml->state->kept_positions.failed ||
        yaml->state->merged_positions.failed || yaml->state->kept.failed ||
        yaml->state->merged.failed || yaml->state->number.failed) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for a document");
    }
    return moor_buf_check(&yaml->json, err);
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
    clear_document(yaml);
    for (;;) {
        __attribute__((cleanup(yaml_event_delete))) yaml_event_t event = {0};
        if (yaml_parser_parse(&state->parser, &event) == 0) {
            return fail_parser(yaml, err);
        }
        moor_yaml_text_restore(&state->source, &event);
        if (on_event(yaml, &event, err) != 0) {
            return fail_document(yaml, err);
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
            return check_buffers(yaml, err) == 0 ? 1 : -1;
        }
    }
}
