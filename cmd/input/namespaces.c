/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/namespaces.h"
#include "policy/json/reader.h"

void moor_namespaces_init(struct moor_namespaces *namespaces)
{
    *namespaces = (struct moor_namespaces){0};
    moor_arena_init(&namespaces->arena, MOOR_NAMESPACES_MAX_BYTES);
}

void moor_namespaces_release(struct moor_namespaces *namespaces)
{
    moor_arena_release(&namespaces->arena);
}

static int read_text(struct moor_namespaces *namespaces, const struct moor_json_token *token,
                     struct moor_slice *out, struct moor_error *err)
{
    /* The text can borrow from the document, which is gone when the labels are used. */
    struct moor_slice text = {0};
    if (moor_json_token_text(token, &namespaces->arena, &text, err) != 0) {
        return -1;
    }
    return moor_arena_copy(&namespaces->arena, out, text, err);
}

/* Reads the labels.  A malformed value ends the list without an error: check reports the object. */
static int read_labels(struct moor_namespaces *namespaces, struct moor_namespace *namespace,
                       struct moor_slice labels, struct moor_error *err)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    struct moor_label *items = NULL;
    size_t room = 0;
    moor_json_reader_init(&reader, labels);
    if (labels.len == 0 || moor_json_next(&reader, &token) != MOOR_JSON_OBJECT_BEGIN) {
        return 0;
    }
    while (moor_json_next(&reader, &token) == MOOR_JSON_KEY) {
        struct moor_label label;
        if (read_text(namespaces, &token, &label.key, err) != 0) {
            return -1;
        }
        enum moor_json_event event = moor_json_next(&reader, &token);
        if (event != MOOR_JSON_STRING) {
            return 0;
        }
        items = moor_arena_grow(&namespaces->arena, items, namespace->label_count, &room,
                                namespace->label_count + 1, sizeof *items);
        if (items == NULL || read_text(namespaces, &token, &label.value, err) != 0) {
            return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the labels of namespaces");
        }
        items[namespace->label_count++] = label;
        namespace->labels = items;
    }
    return 0;
}

int moor_namespaces_add(struct moor_namespaces *namespaces, const struct moor_manifest *manifest,
                        struct moor_error *err)
{
    /*
     * Only the core group has Namespaces that admission knows; other groups can have a kind of this
     * name.
     */
    if (!moor_slice_is(manifest->kind, "Namespace") || manifest->group.len > 0) {
        return 0;
    }
    struct moor_namespace namespace = {0};
    struct moor_namespace *grown =
        moor_arena_grow(&namespaces->arena, namespaces->items, namespaces->count, &namespaces->room,
                        namespaces->count + 1, sizeof *grown);
    if (grown == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the labels of namespaces");
    }
    namespaces->items = grown;
    if (moor_arena_copy(&namespaces->arena, &namespace.name, manifest->name, err) != 0 ||
        read_labels(namespaces, &namespace, manifest->labels, err) != 0) {
        return -1;
    }
    /* The count grows last, so that a Namespace whose labels do not fit is not half known. */
    grown[namespaces->count++] = namespace;
    return 0;
}

/* Adds the Namespaces of one document, up to the first value that is not JSON. */
static int collect_document(struct moor_namespaces *namespaces,
                            const struct moor_document *document, struct moor_arena *arena,
                            struct moor_error *err)
{
    struct moor_manifest_reader reader;
    struct moor_manifest manifest;
    /* Labels were copied, so one arena serves a file with any number of objects. */
    moor_arena_reset(arena);
    moor_manifest_open(&reader, document->text, arena);
    while (moor_manifest_next(&manifest, &reader, NULL) > 0) {
        if (moor_namespaces_add(namespaces, &manifest, err) != 0) {
            return -1;
        }
        moor_arena_reset(arena);
    }
    return 0;
}

int moor_namespaces_collect(struct moor_namespaces *namespaces, struct moor_documents *documents,
                            struct moor_arena *arena, struct moor_error *err)
{
    struct moor_document document;
    struct moor_error passed = {0}; /* The evaluation reads the same file and reports its errors. */
    int status = 0;
    while ((status = moor_documents_next(&document, documents, &passed)) != 0) {
        if (status > 0 && collect_document(namespaces, &document, arena, err) != 0) {
            return -1;
        }
        passed = (struct moor_error){0};
    }
    return 0;
}

const struct moor_namespace *moor_namespaces_find(const struct moor_namespaces *namespaces,
                                                  struct moor_slice name)
{
    /* The last document of a name wins, as if all files were applied in order. */
    for (size_t i = namespaces->count; i > 0; i--) {
        if (moor_slice_equal(namespaces->items[i - 1].name, name)) {
            return &namespaces->items[i - 1];
        }
    }
    return NULL;
}
