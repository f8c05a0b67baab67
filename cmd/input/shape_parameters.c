/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/shape_parameters.h"

#include "cmd/input/values/mapping.h"
#include "cmd/input/values/walk.h"
#include "policy/base/array_size.h"
#include "policy/json/reader.h"

/* Returns the offset of the last dot that no backslash precedes, or the length. */
static size_t last_dot(struct moor_slice name)
{
    for (size_t i = name.len; i > 0; i--) {
        if (name.ptr[i - 1] == '.' && (i == 1 || name.ptr[i - 2] != '\\')) {
            return i - 1;
        }
    }
    return name.len;
}

/* Copies a part of a name.  A dot that belongs to a key is written `\.`. */
static int unescape(struct moor_slice *out, struct moor_slice text,
                    const struct moor_shape_context *context)
{
    char *copy = moor_arena_alloc(context->arena, text.len + 1);
    size_t len = 0;
    if (copy == NULL) {
        return moor_error_set(context->err, MOOR_ERROR_MEMORY, "no memory for parameters");
    }
    for (size_t i = 0; i < text.len; i++) {
        bool is_escape = text.ptr[i] == '\\' && i + 1 < text.len;
        i += is_escape;
        copy[len++] = text.ptr[i];
    }
    *out = (struct moor_slice){copy, len};
    return 0;
}

/*
 * Adds a parameter.  Argo CD passes each value as a string, so that a number keeps its digits.  The
 * content of a file is not known: `is_file`.
 */
static int add_parameter(struct moor_values_overrides *out,
                         const struct moor_shape_context *context, struct moor_slice json,
                         bool is_file)
{
    static const char *const names[][2] = {{"name", "value"}, {"name", "path"}};
    struct moor_shape_scalar members[2];
    if (moor_shape_members(members, context, json, names[is_file], 2) != 0) {
        return -1;
    }
    struct moor_slice name = members[0].text;
    size_t dot = last_dot(name);
    struct moor_values_override item = {
        .member = {.text = is_file ? MOOR_SLICE("${file}") : members[1].text,
                   .is_text = true,
                   .offset = members[1].offset}};
    if (unescape(&item.mapping, moor_slice_sub(name, 0, dot < name.len ? dot : 0), context) != 0 ||
        unescape(&item.member.name, moor_slice_sub(name, dot < name.len ? dot + 1 : 0, name.len),
                 context) != 0) {
        return -1;
    }
    item.member.key = moor_values_key_read(item.member.name);
    return name.len > 0 ? moor_values_overrides_add(out, &item, context->arena, context->err) : 0;
}

static int add_list(struct moor_values_overrides *out, const struct moor_shape_context *context,
                    bool is_file)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    struct moor_slice item;
    struct moor_slice list;
    if (moor_shape_beside(&list, context, is_file ? "fileParameters" : "parameters") != 0) {
        return -1;
    }
    moor_json_reader_init(&reader, list);
    if (moor_json_next(&reader, &token) != MOOR_JSON_ARRAY_BEGIN) {
        return 0;
    }
    while (moor_json_skip(&reader, &item) == 0) {
        if (add_parameter(out, context, item, is_file) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Helm applies the parameters of files after the others. */
int moor_shape_parameters_read(struct moor_values_overrides *out,
                               const struct moor_shape_context *context)
{
    *out = (struct moor_values_overrides){0};
    if (add_list(out, context, false) != 0 || add_list(out, context, true) != 0) {
        return -1;
    }
    moor_values_overrides_sort(out);
    return 0;
}

/* Joins the parameters [first, end), which belong to one mapping. */
static int join_parameters(const struct moor_shape_context *context,
                           const struct moor_values_overrides *parameters, size_t first, size_t end)
{
    struct moor_values_mapping mapping = {.count = end - first, .registry = parameters->registry};
    struct moor_slice key = parameters->items[first].mapping;
    struct moor_slice list = context->shaped->selected->path;
    struct moor_values_member *members =
        moor_arena_alloc(context->arena, mapping.count * sizeof *members);
    if (members == NULL) {
        return moor_error_set(context->err, MOOR_ERROR_MEMORY, "no memory for parameters");
    }
    for (size_t i = first; i < end; i++) {
        members[i - first] = parameters->items[i].member;
    }
    const char *dot = key.len > 0 ? memrchr(key.ptr, '.', key.len) : NULL;
    size_t start = dot != NULL ? (size_t)(dot - key.ptr) + 1 : 0;
    mapping.members = members;
    mapping.is_image = moor_values_key_is_image(moor_slice_sub(key, start, key.len));
    return moor_shape_join(&mapping.path, list, key.len > 0 ? "." : "", key, context) != 0
               ? -1
               : moor_values_mapping_take(context->found, &mapping, context->arena, context->err);
}

/* Joins the values of the source with its parameters.  Errors in them were reported before. */
static int join_values(const struct moor_shape_context *context,
                       struct moor_values_overrides *parameters, struct moor_embedded *embedded)
{
    struct moor_values values = {.path = context->shaped->selected->path, .overrides = parameters};
    struct moor_document read;
    struct moor_error ignored = {0};
    if (moor_shape_beside(&values.json, context, "valuesObject") != 0) {
        return -1;
    }
    parameters->is_joined = true;
    parameters->is_same_document = values.json.len > 0;
    if (values.json.len > 0) {
        values.offset = moor_shape_offset(context, values.json);
    } else if (moor_shape_beside(&values.json, context, "values") != 0) {
        return -1;
    } else if (values.json.len == 0 || values.json.ptr[0] != '"' ||
               moor_embedded_read(&read, embedded, context->shaped->document, values.json,
                                  &ignored) <= 0) {
        return 0;
    } else {
        values.json = read.text;
    }
    return moor_values_walk(context->found, &values, context->arena, context->err);
}

int moor_shape_parameters_take(const struct moor_shape_context *context,
                               struct moor_embedded *embedded)
{
    struct moor_values_overrides parameters;
    struct moor_slice others;
    if (moor_shape_beside(&others, context, "parameters") != 0) {
        return -1;
    }
    /* Both lists are read with the first one. */
    if (others.len > 0 && others.ptr != context->shaped->selected->json.ptr) {
        return 0;
    }
    if (moor_shape_parameters_read(&parameters, context) != 0 ||
        join_values(context, &parameters, embedded) != 0) {
        return -1;
    }
    size_t first = 0;
    for (size_t i = 1; i <= parameters.count; i++) {
        bool is_same = i < parameters.count && moor_slice_equal(parameters.items[i].mapping,
                                                                parameters.items[first].mapping);
        if (!is_same && !parameters.items[first].is_taken &&
            join_parameters(context, &parameters, first, i) != 0) {
            return -1;
        }
        first = is_same ? first : i;
    }
    return 0;
}
