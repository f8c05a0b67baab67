/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/check/images.h"

#include "policy/json/reader.h"
#include "policy/object/reader.h"

/* A document of 50 MB with an image in every second line needs less. */
#define PARTS_MAX_BYTES ((size_t)256 * 1024 * 1024)

int moor_images_init(struct moor_images *out, const struct moor_policy *policy,
                     struct moor_arena *arena, struct moor_error *err)
{
    *out = (struct moor_images){.policy = policy, .arena = arena};
    moor_arena_init(&out->parts, PARTS_MAX_BYTES);
    /*
     * There are two parsers of embedded YAML: a value can be YAML in a string, and a string in that
     * value can be YAML again, while the value is still in use.
     */
    return moor_embedded_init(&out->embedded, err) != 0 ||
                   moor_embedded_init(&out->strings.embedded, err) != 0 ||
                   moor_format_images_init(&out->formats, err) != 0
               ? -1
               : 0;
}

void moor_images_release(struct moor_images *images)
{
    moor_embedded_release(&images->embedded);
    moor_embedded_release(&images->strings.embedded);
    moor_arena_release(&images->parts);
    moor_format_images_release(&images->formats);
}

void moor_images_open(struct moor_images *images, const struct moor_document *document,
                      const struct moor_subject *subject, const struct moor_manifest *value,
                      struct moor_slice namespace)
{
    images->document = document;
    images->subject = subject;
    images->value = value;
    images->namespace = namespace;
    images->part = 0;
    images->selected.count = 0;
    images->next = 0;
    images->string_count = 0;
}

size_t moor_images_count(const struct moor_images_found *found)
{
    /*
     * Images that are not read count too: an object with only such images must not be reported as
     * one without images.
     */
    const struct moor_object *object = &found->request.object;
    return object->image_total + (object->malformed.len > 0) + found->unknown + found->untagged;
}

bool moor_images_must_judge(const struct moor_images_found *found)
{
    /*
     * An object without images is still evaluated, because it can be denied as a whole, for example
     * if it is malformed.
     */
    return found->is_object || found->request.object.image_total > 0;
}

/* --- Kubernetes objects ----------------------------------------------------------------------- */

static struct moor_slice namespace_or(struct moor_slice namespace, struct moor_slice other)
{
    /* The namespace in the file wins: the option --namespace is only for objects that name none. */
    return namespace.len > 0 ? namespace : other;
}

static int read_object(struct moor_images_found *out, struct moor_images *images,
                       struct moor_error *err)
{
    const struct moor_manifest *value = images->value;
    const struct moor_kind *kind = images->subject->kind;
    struct moor_json_reader reader;
    out->is_object = true;
    out->request = (struct moor_request){
        .operation = MOOR_OPERATION_CREATE,
        /*
         * A file has no old object, so every image is evaluated as new, as in a request that
         * creates the object.
         */
        .group = value->group,
        .kind = value->kind,
        .namespace = namespace_or(value->namespace, images->namespace),
        .name = value->name,
        .resource = kind->resource,
        .holds = kind,
    };
    moor_json_reader_init(&reader, value->json);
    if (moor_object_read(&out->request.object, &reader, kind, &images->policy->annotations,
                         images->arena, err) != 0) {
        /*
         * The reader sees only this object, but positions are counted from the start of the
         * document.
         */
        err->offset = out->offset + (size_t)(reader.at - reader.start);
        return -1;
    }
    return 1;
}

/* --- formats whose images are texts ----------------------------------------------------------- */

/* Reads the images of one path expression, or those of a Dockerfile. */
static int read_texts(struct moor_images_found *out, struct moor_images *images, size_t part,
                      struct moor_error *err)
{
    const struct moor_format_part source = {images->document, images->subject->format, part};
    const struct moor_kind *kind =
        moor_format_images_kind(&images->formats, source.format, source.index);
    struct moor_format_unread unread;
    out->request = (struct moor_request){
        .operation = MOOR_OPERATION_CREATE, .kind = kind->kind, .holds = kind};
    /* The set before has been evaluated, so its memory can be used again. */
    moor_arena_reset(images->arena);
    if (moor_format_images_read(&out->request.object, &unread, &images->formats, &source,
                                images->arena, err) != 0) {
        return -1;
    }
    out->unknown = unread.unknown;
    out->templates = unread.templates;
    out->skipped = unread.skipped;
    out->is_empty = unread.is_empty;
    out->malformed = unread.malformed;
    return 1;
}

/* --- formats whose images are written in parts ------------------------------------------------ */

/* Selects the values of one path expression, and prepares the request that they share. */
static int select_values(struct moor_images *images, size_t part, struct moor_error *err)
{
    const struct moor_subject *subject = images->subject;
    const struct moor_manifest *value = images->value;
    const struct moor_format *row = moor_format_row(subject->format);
    const struct moor_kind *kind = moor_format_images_kind(&images->formats, subject->format, part);
    bool is_format = subject->type == MOOR_SUBJECT_FORMAT;
    struct moor_slice namespace;
    moor_arena_reset(&images->parts);
    images->next = 0;
    /*
     * A HelmRelease or an Application can deploy to another namespace than its own.  The namespace
     * of the workloads decides their environment.
     */
    if (moor_shapes_namespace(&namespace, row, value, &images->parts, err) != 0 ||
        moor_lookup_find(&images->selected, value->json, row->paths[part].expression,
                         &images->parts, err) != 0) {
        err->offset = subject->offset;
        return -1;
    }
    images->request = (struct moor_request){
        .operation = MOOR_OPERATION_CREATE,
        .group = value->group,
        .kind = is_format ? value->kind : kind->kind,
        .namespace = namespace_or(namespace, images->namespace),
        .name = value->name,
        .holds = kind,
    };
    images->shaped = (struct moor_shaped){
        .shape = row->paths[part].shape, .document = images->document, .base = subject->offset};
    return 0;
}

/* Says where the images are: `document` was read from the string `json` as YAML. */
static void enter_string(struct moor_images_found *out, const struct moor_shaped *shaped,
                         const struct moor_document *document, struct moor_slice json)
{
    out->document = document;
    out->offset = 0;
    out->outer = shaped->document;
    out->outer_offset = shaped->base;
    /*
     * The string is a slice of the document's text, so its address tells its offset.  The
     * annotations of the object are found by this offset.
     */
    out->string_offset = (size_t)(json.ptr - shaped->document->text.ptr) - shaped->base;
}

static void set_found(struct moor_images_found *out, const struct moor_images *images,
                      const struct moor_values_found *found)
{
    out->request = images->request;
    out->request.object = found->object;
    out->notes = found->notes;
    out->unknown = found->unresolved;
    out->untagged = found->untagged;
    out->skipped = found->skipped;
}

static bool is_embedded(const struct moor_shaped *shaped)
{
    return shaped->read.text.ptr != shaped->document->text.ptr;
}

/* Reads the images of one selected value, such as the values of a HelmRelease. */
static int read_value(struct moor_images_found *out, struct moor_images *images,
                      const struct moor_looked_up *selected, struct moor_error *err)
{
    struct moor_values_found found;
    images->shaped.selected = selected;
    moor_values_found_clear(&found);
    if (moor_shapes_read(&found, &images->shaped, &images->embedded, &images->parts, err) != 0) {
        err->offset += images->shaped.base;
        return -1;
    }
    images->next_string = found.strings;
    images->string_count = found.string_count;
    /*
     * The strings of the next value can be at the same address, so what was parsed for the last one
     * is forgotten.
     */
    images->strings.string = NULL;
    set_found(out, images, &found);
    if (is_embedded(&images->shaped)) {
        enter_string(out, &images->shaped, &images->shaped.read, selected->json);
    }
    return 1;
}

/* Reads the images of the next string in the value that was read last.  Returns 0 after them. */
static int read_string(struct moor_images_found *out, struct moor_images *images,
                       struct moor_error *err)
{
    struct moor_values_found found;
    const struct moor_shaped *shaped = &images->shaped;
    while (images->string_count > 0) {
        /*
         * If the value itself was a string, the document knows only the position of that outer
         * string.
         */
        struct moor_slice json =
            is_embedded(shaped) ? shaped->selected->json : images->next_string->json;
        moor_values_found_clear(&found);
        int status = moor_shapes_read_string(&found, shaped, &images->strings, images->next_string,
                                             &images->parts, err);
        if (status != 0) {
            set_found(out, images, &found);
            enter_string(out, shaped, &images->strings.read, json);
            out->is_member = true;
            return status;
        }
        images->next_string++;
        images->string_count--;
    }
    return 0;
}

/* --- values ----------------------------------------------------------------------------------- */

static bool is_texts(const struct moor_images *images, size_t part)
{
    return images->value == NULL ||
           moor_format_row(images->subject->format)->paths[part].shape == MOOR_FORMAT_TEXT;
}

static int next_of_format(struct moor_images_found *out, struct moor_images *images,
                          struct moor_error *err)
{
    /* Strings of the last value come first, because the next value uses the same buffers. */
    int status = read_string(out, images, err);
    if (status != 0) {
        return status;
    }
    /* An expression that selects nothing is usual, since most fields of a format are optional. */
    while (images->next == images->selected.count) {
        if (images->part == moor_format_images_parts(images->subject->format)) {
            return 0;
        }
        size_t part = images->part++;
        if (is_texts(images, part)) {
            return read_texts(out, images, part, err);
        }
        if (select_values(images, part, err) != 0) {
            return -1;
        }
    }
    return read_value(out, images, &images->selected.items[images->next++], err);
}

int moor_images_next(struct moor_images_found *out, struct moor_images *images,
                     struct moor_error *err)
{
    *out =
        (struct moor_images_found){.document = images->document, .offset = images->subject->offset};
    if (images->subject->type != MOOR_SUBJECT_OBJECT) {
        return next_of_format(out, images, err);
    }
    return images->part++ == 0 ? read_object(out, images, err) : 0;
}
