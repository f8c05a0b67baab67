/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/shapes.h"

#include "cmd/input/shape_entries.h"
#include "cmd/input/shape_parameters.h"
#include "cmd/input/values/text.h"
#include "cmd/input/values/walk.h"
#include "policy/json/reader.h"

static int take_values(const struct moor_shape_context *context)
{
    const struct moor_looked_up *selected = context->shaped->selected;
    const struct moor_values values = {.json = selected->json,
                                       .offset = moor_shape_offset(context, selected->json),
                                       .path = selected->path};
    return moor_values_walk(context->found, &values, context->arena, context->err) != 0
               ? -1
               : moor_shape_entries_render(context);
}

/* Takes the values of a source of Argo CD, without the images that its parameters change. */
static int take_values_object(const struct moor_shape_context *context)
{
    const struct moor_looked_up *selected = context->shaped->selected;
    struct moor_values_overrides parameters;
    const struct moor_values values = {.json = selected->json,
                                       .offset = moor_shape_offset(context, selected->json),
                                       .path = selected->path,
                                       .overrides = &parameters};
    return moor_shape_parameters_read(&parameters, context) != 0
               ? -1
               : moor_values_walk(context->found, &values, context->arena, context->err);
}

/* Walks values that were read from a string: an error has its position in the file. */
static int walk_document(const struct moor_shape_context *context,
                         const struct moor_document *document, const struct moor_values *values)
{
    if (moor_values_walk(context->found, values, context->arena, context->err) == 0) {
        return 0;
    }
    struct moor_position position = moor_document_position(document, context->err->offset);
    context->err->line = position.line;
    context->err->column = position.column;
    return -1;
}

/* A template that is no YAML before it is filled in is counted, as one that is YAML. */
static int take_values_text(const struct moor_shape_context *context, struct moor_shaped *shaped,
                            struct moor_embedded *embedded)
{
    struct moor_slice json = shaped->selected->json;
    struct moor_values_overrides parameters;
    struct moor_slice object;
    if (moor_shape_beside(&object, context, "valuesObject") != 0 ||
        moor_shape_parameters_read(&parameters, context) != 0) {
        return -1;
    }
    if (object.len > 0 || json.len == 0 || json.ptr[0] != '"') {
        return 0;
    }
    int status = moor_embedded_read(&shaped->read, embedded, shaped->document, json, context->err);
    if (status < 0 && context->err->code == MOOR_ERROR_SYNTAX &&
        memmem(json.ptr, json.len, "{{", 2) != NULL) {
        *context->err = (struct moor_error){0};
        shaped->read = *shaped->document;
        moor_values_found_unresolved(context->found, moor_shape_offset(context, json),
                                     context->arena);
        return 0;
    }
    if (status <= 0) {
        return status;
    }
    const struct moor_values values = {
        .json = shaped->read.text, .path = shaped->selected->path, .overrides = &parameters};
    return walk_document(context, &shaped->read, &values);
}

int moor_shapes_read(struct moor_values_found *found, struct moor_shaped *shaped,
                     struct moor_embedded *embedded, struct moor_arena *arena,
                     struct moor_error *err)
{
    const struct moor_shape_context context = {found, shaped, arena, err};
    shaped->read = *shaped->document;
    err->offset = moor_shape_offset(&context, shaped->selected->json);
    switch (shaped->shape) {
    case MOOR_FORMAT_TEXT:
        return 0;
    case MOOR_FORMAT_VALUES:
        return take_values(&context);
    case MOOR_FORMAT_VALUES_OBJECT:
        return take_values_object(&context);
    case MOOR_FORMAT_VALUES_TEXT:
        return take_values_text(&context, shaped, embedded);
    case MOOR_FORMAT_PARAMETERS:
        return moor_shape_parameters_take(&context, embedded);
    case MOOR_FORMAT_ENTRIES:
        return moor_shape_entries_take(&context);
    case MOOR_FORMAT_OVERRIDES:
        return moor_shape_entries_overrides(&context);
    }
    return 0;
}

/* --- strings in values ------------------------------------------------------------------------ */

/*
 * Returns whether the document is a Kubernetes object, a list of mappings, or one below a key such
 * as `extraContainers`.  Other YAML in a string is the configuration of a program.
 */
static bool is_of_kubernetes(struct moor_slice json, struct moor_slice key)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, json);
    enum moor_json_event event = moor_json_next(&reader, &token);
    if (event == MOOR_JSON_ARRAY_BEGIN) {
        return moor_json_next(&reader, &token) == MOOR_JSON_OBJECT_BEGIN;
    }
    bool has_version = false;
    bool has_kind = false;
    while (event == MOOR_JSON_OBJECT_BEGIN && moor_json_next(&reader, &token) == MOOR_JSON_KEY) {
        has_version = has_version || moor_json_token_is(&token, MOOR_SLICE("apiVersion"));
        has_kind = has_kind || moor_json_token_is(&token, MOOR_SLICE("kind"));
        if (moor_json_skip(&reader, NULL) != 0) {
            return false;
        }
    }
    return event == MOOR_JSON_OBJECT_BEGIN &&
           ((has_version && has_kind) || moor_values_key_is_containers(key));
}

static int next_document(struct moor_shapes_strings *strings, const struct moor_shaped *shaped,
                         const struct moor_values_string *string, struct moor_error *err)
{
    if (strings->string == string) {
        return strings->is_ended ? 0 : moor_embedded_next(&strings->read, &strings->embedded, err);
    }
    strings->string = string;
    strings->is_ended = false;
    return moor_embedded_read(&strings->read, &strings->embedded, &shaped->read, string->json, err);
}

int moor_shapes_read_string(struct moor_values_found *found, const struct moor_shaped *shaped,
                            struct moor_shapes_strings *strings,
                            const struct moor_values_string *string, struct moor_arena *arena,
                            struct moor_error *err)
{
    const struct moor_shape_context context = {found, shaped, arena, err};
    struct moor_error why = {0};
    int status = 0;
    while ((status = next_document(strings, shaped, string, &why)) > 0 &&
           !is_of_kubernetes(strings->read.text, string->key)) {
    }
    if (status < 0) {
        /* Another language is no YAML either, but a template for Helm is YAML when it is filled. */
        strings->is_ended = true;
        strings->read = shaped->read;
        if (why.code == MOOR_ERROR_SYNTAX && strings->embedded.filled.len == 0) {
            return 0;
        }
        moor_values_found_unresolved(found, (size_t)(string->json.ptr - shaped->read.text.ptr),
                                     arena);
        return 1;
    }
    const struct moor_values values = {
        .json = strings->read.text, .path = string->path, .key = string->key};
    if (status == 0) {
        return 0;
    }
    return walk_document(&context, &strings->read, &values) != 0 ||
                   (shaped->shape == MOOR_FORMAT_VALUES && moor_shape_entries_render(&context) != 0)
               ? -1
               : 1;
}

int moor_shapes_namespace(struct moor_slice *out, const struct moor_format *row,
                          const struct moor_manifest *object, struct moor_arena *arena,
                          struct moor_error *err)
{
    *out = (struct moor_slice){0};
    if (row->namespace != NULL &&
        moor_lookup_text(out, object->json, row->namespace, arena, err) != 0) {
        return -1;
    }
    if (moor_values_text_is_unresolved(*out)) {
        *out = (struct moor_slice){0}; /* an ApplicationSet fills it in */
    }
    if (out->len == 0 && !row->is_deployed_there) {
        *out = object->namespace;
    }
    return 0;
}
