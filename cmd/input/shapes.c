/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/shapes.h"

#include "cmd/input/values/mapping.h"
#include "cmd/input/values/number.h"
#include "cmd/input/values/text.h"
#include "cmd/input/values/walk.h"
#include "policy/base/array_size.h"
#include "policy/image/reference.h"
#include "policy/json/reader.h"

#include <stdio.h>

struct context {
    struct moor_values_found *found;
    const struct moor_shaped *shaped;
    struct moor_arena *arena;
    struct moor_error *err;
};

/* A scalar member of an item. */
struct scalar {
    struct moor_slice text; /* a number is as Go prints it */
    bool is_text;
    size_t offset; /* in the object */
};

static size_t offset_of(const struct context *context, struct moor_slice json)
{
    return (size_t)(json.ptr - context->shaped->document->text.ptr) - context->shaped->base;
}

/* --- items with scalar members ---------------------------------------------------------------- */

static int read_scalar(struct scalar *out, const struct context *context, struct moor_slice json)
{
    char room[MOOR_VALUES_NUMBER_MAX];
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, json);
    enum moor_json_event event = moor_json_next(&reader, &token);
    *out =
        (struct scalar){.is_text = event == MOOR_JSON_STRING, .offset = offset_of(context, json)};
    if (event == MOOR_JSON_STRING) {
        return moor_json_token_text(&token, context->arena, &out->text, context->err);
    }
    return event == MOOR_JSON_NUMBER
               ? moor_arena_copy(context->arena, &out->text,
                                 moor_values_number_render(room, token.raw), context->err)
               : 0;
}

/* Reads the members `names` of the object `json` into `out`, in the order of the names. */
static int read_members(struct scalar *out, const struct context *context, struct moor_slice json,
                        const char *const *names, size_t count)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    struct moor_slice value;
    memset(out, 0, count * sizeof *out);
    moor_json_reader_init(&reader, json);
    if (moor_json_next(&reader, &token) != MOOR_JSON_OBJECT_BEGIN) {
        return 0;
    }
    while (moor_json_next(&reader, &token) == MOOR_JSON_KEY) {
        size_t i = 0;
        while (i < count && !moor_json_token_is(&token, moor_slice_from(names[i]))) {
            i++;
        }
        if (moor_json_skip(&reader, &value) != 0) {
            return 0;
        }
        if (i < count && read_scalar(&out[i], context, value) != 0) {
            return -1;
        }
    }
    return 0;
}

static int join(struct moor_slice *out, struct moor_slice left, const char *between,
                struct moor_slice right, const struct context *context)
{
    struct moor_buf text;
    moor_buf_init(&text, (size_t)2 * MOOR_REFERENCE_MAX_BYTES);
    moor_buf_append(&text, left);
    moor_buf_append_text(&text, between);
    moor_buf_append(&text, right);
    int status = text.failed
                     ? moor_error_set(context->err, MOOR_ERROR_LIMIT,
                                      "an image is longer than any reference")
                     : moor_arena_copy(context->arena, out, moor_buf_slice(&text), context->err);
    moor_buf_release(&text);
    return status;
}

/* --- kustomizations --------------------------------------------------------------------------- */

enum {
    ENTRY_NAME,
    ENTRY_NEW_NAME,
    ENTRY_NEW_TAG,
    ENTRY_DIGEST
};

static const char *const entry_members[] = {"name", "newName", "newTag", "digest"};

/* kustomize refuses an entry with both a tag and a digest; the digest is what would be pulled. */
static int take_entry(const struct context *context, struct moor_slice json, size_t index)
{
    struct scalar members[MOOR_ARRAY_SIZE(entry_members)];
    if (read_members(members, context, json, entry_members, MOOR_ARRAY_SIZE(members)) != 0) {
        return -1;
    }
    const struct scalar *name =
        &members[members[ENTRY_NEW_NAME].text.len > 0 ? ENTRY_NEW_NAME : ENTRY_NAME];
    const struct scalar *digest = &members[ENTRY_DIGEST];
    bool has_digest = digest->text.len > 0;
    const struct scalar *suffix = has_digest ? digest : &members[ENTRY_NEW_TAG];
    if (moor_values_text_is_unresolved(name->text) ||
        moor_values_text_is_unresolved(suffix->text)) {
        context->found->unresolved++;
        return 0;
    }
    if (suffix->text.len == 0 || name->text.len == 0) {
        context->found->untagged += name->text.len > 0;
        return 0;
    }
    struct moor_object_image image = {.name = members[ENTRY_NAME].text,
                                      .where = context->shaped->selected->path,
                                      .index = (uint32_t)index,
                                      .offset = suffix->offset};
    struct moor_image_note note = {
        .is_text_required = !suffix->is_text, .is_entry = true, .tag_offset = suffix->offset};
    note.rendered = !suffix->is_text ? suffix->text : (struct moor_slice){0};
    char step[MOOR_BUF_DIGITS_MAX + sizeof "[]"];
    (void)snprintf(step, sizeof step, "[%zu]", index);
    if (join(&note.tag_path, image.where, step,
             has_digest ? MOOR_SLICE(".digest") : MOOR_SLICE(".newTag"), context) != 0) {
        return -1;
    }
    return join(&image.text, name->text, has_digest ? "@" : ":", suffix->text, context) != 0
               ? -1
               : moor_values_found_add(context->found, &image, &note, context->arena, context->err);
}

/* An override of Argo CD, `name=newName:newTag`, `newName:newTag` or `newName@digest`. */
static int take_override(const struct context *context, struct moor_slice json, size_t index)
{
    struct scalar scalar;
    struct moor_reference reference;
    const struct moor_image_note note = {0};
    if (read_scalar(&scalar, context, json) != 0) {
        return -1;
    }
    const char *equals = scalar.text.len > 0 ? memchr(scalar.text.ptr, '=', scalar.text.len) : NULL;
    size_t start = equals != NULL ? (size_t)(equals - scalar.text.ptr) + 1 : 0;
    struct moor_object_image image = {.text = moor_slice_sub(scalar.text, start, scalar.text.len),
                                      .name =
                                          moor_slice_sub(scalar.text, 0, start > 0 ? start - 1 : 0),
                                      .where = context->shaped->selected->path,
                                      .index = (uint32_t)index,
                                      .offset = scalar.offset};
    if (moor_values_text_is_unresolved(scalar.text)) {
        context->found->unresolved++;
        return 0;
    }
    bool is_valid = moor_reference_parse(&reference, image.text, NULL) == 0;
    if (image.text.len == 0 || (is_valid && reference.tag.len == 0 && reference.digest.len == 0)) {
        context->found->untagged++;
        return 0;
    }
    return moor_values_found_add(context->found, &image, &note, context->arena, context->err);
}

typedef int take_item(const struct context *context, struct moor_slice json, size_t index);

static int take_list(const struct context *context, take_item *take)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    struct moor_slice item;
    moor_json_reader_init(&reader, context->shaped->selected->json);
    if (moor_json_next(&reader, &token) != MOOR_JSON_ARRAY_BEGIN) {
        return 0;
    }
    for (size_t index = 0; moor_json_skip(&reader, &item) == 0; index++) {
        if (take(context, item, index) != 0) {
            return -1;
        }
    }
    return 0;
}

/* --- parameters ------------------------------------------------------------------------------- */

static int add_parameter(struct moor_values_overrides *out, const struct context *context,
                         struct moor_slice json)
{
    static const char *const names[] = {"name", "value"};
    struct scalar members[MOOR_ARRAY_SIZE(names)];
    if (read_members(members, context, json, names, MOOR_ARRAY_SIZE(names)) != 0) {
        return -1;
    }
    struct moor_slice name = members[0].text;
    const char *dot = name.len > 0 ? memrchr(name.ptr, '.', name.len) : NULL;
    size_t start = dot != NULL ? (size_t)(dot - name.ptr) + 1 : 0;
    /* Argo CD passes each value as a string, so that a number keeps its digits. */
    struct moor_values_override item = {.mapping =
                                            moor_slice_sub(name, 0, start > 0 ? start - 1 : 0),
                                        .member = {.name = moor_slice_sub(name, start, name.len),
                                                   .text = members[1].text,
                                                   .is_text = true,
                                                   .offset = members[1].offset}};
    item.member.key = moor_values_key_read(item.member.name);
    return item.member.key.part != MOOR_VALUES_NONE
               ? moor_values_overrides_add(out, &item, context->arena, context->err)
               : 0;
}

/* Returns the member `name` of the mapping that contains the value; empty if absent or null. */
static int find_beside(struct moor_slice *out, const struct context *context, const char *name)
{
    struct moor_lookup found = {0};
    *out = (struct moor_slice){0};
    if (moor_lookup_find(&found, context->shaped->selected->parent, name, context->arena,
                         context->err) != 0) {
        return -1;
    }
    if (found.count > 0 && !moor_slice_is(found.items[0].json, "null")) {
        *out = found.items[0].json;
    }
    return 0;
}

/* Reads the parameters of the source that contains the value. */
static int read_parameters(struct moor_values_overrides *out, const struct context *context)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    struct moor_slice item;
    struct moor_slice list;
    *out = (struct moor_values_overrides){0};
    if (find_beside(&list, context, "parameters") != 0) {
        return -1;
    }
    moor_json_reader_init(&reader, list);
    if (moor_json_next(&reader, &token) != MOOR_JSON_ARRAY_BEGIN) {
        return 0;
    }
    while (moor_json_skip(&reader, &item) == 0) {
        if (add_parameter(out, context, item) != 0) {
            return -1;
        }
    }
    moor_values_overrides_sort(out);
    return 0;
}

/* Joins the parameters [first, end), which belong to one mapping. */
static int join_parameters(const struct context *context,
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
    return join(&mapping.path, list, key.len > 0 ? "." : "", key, context) != 0
               ? -1
               : moor_values_mapping_take(context->found, &mapping, context->arena, context->err);
}

/* Joins the values of the source with its parameters.  Errors in them were reported before. */
static int join_values(const struct context *context, struct moor_values_overrides *parameters,
                       struct moor_embedded *embedded)
{
    struct moor_values values = {.path = context->shaped->selected->path, .overrides = parameters};
    struct moor_document read;
    struct moor_error ignored = {0};
    if (find_beside(&values.json, context, "valuesObject") != 0) {
        return -1;
    }
    parameters->is_joined = true;
    parameters->is_same_document = values.json.len > 0;
    if (values.json.len > 0) {
        values.offset = offset_of(context, values.json);
    } else if (find_beside(&values.json, context, "values") != 0) {
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

static int take_parameters(const struct context *context, struct moor_embedded *embedded)
{
    struct moor_values_overrides parameters;
    if (read_parameters(&parameters, context) != 0 ||
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

/* --- values ----------------------------------------------------------------------------------- */

/* Returns the length of the image's name, without the tag and the digest. */
static size_t name_length(struct moor_slice image)
{
    size_t len = image.len;
    for (size_t i = 0; i < image.len && len == image.len; i++) {
        bool is_port = image.ptr[i] == ':' && memchr(image.ptr + i, '/', image.len - i) != NULL;
        len = image.ptr[i] == '@' || (image.ptr[i] == ':' && !is_port) ? i : len;
    }
    return len;
}

/*
 * Applies an entry of the kustomization after Helm to the images of the values.  With a tag or a
 * digest the entry says the whole image, and is evaluated itself, so that the image is dropped.
 */
static int replace_images(const struct context *context, const struct scalar *members)
{
    struct moor_object *object = &context->found->object;
    bool is_whole = members[ENTRY_NEW_TAG].text.len > 0 || members[ENTRY_DIGEST].text.len > 0;
    size_t kept = 0;
    for (size_t i = 0; i < object->image_count; i++) {
        struct moor_object_image image = object->images[i];
        struct moor_slice name = moor_slice_sub(image.text, 0, name_length(image.text));
        bool is_meant = moor_slice_equal(name, members[ENTRY_NAME].text);
        if (is_meant && is_whole) {
            continue;
        }
        if (is_meant && members[ENTRY_NEW_NAME].text.len > 0 &&
            join(&image.text, members[ENTRY_NEW_NAME].text, "",
                 moor_slice_sub(image.text, name.len, image.text.len), context) != 0) {
            return -1;
        }
        context->found->notes[kept] = context->found->notes[i];
        object->images[kept++] = image;
    }
    object->image_total -= object->image_count - kept;
    object->image_count = kept;
    return 0;
}

/* A HelmRelease of Flux has `postRenderers` beside its values; no other object has. */
static int apply_post_renderers(const struct context *context)
{
    struct moor_lookup entries = {0};
    if (moor_lookup_find(&entries, context->shaped->selected->parent,
                         "postRenderers[*].kustomize.images[*]", context->arena,
                         context->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < entries.count; i++) {
        struct scalar members[MOOR_ARRAY_SIZE(entry_members)];
        if (read_members(members, context, entries.items[i].json, entry_members,
                         MOOR_ARRAY_SIZE(members)) != 0 ||
            replace_images(context, members) != 0) {
            return -1;
        }
    }
    return 0;
}

static int take_values(const struct context *context)
{
    const struct moor_looked_up *selected = context->shaped->selected;
    const struct moor_values values = {.json = selected->json,
                                       .offset = offset_of(context, selected->json),
                                       .path = selected->path};
    return moor_values_walk(context->found, &values, context->arena, context->err) != 0
               ? -1
               : apply_post_renderers(context);
}

/* Takes the values of a source of Argo CD, without the images that its parameters change. */
static int take_values_object(const struct context *context)
{
    const struct moor_looked_up *selected = context->shaped->selected;
    struct moor_values_overrides parameters;
    const struct moor_values values = {.json = selected->json,
                                       .offset = offset_of(context, selected->json),
                                       .path = selected->path,
                                       .overrides = &parameters};
    return read_parameters(&parameters, context) != 0
               ? -1
               : moor_values_walk(context->found, &values, context->arena, context->err);
}

/* A template that is no YAML before it is filled in is counted, as one that is YAML. */
static int take_values_text(const struct context *context, struct moor_shaped *shaped,
                            struct moor_embedded *embedded)
{
    struct moor_slice json = shaped->selected->json;
    struct moor_values_overrides parameters;
    struct moor_slice object;
    if (find_beside(&object, context, "valuesObject") != 0 ||
        read_parameters(&parameters, context) != 0) {
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
        context->found->unresolved++;
        return 0;
    }
    if (status <= 0) {
        return status;
    }
    const struct moor_values values = {
        .json = shaped->read.text, .path = shaped->selected->path, .overrides = &parameters};
    if (moor_values_walk(context->found, &values, context->arena, context->err) == 0) {
        return 0;
    }
    struct moor_position position = moor_document_position(&shaped->read, context->err->offset);
    context->err->line = position.line;
    context->err->column = position.column;
    return -1;
}

int moor_shapes_read(struct moor_values_found *found, struct moor_shaped *shaped,
                     struct moor_embedded *embedded, struct moor_arena *arena,
                     struct moor_error *err)
{
    const struct context context = {found, shaped, arena, err};
    shaped->read = *shaped->document;
    err->offset = offset_of(&context, shaped->selected->json);
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
        return take_parameters(&context, embedded);
    case MOOR_FORMAT_ENTRIES:
        return take_list(&context, take_entry);
    case MOOR_FORMAT_OVERRIDES:
        return take_list(&context, take_override);
    }
    return 0;
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
