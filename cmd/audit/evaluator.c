/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/audit/evaluator.h"

#include "policy/base/array_size.h"
#include "webhook/admission/review_decode.h"

#include <string.h>

int moor_evaluator_init(struct moor_evaluator *out, const struct moor_policy *policy,
                        size_t max_bytes, struct moor_error *err)
{
    *out = (struct moor_evaluator){.policy = policy};
    if (moor_workspace_init(&out->workspace, err) != 0) {
        return -1;
    }
    return moor_old_objects_init(&out->old, max_bytes, err);
}

void moor_evaluator_release(struct moor_evaluator *evaluator)
{
    if (evaluator->policy != NULL) {
        moor_old_objects_release(&evaluator->old);
        moor_workspace_release(&evaluator->workspace);
    }
}

/* --- images that a patch cannot have changed -------------------------------------------------- */

static bool contains(struct moor_slice text, struct moor_slice part)
{
    return part.len > 0 && memmem(text.ptr, text.len, part.ptr, part.len) != NULL;
}

/*
 * Returns whether the patch leaves the image as it was.  A patch that sets an image contains its
 * text, unless it has escapes.  A JSON patch, a list, can also copy an image or rename its
 * container.  The text of an image in an annotation is made of parts.
 */
static bool is_untouched(struct moor_slice patch, const struct moor_object_image *image)
{
    bool is_list = patch.ptr[0] == '[';
    return image->annotation == NULL && !contains(patch, image->text) &&
           !contains(patch, MOOR_SLICE("\\u")) && !contains(patch, MOOR_SLICE("\\/")) &&
           !(is_list && (contains(patch, MOOR_SLICE("\"copy\"")) ||
                         contains(patch, MOOR_SLICE("\"move\"")) || contains(patch, image->name)));
}

/* Sets `*out` to the images that the old object certainly had.  Returns false without memory. */
static bool collect_certain(struct moor_object *out, const struct moor_evaluator *evaluator,
                            const struct moor_review_source *source, struct moor_arena *arena)
{
    const struct moor_object *object = &evaluator->request.object;
    struct moor_slice patch = source->event->request_object;
    *out = (struct moor_object){.is_present = true};
    if (source->verb != MOOR_REVIEW_PATCH || patch.len == 0 || object->image_count == 0) {
        return true;
    }
    out->images = moor_arena_alloc(arena, object->image_count * sizeof *out->images);
    if (out->images == NULL) {
        return false;
    }
    for (size_t i = 0; i < object->image_count; i++) {
        if (is_untouched(patch, &object->images[i])) {
            out->images[out->image_count++] = object->images[i];
        }
    }
    out->image_total = out->image_count;
    return true;
}

/* --- evaluating ------------------------------------------------------------------------------- */

static enum moor_undecided undecided_by(const struct moor_error *err)
{
    return err->code == MOOR_ERROR_MEMORY ? MOOR_UNDECIDED_TOO_LARGE : MOOR_UNDECIDED_MALFORMED;
}

static enum moor_undecided judge(struct moor_evaluator *evaluator, struct moor_verdict *out,
                                 const struct moor_judge_context *context)
{
    struct moor_error err = {0};
    return moor_judge(out, evaluator->policy, &evaluator->request, context, &evaluator->workspace,
                      &err) == 0
               ? MOOR_UNDECIDED_NOT
               : undecided_by(&err);
}

static enum moor_undecided without_object(const struct moor_review_source *source)
{
    return source->event->is_truncated ? MOOR_UNDECIDED_TRUNCATED
           : source->verb == MOOR_REVIEW_PATCH && !moor_event_succeeded(source->event) &&
                   source->event->request_object.len > 0
               ? MOOR_UNDECIDED_PATCH_FAILED
               : MOOR_UNDECIDED_NO_OBJECT;
}

/* Returns whether both verdicts decide all images alike. */
static bool is_same(const struct moor_verdict *left, const struct moor_verdict *right)
{
    if (left->worst != right->worst || left->fault != right->fault ||
        left->image_count != right->image_count) {
        return false;
    }
    for (size_t i = 0; i < left->image_count; i++) {
        if (left->images[i].decision != right->images[i].decision) {
            return false;
        }
    }
    return true;
}

/*
 * Evaluates the update as if the old object had all images, and as if it had only those that it
 * certainly had.  All other cases are between these.
 */
static enum moor_undecided judge_both(struct moor_evaluator *evaluator,
                                      const struct moor_review_source *source,
                                      const struct moor_judge_context *context,
                                      enum moor_undecided otherwise)
{
    struct moor_request *request = &evaluator->request;
    struct moor_verdict unchanged;
    request->old_object = request->object;
    enum moor_undecided undecided = judge(evaluator, &unchanged, context);
    if (undecided != MOOR_UNDECIDED_NOT) {
        return undecided;
    }
    if (!collect_certain(&request->old_object, evaluator, source, &evaluator->workspace.arena)) {
        return MOOR_UNDECIDED_TOO_LARGE;
    }
    undecided = judge(evaluator, &evaluator->verdict, context);
    return undecided != MOOR_UNDECIDED_NOT || is_same(&unchanged, &evaluator->verdict) ? undecided
                                                                                       : otherwise;
}

static enum moor_undecided judge_update(struct moor_evaluator *evaluator,
                                        const struct moor_review_source *source,
                                        struct moor_slice key,
                                        const struct moor_judge_context *context)
{
    static const enum moor_undecided reasons[] = {
        [MOOR_OLD_OBJECTS_FOUND] = MOOR_UNDECIDED_NOT,
        [MOOR_OLD_OBJECTS_UNKNOWN] = MOOR_UNDECIDED_OLD_UNKNOWN,
        [MOOR_OLD_OBJECTS_LOST] = MOOR_UNDECIDED_OLD_LOST,
        [MOOR_OLD_OBJECTS_LATER] = MOOR_UNDECIDED_OLD_LATER,
    };
    enum moor_old_objects_found found =
        moor_old_objects_find(&evaluator->old, &evaluator->request.old_object, key,
                              source->event->time, &evaluator->workspace.arena);
    return found == MOOR_OLD_OBJECTS_FOUND ? judge(evaluator, &evaluator->verdict, context)
                                           : judge_both(evaluator, source, context, reasons[found]);
}

void moor_evaluator_clear(struct moor_evaluator *evaluator)
{
    moor_arena_reset(&evaluator->workspace.arena);
    evaluator->request = (struct moor_request){0};
    evaluator->verdict = (struct moor_verdict){0};
}

enum moor_undecided moor_evaluator_read(struct moor_evaluator *evaluator, struct moor_slice body)
{
    struct moor_slice uid = {0};
    struct moor_error err = {0};
    moor_evaluator_clear(evaluator);
    if (moor_review_decode(&evaluator->request, &uid, body, evaluator->policy,
                           &evaluator->workspace.arena, &err) != 0) {
        evaluator->request = (struct moor_request){0};
        return undecided_by(&err);
    }
    return MOOR_UNDECIDED_NOT;
}

enum moor_undecided moor_evaluator_run(struct moor_evaluator *evaluator,
                                       const struct moor_review_source *source,
                                       struct moor_slice key,
                                       const struct moor_judge_context *context)
{
    enum moor_scope scope = moor_request_scope(&evaluator->request);
    if (scope == MOOR_SCOPE_NO_OBJECT) {
        return without_object(source);
    }
    return scope == MOOR_SCOPE_JUDGE && moor_review_is_update(source)
               ? judge_update(evaluator, source, key, context)
               : judge(evaluator, &evaluator->verdict, context);
}

/* --- learning --------------------------------------------------------------------------------- */

/* Subresources whose requests are answered with the whole object. */
static bool answers_object(struct moor_slice subresource)
{
    static const char *const names[] = {"", "status", "ephemeralcontainers", "resize"};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(names); i++) {
        if (moor_slice_is(subresource, names[i])) {
            return true;
        }
    }
    return false;
}

/* Returns whether the event stored or showed an object of a kind with images. */
static bool has_stored(const struct moor_evaluator *evaluator,
                       const struct moor_review_source *source)
{
    const struct moor_event *event = source->event;
    bool is_write = source->verb == MOOR_REVIEW_CREATE || source->verb == MOOR_REVIEW_UPDATE ||
                    source->verb == MOOR_REVIEW_PATCH;
    return moor_event_succeeded(event) && answers_object(event->target.subresource) &&
           (is_write ? !moor_event_is_dry_run(event) : moor_slice_is(event->verb, "get")) &&
           moor_policy_find_kind(evaluator->policy, event->target.group, event->target.resource,
                                 (struct moor_slice){0}) != NULL;
}

void moor_evaluator_learn(struct moor_evaluator *evaluator, const struct moor_review_source *source,
                          struct moor_slice key)
{
    const struct moor_request *request = &evaluator->request;
    if (!has_stored(evaluator, source)) {
        return;
    }
    bool is_known = request->holds != NULL && request->object.is_present &&
                    moor_slice_equal(request->holds->kind, source->kind);
    if (is_known) {
        moor_old_objects_put(&evaluator->old, key, &request->object, source->event->time);
    } else if (source->verb != MOOR_REVIEW_READ) {
        moor_old_objects_forget(&evaluator->old, key);
    }
}

/* --- names ------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    const char *text;
} reasons[] = {
    [MOOR_UNDECIDED_NOT] = {"none", ""},
    [MOOR_UNDECIDED_NO_OBJECT] = {"no-object",
                                  "the event has no object: its audit level is below Request"},
    [MOOR_UNDECIDED_TRUNCATED] = {"truncated", "the API server truncated the event"},
    [MOOR_UNDECIDED_PATCH_FAILED] = {"patch-failed", "the patch failed, so its result is unknown"},
    [MOOR_UNDECIDED_OLD_UNKNOWN] = {"old-object-unknown",
                                    "no earlier event has the object before the update"},
    [MOOR_UNDECIDED_OLD_LOST] = {"old-object-lost",
                                 "too many objects between this event and the one before"},
    [MOOR_UNDECIDED_OLD_LATER] = {"out-of-order", "a later event of the object came first"},
    [MOOR_UNDECIDED_MALFORMED] = {"malformed", "the webhook cannot decode the object"},
    [MOOR_UNDECIDED_TOO_LARGE] = {"too-large", "the object exceeds the memory of a request"},
};

const char *moor_undecided_name(enum moor_undecided reason)
{
    return reasons[reason].name;
}

const char *moor_undecided_text(enum moor_undecided reason)
{
    return reasons[reason].text;
}
