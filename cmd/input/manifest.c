/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/manifest.h"
#include "policy/base/array_size.h"

struct head {
    struct moor_manifest *out;
    struct moor_json_reader reader;
    struct moor_arena *arena;
    struct moor_error *err;
    struct moor_slice generate_name;
};

/* A member that the reader needs, and the function that takes its value. */
struct member {
    struct moor_slice key;
    int (*take)(struct head *head);
};

#define MEMBER(name, function)                  \
    {                                           \
        {"" name, sizeof(name) - 1}, (function) \
    }

static int fail(struct head *head)
{
    return moor_error_set(head->err, head->reader.error.code, "%s", head->reader.error.text);
}

/*
 * Reads a text.  A value of another type counts as absent here: the API server rejects such an
 * object, and tagmoor's evaluation of the kind reports it.
 */
static int take_text(struct head *head, struct moor_slice *out)
{
    struct moor_json_token token;
    enum moor_json_event event = moor_json_next(&head->reader, &token);
    if (event == MOOR_JSON_ERROR) {
        return fail(head);
    }
    if (event == MOOR_JSON_OBJECT_BEGIN || event == MOOR_JSON_ARRAY_BEGIN) {
        return moor_json_skip_rest(&head->reader) == 0 ? 0 : fail(head);
    }
    return event == MOOR_JSON_STRING ? moor_json_token_text(&token, head->arena, out, head->err)
                                     : 0;
}

/* Unknown members are skipped but parsed, so that the whole object is known to be JSON. */
static int take_members(struct head *head, const struct member *members, size_t count)
{
    struct moor_json_token token;
    enum moor_json_event event = MOOR_JSON_ERROR;
    while ((event = moor_json_next(&head->reader, &token)) == MOOR_JSON_KEY) {
        const struct member *member = NULL;
        for (size_t i = 0; member == NULL && i < count; i++) {
            member = moor_json_token_is(&token, members[i].key) ? &members[i] : NULL;
        }
        if (member != NULL ? member->take(head) != 0
                           : moor_json_skip(&head->reader, NULL) != 0 && fail(head) != 0) {
            return -1;
        }
    }
    return event == MOOR_JSON_OBJECT_END ? 0 : fail(head);
}

static int take_api_version(struct head *head)
{
    struct moor_slice version = {0};
    if (take_text(head, &version) != 0) {
        return -1;
    }
    const char *slash = version.len > 0 ? memchr(version.ptr, '/', version.len) : NULL;
    head->out->has_api_version = version.len > 0;
    head->out->group =
        moor_slice_sub(version, 0, slash != NULL ? (size_t)(slash - version.ptr) : 0);
    return 0;
}

static int take_kind(struct head *head)
{
    return take_text(head, &head->out->kind);
}

static int take_name(struct head *head)
{
    return take_text(head, &head->out->name);
}

static int take_generate_name(struct head *head)
{
    return take_text(head, &head->generate_name);
}

static int take_namespace(struct head *head)
{
    return take_text(head, &head->out->namespace);
}

/* Labels are kept as JSON: only Namespaces need them parsed. */
static int take_labels(struct head *head)
{
    return moor_json_skip(&head->reader, &head->out->labels) == 0 ? 0 : fail(head);
}

static int take_owners(struct head *head)
{
    return moor_json_skip(&head->reader, &head->out->owners) == 0 ? 0 : fail(head);
}

static int take_metadata(struct head *head)
{
    static const struct member members[] = {
        MEMBER("name", take_name),
        MEMBER("generateName", take_generate_name),
        MEMBER("namespace", take_namespace),
        MEMBER("labels", take_labels),
        MEMBER("ownerReferences", take_owners),
    };
    struct moor_json_token token;
    enum moor_json_event event = moor_json_next(&head->reader, &token);
    head->out->has_metadata = event == MOOR_JSON_OBJECT_BEGIN;
    if (event == MOOR_JSON_OBJECT_BEGIN) {
        return take_members(head, members, MOOR_ARRAY_SIZE(members));
    }
    if (event == MOOR_JSON_ARRAY_BEGIN && moor_json_skip_rest(&head->reader) != 0) {
        return fail(head);
    }
    return event == MOOR_JSON_ERROR ? fail(head) : 0;
}

/* Only the presence of a mapping matters: the images are read later, by the kind. */
static int take_spec(struct head *head)
{
    struct moor_slice *spec = &head->out->spec;
    int status = moor_json_skip(&head->reader, spec);
    head->out->has_spec = status == 0 && spec->ptr[0] == '{';
    return status == 0 ? 0 : fail(head);
}

static int take_status(struct head *head)
{
    return moor_json_skip(&head->reader, &head->out->status) == 0 ? 0 : fail(head);
}

/* Go programs encode an empty list as null, so `items: null` is not an error. */
static int take_items(struct head *head)
{
    int status = moor_json_skip(&head->reader, &head->out->items);
    head->out->has_items = status == 0 && head->out->items.ptr[0] != 'n';
    return status == 0 ? 0 : fail(head);
}

/* The API server names each list kind with this ending; a kind such as `MyList` can lack items. */
static bool is_list(const struct moor_manifest *manifest)
{
    static const struct moor_slice ending = {"List", 4};
    struct moor_slice kind = manifest->kind;
    return manifest->items.len > 0 && manifest->items.ptr[0] == '[' && kind.len >= ending.len &&
           moor_slice_equal(moor_slice_sub(kind, kind.len - ending.len, kind.len), ending);
}

/* Reads the head of an object, and checks all of its text to be JSON. */
static int read_head(struct moor_manifest *out, struct moor_manifest_reader *reader,
                     struct moor_slice json, struct moor_error *err)
{
    static const struct member members[] = {
        MEMBER("apiVersion", take_api_version), MEMBER("kind", take_kind),
        MEMBER("metadata", take_metadata),      MEMBER("spec", take_spec),
        MEMBER("status", take_status),          MEMBER("items", take_items),
    };
    struct head head = {.out = out, .arena = reader->arena, .err = err};
    struct moor_json_token token;
    *out = (struct moor_manifest){.json = json};
    moor_json_reader_init(&head.reader, json);
    int status = 0;
    enum moor_json_event event = moor_json_next(&head.reader, &token);
    if (event == MOOR_JSON_OBJECT_BEGIN) {
        out->is_object = true;
        status = take_members(&head, members, MOOR_ARRAY_SIZE(members));
    } else if (event == MOOR_JSON_ARRAY_BEGIN) {
        status = moor_json_skip_rest(&head.reader) == 0 ? 0 : fail(&head);
    } else if (event == MOOR_JSON_ERROR) {
        status = fail(&head);
    }
    out->is_null = event == MOOR_JSON_NULL;
    if (status == 0 && moor_json_next(&head.reader, &token) != MOOR_JSON_END) {
        status = fail(&head);
    }
    if (status != 0) {
        size_t at = head.reader.error.code != MOOR_ERROR_NONE
                        ? head.reader.error.offset
                        : (size_t)(head.reader.at - head.reader.start);
        reader->error_offset = (size_t)(json.ptr - reader->document.ptr) + at;
        return -1;
    }
    /* `kubectl create` accepts an object that has only generateName. */
    if (out->name.len == 0) {
        out->name = head.generate_name;
    }
    if (!is_list(out)) {
        out->items = (struct moor_slice){0};
    }
    return 0;
}

void moor_manifest_open(struct moor_manifest_reader *reader, struct moor_slice document,
                        struct moor_arena *arena)
{
    reader->document = document;
    reader->arena = arena;
    reader->is_started = false;
    reader->has_lists = false;
    reader->depth = 0;
    reader->error_offset = 0;
}

/* Stores what the items of this list inherit.  It borrows from the document, never from the arena.
 */
static int open_list(struct moor_manifest_reader *reader, const struct moor_manifest *list,
                     struct moor_error *err)
{
    if (reader->depth == MOOR_MANIFEST_MAX_NESTING) {
        reader->error_offset = (size_t)(list->json.ptr - reader->document.ptr);
        return moor_error_set(err, MOOR_ERROR_LIMIT, "lists are nested deeper than %d levels",
                              MOOR_MANIFEST_MAX_NESTING);
    }
    reader->has_lists = true;
    struct moor_manifest_level *level = &reader->levels[reader->depth++];
    struct moor_json_token token;
    const char *start = reader->document.ptr;
    /* A text with escapes lives in the arena, which is reset before the next object. */
    bool is_kept = list->kind.ptr >= start && list->kind.ptr < start + reader->document.len &&
                   (list->group.len == 0 ||
                    (list->group.ptr >= start && list->group.ptr < start + reader->document.len));
    bool is_typed = is_kept && list->kind.len > sizeof "List" - 1;
    level->kind = is_typed ? moor_slice_sub(list->kind, 0, list->kind.len - (sizeof "List" - 1))
                           : (struct moor_slice){0};
    level->group = is_typed ? list->group : (struct moor_slice){0};
    level->has_api_version = is_typed && list->has_api_version;
    moor_json_reader_init(&level->items, list->items);
    (void)moor_json_next(&level->items, &token);
    return 0;
}

/* Items of a typed list (`DeploymentList`) have no kind of their own in answers of the API server.
 */
static void inherit(struct moor_manifest *out, const struct moor_manifest_level *level)
{
    if (out->kind.len == 0 && !out->has_api_version && level->kind.len > 0) {
        out->kind = level->kind;
        out->group = level->group;
        out->has_api_version = level->has_api_version;
    }
}

int moor_manifest_next(struct moor_manifest *out, struct moor_manifest_reader *reader,
                       struct moor_error *err)
{
    for (;;) {
        struct moor_slice json = reader->document;
        struct moor_manifest_level *level =
            reader->depth > 0 ? &reader->levels[reader->depth - 1] : NULL;
        if (level == NULL && reader->is_started) {
            return 0;
        }
        reader->is_started = true;
        /* The list was parsed completely with its head, so only its end can fail here. */
        if (level != NULL && moor_json_skip(&level->items, &json) != 0) {
            reader->depth--;
            continue;
        }
        if (read_head(out, reader, json, err) != 0) {
            return -1;
        }
        if (level != NULL) {
            inherit(out, level);
        }
        if (out->items.len == 0) {
            return 1;
        }
        if (open_list(reader, out, err) != 0) {
            return -1;
        }
    }
}

bool moor_manifest_is_kubernetes(const struct moor_manifest *manifest)
{
    /*
     * A Status is an answer of the API server, which a saved output can contain, and no object of a
     * cluster.
     */
    return manifest->kind.len > 0 &&
           !(manifest->group.len == 0 && moor_slice_is(manifest->kind, "Status"));
}

bool moor_manifest_is_of(const struct moor_manifest *manifest, struct moor_slice namespace)
{
    /* A Namespace has no namespace, but belongs to the one that it names. */
    bool is_itself = manifest->group.len == 0 && moor_slice_is(manifest->kind, "Namespace");
    return namespace.len == 0 ||
           moor_slice_equal(is_itself ? manifest->name : manifest->namespace, namespace);
}
