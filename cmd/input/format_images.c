/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/format_images.h"

#include "cmd/input/dockerfile/dockerfile.h"
#include "cmd/input/variables.h"
#include "policy/json/reader.h"
#include "policy/object/expression.h"
#include "policy/object/reader.h"

#define MAX_BYTES         ((size_t)1024 * 1024)
#define MAX_SCRATCH_BYTES ((size_t)1024 * 1024)

/* --- compiling -------------------------------------------------------------------------------- */

/*
 * A path expression becomes the tree of a custom kind, so that the reader of Kubernetes objects
 * finds the images of other tools too.  A row without an expression (Dockerfile), or with images in
 * parts (shapes.h), gets a kind by name only.
 */
static int compile(struct moor_kind *out, const struct moor_format *row,
                   const struct moor_format_path *path, struct moor_arena *arena,
                   struct moor_arena *scratch, struct moor_error *err)
{
    struct moor_expression_tree tree;
    *out = (struct moor_kind){
        .kind = moor_slice_from(row->kind), .is_template = true, .is_custom = true};
    if (path->expression == NULL || path->shape != MOOR_FORMAT_TEXT) {
        return 0;
    }
    moor_arena_reset(scratch);
    return moor_expression_tree_init_plain(&tree, scratch, err) != 0 ||
                   moor_expression_add(&tree, moor_slice_from(path->expression),
                                       MOOR_EXPRESSION_IMAGE, err) != 0 ||
                   moor_expression_compile(&out->root, &tree, arena, err) != 0
               ? -1
               : 0;
}

int moor_format_images_init(struct moor_format_images *out, struct moor_error *err)
{
    struct moor_arena scratch;
    int status = 0;
    *out = (struct moor_format_images){0};
    moor_arena_init(&out->arena, MAX_BYTES);
    moor_arena_init(&scratch, MAX_SCRATCH_BYTES);
    for (size_t i = 0; i < MOOR_INPUT_FORMAT_COUNT; i++) {
        enum moor_input_format format = (enum moor_input_format)i;
        const struct moor_format *row = moor_format_row(format);
        for (size_t part = 0; status == 0 && part < moor_format_images_parts(format); part++) {
            status =
                compile(&out->kinds[i][part], row, &row->paths[part], &out->arena, &scratch, err);
        }
    }
    moor_arena_release(&scratch);
    return status;
}

void moor_format_images_release(struct moor_format_images *images)
{
    moor_arena_release(&images->arena);
}

size_t moor_format_images_parts(enum moor_input_format format)
{
    const struct moor_format *row = moor_format_row(format);
    size_t count = 0;
    while (count < MOOR_FORMAT_MAX_PATHS && row->paths[count].expression != NULL) {
        count++;
    }
    return count > 0 ? count : 1;
}

const struct moor_kind *moor_format_images_kind(const struct moor_format_images *images,
                                                enum moor_input_format format, size_t part)
{
    return &images->kinds[format][part];
}

/* --- Dockerfiles ------------------------------------------------------------------------------ */

/* Presents the images as those of an object, so that all findings take one path. */
static int read_dockerfile(struct moor_object *out, struct moor_format_unread *unread,
                           struct moor_slice text, struct moor_arena *arena, struct moor_error *err)
{
    struct moor_dockerfile dockerfile;
    if (moor_dockerfile_read(&dockerfile, text, arena, err) != 0) {
        return -1;
    }
    *out = (struct moor_object){.is_present = true};
    out->images = moor_arena_alloc(arena, (dockerfile.count + 1) * sizeof *out->images);
    if (out->images == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for a Dockerfile");
    }
    unread->malformed = dockerfile.malformed;
    /* A part of a template has no FROM of its own, but is not empty. */
    bool is_part = !dockerfile.has_stage && dockerfile.is_template;
    unread->templates += is_part;
    unread->is_empty =
        !dockerfile.has_stage && !is_part && dockerfile.malformed.code == MOOR_ERROR_NONE;
    /* An unknown image is counted and left out: its text is not the image that a build pulls. */
    for (size_t i = 0; i < dockerfile.count; i++) {
        const struct moor_dockerfile_image *image = &dockerfile.images[i];
        unread->unknown += image->state == MOOR_DOCKERFILE_UNKNOWN;
        unread->templates += image->state == MOOR_DOCKERFILE_TEMPLATE;
        if (image->state == MOOR_DOCKERFILE_UNKNOWN || image->state == MOOR_DOCKERFILE_TEMPLATE) {
            moor_skipped_add(&unread->skipped, false, image->offset, arena);
        }
        if (image->state == MOOR_DOCKERFILE_KNOWN) {
            out->images[out->image_count++] = (struct moor_object_image){
                .text = image->image,
                .name = image->stage,
                .where = image->where,
                .index = MOOR_OBJECT_NO_INDEX,
                .offset = image->offset,
            };
        }
    }
    out->image_total = out->image_count;
    return 0;
}

/* --- documents -------------------------------------------------------------------------------- */

/* Returns whether the path begins with one of `members`, a list separated by blanks. */
static bool is_below(struct moor_slice path, const char *members)
{
    size_t first = 0;
    while (first < path.len && path.ptr[first] != '.' && path.ptr[first] != '[') {
        first++;
    }
    for (const char *at = members; at != NULL && *at != '\0';) {
        size_t len = strcspn(at, " ");
        if (moor_slice_equal((struct moor_slice){at, len}, moor_slice_sub(path, 0, first))) {
            return true;
        }
        at += len + (at[len] == ' ');
    }
    return false;
}

/* Removes the scheme from the text.  Returns false if the text is not an image without it. */
static bool take_scheme(struct moor_slice *text, enum moor_format_scheme scheme)
{
    static const struct moor_slice docker = {"docker://", 9};
    if (scheme == MOOR_FORMAT_SCHEME_NONE) {
        return true;
    }
    if (moor_slice_starts_with(*text, docker)) {
        *text = moor_slice_sub(*text, docker.len, text->len);
        return true;
    }
    return scheme == MOOR_FORMAT_SCHEME_OPTIONAL;
}

/* Returns whether the text contains `${`, which a function or a script replaces. */
static bool has_placeholder(struct moor_slice text)
{
    return text.len > 1 && memmem(text.ptr, text.len, "${", 2) != NULL;
}

static void skip(struct moor_format_unread *unread, size_t offset, struct moor_arena *arena)
{
    unread->unknown++;
    moor_skipped_add(&unread->skipped, false, offset, arena);
}

/* Keeps the images of `object` that this format accepts and that this file determines. */
static int settle(struct moor_object *object, struct moor_format_unread *unread,
                  const struct moor_format_part *part, struct moor_arena *arena,
                  struct moor_error *err)
{
    const struct moor_format *row = moor_format_row(part->format);
    enum moor_format_scheme scheme = row->paths[part->index].scheme;
    size_t kept = 0;
    /* A list is a reference to another job, or the arguments of a function. */
    unread->unknown += object->image_lists + (row->has_functions ? object->image_mappings : 0);
    for (size_t i = 0; i < object->image_count; i++) {
        struct moor_object_image image = object->images[i];
        if (moor_document_is_elsewhere(part->document, image.offset) ||
            (row->has_functions && has_placeholder(image.text))) {
            skip(unread, image.offset, arena);
            continue;
        }
        if (is_below(image.where, row->ignored) || !take_scheme(&image.text, scheme)) {
            continue;
        }
        bool is_known = true;
        if (row->has_variables &&
            moor_variables_expand(&image.text, &is_known, image.text, NULL, arena, err) != 0) {
            return -1;
        }
        if (is_known) {
            object->images[kept++] = image;
        } else {
            skip(unread, image.offset, arena);
        }
    }
    object->image_total -= object->image_count - kept;
    object->image_count = kept;
    return 0;
}

int moor_format_images_read(struct moor_object *out, struct moor_format_unread *unread,
                            const struct moor_format_images *images,
                            const struct moor_format_part *part, struct moor_arena *arena,
                            struct moor_error *err)
{
    const struct moor_kind *kind = &images->kinds[part->format][part->index];
    struct moor_json_reader reader;
    *unread = (struct moor_format_unread){0};
    if (moor_format_row(part->format)->is_dockerfile) {
        return read_dockerfile(out, unread, part->document->text, arena, err);
    }
    moor_json_reader_init(&reader, part->document->text);
    /* The reader has no error offset of its own, so the reading position is the best answer. */
    if (moor_object_read(out, &reader, kind, NULL, arena, err) != 0) {
        err->offset = (size_t)(reader.at - reader.start);
        return -1;
    }
    return settle(out, unread, part, arena, err);
}
