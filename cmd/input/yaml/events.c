/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/yaml/events.h"

#include "cmd/input/yaml/anchor.h"
#include "cmd/input/yaml/merge.h"
#include "cmd/input/yaml/position.h"
#include "cmd/input/yaml/scalar.h"

static struct moor_yaml_frame *innermost(struct moor_yaml_state *state)
{
    return state->depth > 0 ? &state->frames[state->depth - 1] : NULL;
}

static bool is_key_next(struct moor_yaml_state *state)
{
    const struct moor_yaml_frame *frame = innermost(state);
    return frame != NULL && frame->is_mapping && !frame->has_key;
}

/* Children of a replaced value (`!reset`) are replaced with it, so the mark is inherited. */
static void add_position(struct moor_yaml_state *state, const yaml_event_t *event,
                         const unsigned char *tag)
{
    const struct moor_yaml_frame *frame = innermost(state);
    struct moor_position position = moor_yaml_position(state, event);
    position.is_elsewhere = moor_yaml_is_elsewhere(tag) || (frame != NULL && frame->is_elsewhere);
    moor_positions_add(&state->document.positions, state->document.json.len, position);
}

/* Appends the comma that an item of a list or a key needs after its predecessor. */
static void begin_item(struct moor_yaml_state *state)
{
    struct moor_yaml_frame *frame = innermost(state);
    if (frame == NULL) {
        return;
    }
    if (frame->has_items && !frame->has_key) {
        moor_buf_append_byte(&state->document.json, ',');
    }
    frame->has_items = true;
}

/* Notes that a key was read, so that the next value belongs to it. */
static struct moor_yaml_frame *begin_value(struct moor_yaml_state *state)
{
    struct moor_yaml_frame *frame = &state->frames[state->depth - 1];
    frame->has_key = true;
    return frame;
}

/* Notes the end of a value. */
static void end_item(struct moor_yaml_state *state)
{
    struct moor_yaml_frame *frame = innermost(state);
    if (frame != NULL) {
        frame->has_key = false;
    }
}

/*
 * Determines the type of a scalar as go-yaml v2 does: a standard tag (`!!int`) takes precedence
 * over quotes, and any other tag makes the scalar a text.
 */
static int resolve(struct moor_yaml_state *state, const yaml_event_t *event,
                   enum moor_yaml_scalar *out, struct moor_error *err)
{
    struct moor_slice text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    const char *tag = (const char *)event->data.scalar.tag;
    bool is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    *out = MOOR_YAML_TEXT;
    if (tag != NULL && strcmp(tag, "tag:yaml.org,2002:binary") == 0) {
        return moor_yaml_fail(state, event->start_mark, err, MOOR_ERROR_SYNTAX,
                              "the tag '!!binary' is not supported: write the text out");
    }
    /* Here both libraries would read different values, and one of these could be an image. */
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
                                "JSON has neither infinity nor NaN: put the value in quotes");
}

static void append_scalar(struct moor_yaml_state *state, const yaml_event_t *event,
                          enum moor_yaml_scalar type)
{
    switch (type) {
    case MOOR_YAML_TEXT:
        moor_yaml_scalar_append(
            &state->document.json,
            (struct moor_slice){(const char *)event->data.scalar.value, event->data.scalar.length});
        return;
    case MOOR_YAML_NUMBER:
        moor_buf_append(&state->document.json, moor_buf_slice(&state->number));
        return;
    case MOOR_YAML_TRUE:
        moor_buf_append_text(&state->document.json, "true");
        return;
    case MOOR_YAML_FALSE:
        moor_buf_append_text(&state->document.json, "false");
        return;
    case MOOR_YAML_NULL:
    case MOOR_YAML_NO_JSON:
        moor_buf_append_text(&state->document.json, "null");
        return;
    }
}

/*
 * Turns the value at `start` into a key.  JSON keys are texts, so sigs.k8s.io/yaml converts numbers
 * and booleans to their text, and this does the same.
 */
static int end_key(struct moor_yaml_state *state, size_t start, const yaml_event_t *event,
                   struct moor_error *err)
{
    struct moor_slice value =
        moor_slice_sub(moor_buf_slice(&state->document.json), start, state->document.json.len);
    if (value.len > 0 && (value.ptr[0] == '{' || value.ptr[0] == '[' || value.ptr[0] == 'n')) {
        return moor_yaml_fail(state, event->start_mark, err, MOOR_ERROR_SYNTAX,
                              "a key must be a string, not a list, a mapping or null");
    }
    if (value.len > 0 && value.ptr[0] != '"') {
        moor_buf_clear(&state->number);
        moor_buf_append(&state->number, value);
        moor_buf_truncate(&state->document.json, start);
        moor_buf_printf(&state->document.json, "\"%.*s\"",
                        MOOR_SLICE_ARGS(moor_buf_slice(&state->number)));
    }
    moor_buf_append_byte(&state->document.json, ':');
    (void)begin_value(state);
    return 0;
}

/* `<<` in quotes is an ordinary key, unless it has the tag of merge keys. */
static bool is_merge_key(const yaml_event_t *event)
{
    const char *tag = (const char *)event->data.scalar.tag;
    bool is_meant = tag == NULL ? event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE
                                : strcmp(tag, "tag:yaml.org,2002:merge") == 0;
    return is_meant && event->data.scalar.length == 2 &&
           memcmp(event->data.scalar.value, "<<", 2) == 0;
}

/* Only a text over several lines or with a `#` can hide one. */
static void add_span(struct moor_yaml_state *state, const yaml_event_t *event)
{
    const yaml_mark_t *start = &event->start_mark;
    const yaml_mark_t *end = &event->end_mark;
    if (start->line == end->line &&
        memchr(event->data.scalar.value, '#', event->data.scalar.length) == NULL) {
        return;
    }
    uint32_t first = state->lines_before + 1;
    const struct moor_span span = {first + (uint32_t)start->line, (uint32_t)start->column + 1,
                                   first + (uint32_t)end->line, (uint32_t)end->column + 1,
                                   event->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
                                       event->data.scalar.style == YAML_FOLDED_SCALAR_STYLE};
    moor_spans_add(&state->document.spans, &span);
}

static int on_scalar(struct moor_yaml_state *state, const yaml_event_t *event,
                     struct moor_error *err)
{
    enum moor_yaml_scalar type = MOOR_YAML_TEXT;
    uint32_t anchor = MOOR_YAML_NO_ANCHOR;
    bool is_key = is_key_next(state);
    begin_item(state);
    add_span(state, event);
    /* The members are merged at the end of the mapping, when its own keys are known too. */
    if (is_key && is_merge_key(event)) {
        moor_buf_append_text(&state->document.json, "\"" MOOR_YAML_MERGE_KEY "\":");
        begin_value(state)->has_merge = true;
        return 0;
    }
    if (resolve(state, event, &type, err) != 0 ||
        moor_yaml_anchor_open(&anchor, state, event, event->data.scalar.anchor, err) != 0) {
        return -1;
    }
    /* Only values have positions: a finding points at an image, never at a key. */
    if (!is_key) {
        add_position(state, event, event->data.scalar.tag);
    }
    size_t start = state->document.json.len;
    append_scalar(state, event, type);
    if (moor_yaml_anchor_close(state, anchor, start, event->start_mark, err) != 0) {
        return -1;
    }
    if (is_key) {
        return end_key(state, start, event, err);
    }
    end_item(state);
    return 0;
}

static int on_alias(struct moor_yaml_state *state, const yaml_event_t *event,
                    struct moor_error *err)
{
    bool is_key = is_key_next(state);
    begin_item(state);
    size_t start = state->document.json.len;
    if (moor_yaml_anchor_append(state, event, err) != 0) {
        return -1;
    }
    if (is_key) {
        return end_key(state, start, event, err);
    }
    end_item(state);
    return 0;
}

static int on_begin(struct moor_yaml_state *state, const yaml_event_t *event, bool is_mapping,
                    const unsigned char *name, struct moor_error *err)
{
    uint32_t anchor = MOOR_YAML_NO_ANCHOR;
    if (is_key_next(state)) {
        return moor_yaml_fail(state, event->start_mark, err, MOOR_ERROR_SYNTAX,
                              "a key must be a string, not a list or a mapping");
    }
    /* The state has one frame per level in a fixed array, so that depth costs no stack. */
    if (state->depth == MOOR_YAML_MAX_DEPTH) {
        return moor_yaml_fail(state, event->start_mark, err, MOOR_ERROR_LIMIT,
                              "nested deeper than 1,000 levels");
    }
    if (moor_yaml_anchor_open(&anchor, state, event, name, err) != 0) {
        return -1;
    }
    begin_item(state);
    const unsigned char *tag =
        is_mapping ? event->data.mapping_start.tag : event->data.sequence_start.tag;
    bool is_flow = is_mapping ? event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
                              : event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    const struct moor_yaml_frame *outer = innermost(state);
    add_position(state, event, tag);
    state->frames[state->depth++] = (struct moor_yaml_frame){
        .start = state->document.json.len,
        .line = (uint32_t)event->start_mark.line,
        .column = (uint32_t)event->start_mark.column,
        .anchor = anchor,
        .is_mapping = is_mapping,
        .is_flow = is_flow,
        .is_elsewhere = moor_yaml_is_elsewhere(tag) || (outer != NULL && outer->is_elsewhere)};
    moor_buf_append_byte(&state->document.json, is_mapping ? '{' : '[');
    return 0;
}

static int on_end(struct moor_yaml_state *state, struct moor_error *err)
{
    const struct moor_yaml_frame *frame = &state->frames[--state->depth];
    const yaml_mark_t mark = {.line = frame->line, .column = frame->column};
    moor_buf_append_byte(&state->document.json, frame->is_mapping ? '}' : ']');
    /* The order matters: an alias must receive the merged value. */
    if (frame->has_merge && moor_yaml_merge(state, frame->start, mark, err) != 0) {
        return -1;
    }
    if (moor_yaml_anchor_close(state, frame->anchor, frame->start, mark, err) != 0) {
        return -1;
    }
    end_item(state);
    return 0;
}

int moor_yaml_take_event(struct moor_yaml_state *state, const yaml_event_t *event,
                         struct moor_error *err)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return on_scalar(state, event, err);
    case YAML_ALIAS_EVENT:
        return on_alias(state, event, err);
    case YAML_SEQUENCE_START_EVENT:
        return on_begin(state, event, false, event->data.sequence_start.anchor, err);
    case YAML_MAPPING_START_EVENT:
        return on_begin(state, event, true, event->data.mapping_start.anchor, err);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_end(state, err);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return 0;
    }
    return 0;
}
