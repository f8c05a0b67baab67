/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/shape_entries.h"

#include "cmd/input/values/text.h"
#include "policy/base/array_size.h"
#include "policy/base/buf.h"
#include "policy/image/reference.h"
#include "policy/json/reader.h"

#include <stdio.h>

enum {
    ENTRY_NAME,
    ENTRY_NEW_NAME,
    ENTRY_NEW_TAG,
    ENTRY_DIGEST
};

static const char *const entry_members[] = {"name", "newName", "newTag", "digest"};

/* kustomize refuses an entry with both a tag and a digest; the digest is what would be pulled. */
static int take_entry(const struct moor_shape_context *context, struct moor_slice json,
                      size_t index)
{
    struct moor_shape_scalar members[MOOR_ARRAY_SIZE(entry_members)];
    if (moor_shape_members(members, context, json, entry_members, MOOR_ARRAY_SIZE(members)) != 0) {
        return -1;
    }
    /*
     * kustomize selects images by `name` and renames them with `newName`; without it, the name
     * stays.
     */
    const struct moor_shape_scalar *name =
        &members[members[ENTRY_NEW_NAME].text.len > 0 ? ENTRY_NEW_NAME : ENTRY_NAME];
    const struct moor_shape_scalar *digest = &members[ENTRY_DIGEST];
    bool has_digest = digest->text.len > 0;
    const struct moor_shape_scalar *suffix = has_digest ? digest : &members[ENTRY_NEW_TAG];
    if (moor_values_text_is_unresolved(name->text) ||
        moor_values_text_is_unresolved(suffix->text)) {
        moor_values_found_unresolved(context->found, name->offset, context->arena);
        return 0;
    }
    /* An entry that only renames keeps the tag of the manifest, which this file does not have. */
    if (suffix->text.len == 0 || name->text.len == 0) {
        if (name->text.len > 0) {
            moor_values_found_untagged(context->found, name->offset, context->arena);
        }
        return 0;
    }
    struct moor_object_image image = {.name = members[ENTRY_NAME].text,
                                      .where = context->shaped->selected->path,
                                      .index = (uint32_t)index,
                                      .offset = suffix->offset};
    struct moor_image_note note = {
        .is_text_required = !suffix->is_text, .is_entry = true, .tag_offset = suffix->offset};
    /* YAML reads `newTag: 1.10` as the number 1.1, which users do not expect. */
    note.rendered = !suffix->is_text ? suffix->text : (struct moor_slice){0};
    char step[MOOR_BUF_DIGITS_MAX + sizeof "[]"];
    (void)snprintf(step, sizeof step, "[%zu]", index);
    if (moor_shape_join(&note.tag_path, image.where, step,
                        has_digest ? MOOR_SLICE(".digest") : MOOR_SLICE(".newTag"), context) != 0) {
        return -1;
    }
    return moor_shape_join(&image.text, name->text, has_digest ? "@" : ":", suffix->text,
                           context) != 0
               ? -1
               : moor_values_found_add(context->found, &image, &note, context->arena, context->err);
}

/* An override of Argo CD, `name=newName:newTag`, `newName:newTag` or `newName@digest`. */
static int take_override(const struct moor_shape_context *context, struct moor_slice json,
                         size_t index)
{
    struct moor_shape_scalar scalar;
    struct moor_reference reference;
    const struct moor_image_note note = {0};
    if (moor_shape_scalar(&scalar, context, json) != 0) {
        return -1;
    }
    /* No image reference has a `=`, so the first one ends the name. */
    const char *equals = scalar.text.len > 0 ? memchr(scalar.text.ptr, '=', scalar.text.len) : NULL;
    size_t start = equals != NULL ? (size_t)(equals - scalar.text.ptr) + 1 : 0;
    struct moor_object_image image = {.text = moor_slice_sub(scalar.text, start, scalar.text.len),
                                      .name =
                                          moor_slice_sub(scalar.text, 0, start > 0 ? start - 1 : 0),
                                      .where = context->shaped->selected->path,
                                      .index = (uint32_t)index,
                                      .offset = scalar.offset};
    if (moor_values_text_is_unresolved(scalar.text)) {
        moor_values_found_unresolved(context->found, scalar.offset, context->arena);
        return 0;
    }
    /*
     * An invalid text is kept as an image: it is reported, while an image without a tag only keeps
     * the tag of the manifest.
     */
    bool is_valid = moor_reference_parse(&reference, image.text, NULL) == 0;
    if (image.text.len == 0 || (is_valid && reference.tag.len == 0 && reference.digest.len == 0)) {
        moor_values_found_untagged(context->found, scalar.offset, context->arena);
        return 0;
    }
    return moor_values_found_add(context->found, &image, &note, context->arena, context->err);
}

typedef int take_item(const struct moor_shape_context *context, struct moor_slice json,
                      size_t index);

static int take_list(const struct moor_shape_context *context, take_item *take)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    struct moor_slice item;
    moor_json_reader_init(&reader, context->shaped->selected->json);
    if (moor_json_next(&reader, &token) != MOOR_JSON_ARRAY_BEGIN) {
        return 0;
    }
    /* The document was parsed before, so that the reader stops only at the end of the list. */
    for (size_t index = 0; moor_json_skip(&reader, &item) == 0; index++) {
        if (take(context, item, index) != 0) {
            return -1;
        }
    }
    return 0;
}

int moor_shape_entries_take(const struct moor_shape_context *context)
{
    return take_list(context, take_entry);
}

int moor_shape_entries_overrides(const struct moor_shape_context *context)
{
    return take_list(context, take_override);
}

/* --- entries after Helm ----------------------------------------------------------------------- */

/* Returns the length of the image's name, without the tag and the digest. */
static size_t name_length(struct moor_slice image)
{
    size_t len = image.len;
    for (size_t i = 0; i < image.len && len == image.len; i++) {
        /* A colon before a slash is that of a port, as in `registry:5000/app`. */
        bool is_port = image.ptr[i] == ':' && memchr(image.ptr + i, '/', image.len - i) != NULL;
        len = image.ptr[i] == '@' || (image.ptr[i] == ':' && !is_port) ? i : len;
    }
    return len;
}

/*
 * Applies an entry of the kustomization after Helm to the images of the values.  With a tag or a
 * digest the entry says the whole image, and is evaluated itself, so that the image is dropped.
 */
static int replace_images(const struct moor_shape_context *context,
                          const struct moor_shape_scalar *members)
{
    struct moor_object *object = &context->found->object;
    bool is_whole = members[ENTRY_NEW_TAG].text.len > 0 || members[ENTRY_DIGEST].text.len > 0;
    size_t kept = 0;
    for (size_t i = 0; i < object->image_count; i++) {
        struct moor_object_image image = object->images[i];
        struct moor_slice name = moor_slice_sub(image.text, 0, name_length(image.text));
        bool is_meant = moor_slice_equal(name, members[ENTRY_NAME].text);
        /* The list is compacted in place, with the notes in step, since both have one index. */
        if (is_meant && is_whole) {
            continue;
        }
        if (is_meant && members[ENTRY_NEW_NAME].text.len > 0 &&
            moor_shape_join(&image.text, members[ENTRY_NEW_NAME].text, "",
                            moor_slice_sub(image.text, name.len, image.text.len), context) != 0) {
            return -1;
        }
        context->found->notes[kept] = context->found->notes[i];
        object->images[kept++] = image;
    }
    /*
     * The total also counts images beyond the limit; these stay, so that the object is still denied
     * for their number.
     */
    object->image_total -= object->image_count - kept;
    object->image_count = kept;
    return 0;
}

/* A HelmRelease of Flux has `postRenderers` beside its values; no other object has. */
int moor_shape_entries_render(const struct moor_shape_context *context)
{
    struct moor_lookup entries = {0};
    if (moor_lookup_find(&entries, context->shaped->selected->parent,
                         "postRenderers[*].kustomize.images[*]", context->arena,
                         context->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < entries.count; i++) {
        struct moor_shape_scalar members[MOOR_ARRAY_SIZE(entry_members)];
        if (moor_shape_members(members, context, entries.items[i].json, entry_members,
                               MOOR_ARRAY_SIZE(members)) != 0 ||
            replace_images(context, members) != 0) {
            return -1;
        }
    }
    return 0;
}
