/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/object/reader.h"

#include "policy/object/bounds.h"
#include "policy/object/fold.h"
#include "policy/object/frame.h"

/*
 * Maximum length of a text with escapes that is resolved.  A longer text cannot be a valid
 * reference or name even if all of it is escapes, and it is kept unresolved to save memory.
 */
#define LONGEST_RESOLVED ((size_t)6 * 4096)

/* The state of reading an object. */
struct context {
    struct moor_object *object;
    const struct moor_kind *kind;
    const struct moor_annotation_list *annotations;
    uint64_t seen_annotations[MOOR_ANNOTATION_MAX / 64]; /* annotations read in this frame */
    struct moor_json_reader *reader;
    struct moor_arena *arena;
    struct moor_error *err;
    size_t depth; /* number of open frames; the last one is the current */
    struct moor_frame frames[MOOR_PATH_MAX_STEPS];
};

static int fail_on_json(struct context *context)
{
    const struct moor_error *error = &context->reader->error;
    if (context->err != NULL && context->err->code == MOOR_ERROR_NONE) {
        *context->err = *error;
    }
    return -1;
}

static bool is_container(enum moor_json_event event)
{
    return event == MOOR_JSON_OBJECT_BEGIN || event == MOOR_JSON_ARRAY_BEGIN;
}

/* A value without images is not looked at, but its syntax is still checked. */
static int pass_over(struct context *context, enum moor_json_event event)
{
    if (is_container(event) && moor_json_skip_rest(context->reader) != 0) {
        return fail_on_json(context);
    }
    return 0;
}

/* Copies the path of frame number `depth`, followed by `key` unless that is NULL. */
static int keep_path(struct context *context, struct moor_slice *out, size_t depth,
                     const struct moor_slice *key)
{
    return moor_frame_path(out, context->frames, depth, key, context->arena, context->err);
}

/* Only the first malformed value is recorded: one is enough to deny the object. */
static int note_malformed(struct context *context, struct moor_slice key, size_t offset)
{
    if (context->object->malformed.len > 0) {
        return 0;
    }
    context->object->malformed_offset = offset;
    if (context->depth == 0) {
        context->object->malformed = MOOR_SLICE("object");
        return 0;
    }
    return keep_path(context, &context->object->malformed, context->depth, &key);
}

/* Most strings have no escapes, and then the slice points into the body. */
static int resolve(struct context *context, const struct moor_json_token *token,
                   struct moor_slice *out)
{
    if (token->escaped && (token->raw.len > LONGEST_RESOLVED ||
                           !moor_object_has_room(context->object, context->arena))) {
        *out = token->raw;
        return 0;
    }
    return moor_json_token_text(token, context->arena, out, context->err);
}

static int add_image(struct context *context, const struct moor_path_node *leaf,
                     struct moor_slice key, struct moor_slice text, size_t offset)
{
    struct moor_object *object = context->object;
    context->frames[context->depth - 1].has_image = true;
    object->image_total++;
    if (object->image_count == MOOR_OBJECT_MAX_IMAGES ||
        !moor_object_has_room(context->object, context->arena)) {
        return 0;
    }
    struct moor_object_image *grown =
        moor_arena_grow(context->arena, object->images, object->image_count, &object->image_room,
                        object->image_count + 1, sizeof *object->images);
    if (grown == NULL) {
        return moor_error_set(context->err, MOOR_ERROR_MEMORY, "no memory for %zu images",
                              object->image_count + 1);
    }
    object->images = grown;
    struct moor_object_image *image = &grown[object->image_count];
    *image = (struct moor_object_image){.text = text, .offset = offset};
    const struct moor_frame_leaf step = {leaf, key};
    if (moor_frame_place(image, context->frames, context->depth, &step, context->arena,
                         context->err) != 0) {
        return -1;
    }
    object->image_count++;
    return 0;
}

/*
 * A frame inherits the field and the expression of the frame around it: `initContainers` is said
 * once in the path, and each image in it belongs there.
 */
static int open_frame(struct context *context, const struct moor_path_node *node,
                      struct moor_slice key, bool is_array, size_t offset)
{
    if (context->depth == MOOR_PATH_MAX_STEPS) {
        return moor_error_set(context->err, MOOR_ERROR_LIMIT, "a path has more than %d steps",
                              MOOR_PATH_MAX_STEPS);
    }
    static const struct moor_frame root = {.field = MOOR_FIELD_CONTAINERS};
    const struct moor_frame *outer =
        context->depth > 0 ? &context->frames[context->depth - 1] : &root;
    context->frames[context->depth++] = (struct moor_frame){
        .node = node,
        .key = key,
        .is_array = is_array,
        .offset = offset,
        .field = node->sets_field ? node->field : outer->field,
        .expression = node->expression != 0 ? node->expression : outer->expression,
        .first_image = context->object->image_count,
    };
    return 0;
}

/*
 * Annotations of one image, such as a name and its tag, may come in any order, so they are joined
 * when all were read.
 */
static int settle(struct context *context, size_t first)
{
    memset(context->seen_annotations, 0, sizeof context->seen_annotations);
    return moor_annotation_settle(context->object, first, context->arena, context->err);
}

/* The `name` of a container may follow its image, so images get their name when the frame closes.
 */
static void close_frame(struct context *context)
{
    struct moor_object *object = context->object;
    const struct moor_frame *frame = &context->frames[--context->depth];
    for (size_t i = frame->first_image; frame->name.ptr != NULL && i < object->image_count; i++) {
        if (object->images[i].name.ptr == NULL) {
            object->images[i].name = frame->name;
        }
    }
    moor_frame_set_owner(object, frame);
}

/* Adds the image whose repository and tag are two members of the current frame. */
static int add_halves(struct context *context)
{
    const struct moor_frame *frame = &context->frames[context->depth - 1];
    struct moor_object *object = context->object;
    size_t before = object->image_count;
    enum moor_image_form form;
    struct moor_slice text;
    /* Counted and not kept: an object with more images than were kept is denied. */
    if (!moor_object_has_room(object, context->arena)) {
        object->image_total++;
        return 0;
    }
    if (moor_frame_join(&text, &form, frame, context->arena, context->err) != 0 ||
        add_image(context, frame->half, (struct moor_slice){0}, text, frame->half_offset) != 0) {
        return -1;
    }
    if (object->image_count > before) {
        object->images[before].form = form;
    }
    return 0;
}

/* A holder without an image becomes an image with an empty text, which the caller evaluates. */
static int leave(struct context *context)
{
    const struct moor_frame *frame = &context->frames[context->depth - 1];
    if (frame->node->role == MOOR_PATH_HOLDER && !frame->has_image &&
        add_image(context, NULL, (struct moor_slice){0}, (struct moor_slice){0}, frame->offset) !=
            0) {
        return -1;
    }
    if (frame->half != NULL && add_halves(context) != 0) {
        return -1;
    }
    if (frame->node->role == MOOR_PATH_ANNOTATIONS && settle(context, frame->first_image) != 0) {
        return -1;
    }
    /* Last, because the images that were added here get the name of the frame. */
    close_frame(context);
    return 0;
}

static int take_text(struct context *context, const struct moor_path_node *node,
                     struct moor_slice key, const struct moor_json_token *token)
{
    struct moor_slice text;
    if (resolve(context, token, &text) != 0) {
        return -1;
    }
    struct moor_frame *frame = &context->frames[context->depth - 1];
    if (node->role == MOOR_PATH_IMAGE) {
        return add_image(context, node, key, text, token->offset);
    }
    if (node->role == MOOR_PATH_REPOSITORY || node->role == MOOR_PATH_TAG) {
        moor_frame_set_half(frame, node, text, token->offset);
        return 0;
    }
    *(node->role == MOOR_PATH_NAME            ? &frame->name
      : node->role == MOOR_PATH_GENERATE_NAME ? &context->object->generate_name
      : node->role == MOOR_PATH_OWNER_VERSION ? &frame->version
                                              : &frame->kind) = text;
    return 0;
}

/* A leaf of the tree.  Its value is taken if it has the type that its role requires. */
static int take_leaf(struct context *context, const struct moor_path_node *node,
                     struct moor_slice key, enum moor_json_event event,
                     const struct moor_json_token *token)
{
    switch (node->role) {
    case MOOR_PATH_DELETION_TIMESTAMP:
        context->object->is_deleting = true;
        return pass_over(context, event);
    case MOOR_PATH_MIRROR:
        /*
         * Any value counts, as for the API server, which only looks whether the annotation exists.
         */
        context->object->is_mirror = true;
        return pass_over(context, event);
    case MOOR_PATH_OWNER_CONTROLLER:
        context->frames[context->depth - 1].is_controller = event == MOOR_JSON_TRUE;
        return pass_over(context, event);
    case MOOR_PATH_IMAGE:
    case MOOR_PATH_REPOSITORY:
    case MOOR_PATH_TAG:
    case MOOR_PATH_NAME:
    case MOOR_PATH_GENERATE_NAME:
    case MOOR_PATH_OWNER_KIND:
    case MOOR_PATH_OWNER_VERSION:
    case MOOR_PATH_STEP:
    case MOOR_PATH_HOLDER:
    case MOOR_PATH_ANNOTATIONS:
    case MOOR_PATH_OWNER:
        break;
    }
    if (event == MOOR_JSON_STRING) {
        return take_text(context, node, key, token);
    }
    /* A holder with a malformed image does not lack one: it is reported as malformed instead. */
    if (node->role == MOOR_PATH_IMAGE) {
        context->frames[context->depth - 1].has_image = true;
        context->object->image_lists += event == MOOR_JSON_ARRAY_BEGIN;
        context->object->image_mappings += event == MOOR_JSON_OBJECT_BEGIN;
    }
    return note_malformed(context, key, token->offset) != 0 ? -1 : pass_over(context, event);
}

/* Opens the value if it has children, and otherwise takes it as a leaf. */
static int take_value(struct context *context, const struct moor_path_node *node,
                      struct moor_slice key, enum moor_json_event event,
                      const struct moor_json_token *token)
{
    /*
     * Go's decoder leaves a field as it is for null, so that null is the same as an absent member.
     */
    if (event == MOOR_JSON_NULL) {
        return 0;
    }
    if (node->child_count == 0) {
        return take_leaf(context, node, key, event, token);
    }
    bool wants_array = node->children[0].step == MOOR_PATH_ANY_ITEM;
    if (event == (wants_array ? MOOR_JSON_ARRAY_BEGIN : MOOR_JSON_OBJECT_BEGIN)) {
        return open_frame(context, node, key, wants_array, token->offset);
    }
    return note_malformed(context, key, token->offset) != 0 ? -1 : pass_over(context, event);
}

static const struct moor_path_node *find_child(const struct moor_path_node *node,
                                               const struct moor_json_token *key)
{
    for (size_t i = 0; i < node->child_count; i++) {
        const struct moor_path_node *child = &node->children[i];
        if (child->step == MOOR_PATH_ANY_MEMBER || moor_json_token_is(key, child->key)) {
            return child;
        }
    }
    return NULL;
}

/* Finds the child for an object that the API server stores unchanged: Go ignores the case. */
static const struct moor_path_node *find_folded_child(const struct moor_path_node *node,
                                                      struct moor_slice key)
{
    for (size_t i = 0; i < node->child_count; i++) {
        const struct moor_path_node *child = &node->children[i];
        if (child->step == MOOR_PATH_ANY_MEMBER || moor_fold_equal(key, child->key)) {
            return child;
        }
    }
    return NULL;
}

/* Finds the child for the member; `*out` is NULL if there is none. */
static int find_member(struct context *context, const struct moor_path_node **out,
                       const struct moor_json_token *key)
{
    const struct moor_path_node *node = context->frames[context->depth - 1].node;
    *out = NULL;
    /* A member that is not compared is skipped, and the object is marked as too large. */
    if (!moor_object_may_compare(context->object, node->child_count)) {
        return 0;
    }
    if (!context->kind->is_raw) {
        *out = find_child(node, key);
        return 0;
    }
    struct moor_slice text;
    if (resolve(context, key, &text) != 0) {
        return -1;
    }
    *out = find_folded_child(node, text);
    return 0;
}

/* A duplicate is an error, because the API server takes the last of two members, others the first.
 */
static int mark_seen(struct context *context, const struct moor_path_node *child)
{
    struct moor_frame *frame = &context->frames[context->depth - 1];
    uint64_t bit = UINT64_C(1) << (unsigned)(child - frame->node->children);
    if (child->step == MOOR_PATH_MEMBER && (frame->seen & bit) != 0) {
        return moor_error_set(context->err, MOOR_ERROR_VALUE, "duplicate member '%.*s'",
                              MOOR_SLICE_ARGS(child->key));
    }
    frame->seen |= bit;
    return 0;
}

/* Takes an annotation from which an injector takes an image. */
static int take_annotation(struct context *context, const struct moor_annotation *annotation,
                           struct moor_slice key)
{
    static const struct moor_path_node leaf = {.role = MOOR_PATH_IMAGE};
    struct moor_object *object = context->object;
    size_t count = object->image_count;
    struct moor_json_token token;
    if (moor_annotation_mark(context->seen_annotations, context->annotations, annotation,
                             context->err) != 0) {
        return -1;
    }
    enum moor_json_event event = moor_json_next(context->reader, &token);
    if (event == MOOR_JSON_ERROR) {
        return fail_on_json(context);
    }
    if (take_value(context, &leaf, key, event, &token) != 0) {
        return -1;
    }
    return object->image_count == count ? 0
                                        : moor_annotation_name(&object->images[count], annotation,
                                                               key, context->arena, context->err);
}

/* A member without a child in the tree is skipped, unless it is an annotation of the list. */
static int take_other(struct context *context, const struct moor_json_token *token)
{
    const struct moor_annotation *annotation = NULL;
    struct moor_slice key;
    if (context->frames[context->depth - 1].node->role == MOOR_PATH_ANNOTATIONS &&
        moor_object_may_compare(context->object,
                                context->annotations != NULL ? context->annotations->count : 0)) {
        if (resolve(context, token, &key) != 0) {
            return -1;
        }
        annotation = moor_annotation_find(context->annotations, key);
    }
    if (annotation != NULL) {
        return take_annotation(context, annotation, key);
    }
    return moor_json_skip(context->reader, NULL) != 0 ? fail_on_json(context) : 0;
}

static int take_member(struct context *context, const struct moor_json_token *key)
{
    const struct moor_path_node *child = NULL;
    if (find_member(context, &child, key) != 0) {
        return -1;
    }
    if (child == NULL) {
        return take_other(context, key);
    }
    struct moor_slice name = child->key;
    if (mark_seen(context, child) != 0 ||
        (child->step == MOOR_PATH_ANY_MEMBER && resolve(context, key, &name) != 0)) {
        return -1;
    }
    struct moor_json_token token;
    enum moor_json_event event = moor_json_next(context->reader, &token);
    return event == MOOR_JSON_ERROR ? fail_on_json(context)
                                    : take_value(context, child, name, event, &token);
}

static int take_item(struct context *context, enum moor_json_event event,
                     const struct moor_json_token *token)
{
    struct moor_frame *frame = &context->frames[context->depth - 1];
    size_t depth = context->depth;
    int status =
        take_value(context, &frame->node->children[0], (struct moor_slice){0}, event, token);
    /* An item that was opened here is counted when its frame closes. */
    if (context->depth == depth) {
        frame->index++;
    }
    return status;
}

static int take_event(struct context *context, enum moor_json_event event,
                      const struct moor_json_token *token)
{
    switch (event) {
    case MOOR_JSON_KEY:
        return take_member(context, token);
    case MOOR_JSON_OBJECT_END:
    case MOOR_JSON_ARRAY_END:
        if (leave(context) != 0) {
            return -1;
        }
        if (context->depth > 0 && context->frames[context->depth - 1].is_array) {
            context->frames[context->depth - 1].index++;
        }
        return 0;
    case MOOR_JSON_ERROR:
    case MOOR_JSON_END:
        return fail_on_json(context);
    case MOOR_JSON_OBJECT_BEGIN:
    case MOOR_JSON_ARRAY_BEGIN:
    case MOOR_JSON_STRING:
    case MOOR_JSON_NUMBER:
    case MOOR_JSON_TRUE:
    case MOOR_JSON_FALSE:
    case MOOR_JSON_NULL:
        break;
    }
    return take_item(context, event, token);
}

int moor_object_read(struct moor_object *out, struct moor_json_reader *reader,
                     const struct moor_kind *kind, const struct moor_annotation_list *annotations,
                     struct moor_arena *arena, struct moor_error *err)
{
    /* A frame is initialized when it is opened; zeroing all of them costs more than small objects.
     */
    __attribute__((uninitialized)) struct context context;
    context.object = out;
    context.kind = kind;
    context.annotations = annotations;
    memset(context.seen_annotations, 0, sizeof context.seen_annotations);
    context.reader = reader;
    context.arena = arena;
    context.err = err;
    context.depth = 0;
    *out = (struct moor_object){0};
    struct moor_json_token token;
    enum moor_json_event event = moor_json_next(reader, &token);
    if (event == MOOR_JSON_ERROR) {
        return fail_on_json(&context);
    }
    out->is_present = event != MOOR_JSON_NULL;
    if (take_value(&context, kind->root, (struct moor_slice){0}, event, &token) != 0) {
        return -1;
    }
    while (context.depth > 0) {
        event = moor_json_next(reader, &token);
        if (take_event(&context, event, &token) != 0) {
            return -1;
        }
    }
    return 0;
}
