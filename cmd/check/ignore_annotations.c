/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/check/ignore_annotations.h"

#include "policy/json/reader.h"

#define ARENA_MAX ((size_t)64 * 1024 * 1024)
#define NAME      MOOR_SLICE(MOOR_IGNORE_ANNOTATION)

/* The roles of an open object or array. */
enum role {
    ROLE_OTHER,
    ROLE_METADATA,   /* the value of `metadata` */
    ROLE_ANNOTATIONS /* `annotations` in it */
};

struct level {
    size_t start; /* offset of the bracket */
    enum role role;
    size_t annotation; /* index of its annotation, plus 1; 0: none */
};

/* The reading of one object. */
struct context {
    struct moor_ignore_annotations *out;
    struct moor_json_reader reader;
    struct moor_json_token token;
    struct level *levels;
    size_t depth;
    size_t room;
    enum role next;  /* the role of the value after the last key */
    bool is_ignored; /* the last key is the annotation */
};

void moor_ignore_annotations_init(struct moor_ignore_annotations *out)
{
    *out = (struct moor_ignore_annotations){0};
    moor_arena_init(&out->arena, ARENA_MAX);
}

void moor_ignore_annotations_release(struct moor_ignore_annotations *annotations)
{
    moor_arena_release(&annotations->arena);
}

static void on_key(struct context *context)
{
    const struct level *level = &context->levels[context->depth - 1];
    const struct moor_json_token *token = &context->token;
    bool is_metadata = level->role == ROLE_METADATA;
    context->next = moor_json_token_is(token, MOOR_SLICE("metadata")) ? ROLE_METADATA
                    : is_metadata && moor_json_token_is(token, MOOR_SLICE("annotations"))
                        ? ROLE_ANNOTATIONS
                        : ROLE_OTHER;
    context->is_ignored = level->role == ROLE_ANNOTATIONS && moor_json_token_is(token, NAME);
}

static int on_begin(struct context *context, struct moor_error *err)
{
    struct level *grown = moor_arena_grow(&context->out->arena, context->levels, context->depth,
                                          &context->room, context->depth + 1, sizeof *grown);
    if (grown == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the annotations");
    }
    context->levels = grown;
    grown[context->depth++] = (struct level){.start = context->token.offset, .role = context->next};
    return 0;
}

static void on_end(struct context *context)
{
    const struct level *level = &context->levels[--context->depth];
    if (level->annotation > 0) {
        context->out->items[level->annotation - 1].end =
            (size_t)(context->reader.at - context->reader.start);
    }
}

/* The holder is two levels above: the annotations are in its metadata. */
static int on_annotation(struct context *context, bool is_text, struct moor_error *err)
{
    struct moor_ignore_annotations *out = context->out;
    struct level *holder = &context->levels[context->depth - 3];
    struct moor_slice text = {0};
    if (out->count == MOOR_IGNORE_ANNOTATIONS_MAX) {
        return moor_error_set(err, MOOR_ERROR_LIMIT,
                              "the object has more than %d annotations '%s': use one for the whole "
                              "object",
                              MOOR_IGNORE_ANNOTATIONS_MAX, MOOR_IGNORE_ANNOTATION);
    }
    if (is_text && moor_json_token_text(&context->token, &out->arena, &text, err) != 0) {
        return -1;
    }
    struct moor_ignore_annotation *annotation = &out->items[out->count++];
    *annotation = (struct moor_ignore_annotation){
        .start = holder->start, .end = SIZE_MAX, .offset = context->token.offset};
    holder->annotation = out->count;
    while (text.len > 0 && (unsigned char)text.ptr[0] <= ' ') {
        text = moor_slice_sub(text, 1, text.len);
    }
    return moor_arena_copy(&out->arena, &annotation->reason, text, err);
}

static int take(struct context *context, enum moor_json_event event, struct moor_error *err)
{
    bool is_begin = event == MOOR_JSON_OBJECT_BEGIN || event == MOOR_JSON_ARRAY_BEGIN;
    if (event == MOOR_JSON_KEY) {
        on_key(context);
        return 0;
    }
    if (event == MOOR_JSON_OBJECT_END || event == MOOR_JSON_ARRAY_END) {
        on_end(context);
        return 0;
    }
    int status = context->is_ignored && context->depth > 2
                     ? on_annotation(context, event == MOOR_JSON_STRING, err)
                     : 0;
    status = status == 0 && is_begin ? on_begin(context, err) : status;
    context->is_ignored = false;
    context->next = ROLE_OTHER;
    return status;
}

int moor_ignore_annotations_read(struct moor_ignore_annotations *out, struct moor_slice json,
                                 struct moor_error *err)
{
    struct context context = {.out = out};
    enum moor_json_event event = MOOR_JSON_ERROR;
    out->count = 0;
    moor_arena_reset(&out->arena);
    /* A key can have escapes, so the search is for the part that no writer escapes. */
    if (json.len == 0 || memmem(json.ptr, json.len, "tagmoor.dev", 11) == NULL) {
        return 0;
    }
    moor_json_reader_init(&context.reader, json);
    while ((event = moor_json_next(&context.reader, &context.token)) > MOOR_JSON_END) {
        if (take(&context, event, err) != 0) {
            return -1;
        }
    }
    return 0;
}

struct moor_ignore_annotation *moor_ignore_annotations_find(
    struct moor_ignore_annotations *annotations, size_t offset)
{
    struct moor_ignore_annotation *found = NULL;
    for (size_t i = 0; i < annotations->count; i++) {
        struct moor_ignore_annotation *annotation = &annotations->items[i];
        if (offset >= annotation->start && offset < annotation->end &&
            (found == NULL || annotation->start > found->start)) {
            found = annotation;
        }
    }
    return found;
}
