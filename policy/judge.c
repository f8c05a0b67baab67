/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/judge.h"

#include "policy/image/reference.h"
#include "policy/judge_exempt.h"
#include "policy/judge_image.h"
#include "policy/memo.h"
#include "policy/object/image_set.h"
#include "policy/rules/cost.h"
#include "policy/rules/image_glob.h"
#include "policy/rules/operators.h"
#include "policy/rules/placeholder.h"
#include "policy/rules/requirements.h"

/* The state that all images of a request share. */
struct context {
    const struct moor_policy *policy;
    struct moor_verdict *verdict;
    struct moor_workspace *workspace;
    struct moor_image_set old;
    bool is_controller_request; /* the user is a controller */
    struct moor_judge_exemptions exemptions;
    struct moor_memo memo;
    bool has_operator;              /* `operator` was looked up */
    struct moor_slice operator;     /* as in the verdict of an image */
    struct moor_requirements *base; /* for each image: the environment's requirements by its name */
};

/* An overlay applies to unchanged images or to a field; controllers can only lower the result. */
static struct moor_requirements requirements_for(const struct context *context,
                                                 const struct moor_image_verdict *image,
                                                 struct moor_requirements requirements)
{
    const struct moor_environment *environment = context->verdict->environment;
    const struct moor_overlay *overlay = image->origin == MOOR_ORIGIN_UNCHANGED
                                             ? &environment->unchanged
                                             : &environment->fields[image->image->field];
    requirements = moor_requirements_overlay(requirements, overlay);
    return context->is_controller_request && image->origin != MOOR_ORIGIN_NEW
               ? moor_requirements_lower(requirements, context->policy->controllers.requirements)
               : requirements;
}

static bool is_annotation(const struct moor_object_image *image, enum moor_annotation_form form)
{
    return image->annotation != NULL && image->annotation->form == form;
}

static bool is_json(const struct moor_object_image *image)
{
    return is_annotation(image, MOOR_ANNOTATION_JSON);
}

/* Returns whether a Pod has a placeholder or a variable that no webhook replaced. */
static bool is_left_over(const struct context *context, const struct moor_image_verdict *verdict)
{
    return verdict->class == MOOR_CLASS_PLACEHOLDER ||
           (!context->verdict->request->holds->is_template && !is_json(verdict->image) &&
            moor_placeholder_has_variable(verdict->image->text));
}

static bool was_there(const struct context *context, const struct moor_object_image *image)
{
    /* An exhausted budget needs no check here, because judge_images() discards the result. */
    (void)moor_matcher_take(context->workspace->matcher, moor_image_set_cost(&context->old, image));
    return moor_image_set_has(&context->old, image);
}

/* Returns whether the text of the image is parsed as a reference. */
static bool is_reference(const struct moor_image_verdict *verdict)
{
    return verdict->class != MOOR_CLASS_PLACEHOLDER && !is_json(verdict->image);
}

/* No user's request can have contained the image that a placeholder hides, so it counts as new. */
static enum moor_origin origin_of(const struct context *context,
                                  const struct moor_image_verdict *verdict)
{
    if (was_there(context, verdict->image)) {
        return MOOR_ORIGIN_UNCHANGED;
    }
    return context->is_controller_request && !is_left_over(context, verdict)
               ? MOOR_ORIGIN_CONTROLLER
               : MOOR_ORIGIN_NEW;
}

/* The injector adds a tag from its own configuration, which identifies a release at most. */
static void classify_repository(struct moor_image_verdict *verdict)
{
    bool is_alone = verdict->reference.tag.len == 0 && verdict->reference.digest.len == 0;
    verdict->class = is_alone ? MOOR_CLASS_VERSION : MOOR_CLASS_INVALID;
    verdict->level = is_alone ? MOOR_LEVEL_RELEASE : MOOR_LEVEL_NONE;
    if (!is_alone) {
        verdict->reason = MOOR_SLICE("the injector adds a tag to it");
    }
    verdict->repair = (struct moor_repair){.by = MOOR_REPAIR_DIGEST};
}

/* Classifies the image, and finds the environment's requirements for its name. */
static int classify(struct moor_image_verdict *verdict, struct moor_requirements *base,
                    const struct context *context, struct moor_error *err)
{
    struct moor_workspace *workspace = context->workspace;
    struct moor_named_image named;
    struct moor_error wrong = {0};
    bool is_valid = moor_reference_parse(&verdict->reference, verdict->image->text, &wrong) == 0;
    if (moor_judge_name(&named, verdict, workspace, err) != 0) {
        return -1;
    }
    *base =
        moor_requirements_for_name(context->verdict->environment, named.name, workspace->matcher);
    if (!is_valid) {
        verdict->class = MOOR_CLASS_INVALID;
        return moor_arena_copy(&workspace->arena, &verdict->reason, moor_slice_from(wrong.text),
                               err);
    }
    if (is_annotation(verdict->image, MOOR_ANNOTATION_REPOSITORY)) {
        classify_repository(verdict);
        return 0;
    }
    const struct moor_classification classification = moor_repository_classify(
        context->policy, &verdict->reference, named.name, workspace->matcher);
    verdict->class = classification.class;
    verdict->level = classification.level;
    verdict->reason = classification.reason;
    verdict->repair = classification.repair;
    return 0;
}

static enum moor_decision cap(enum moor_decision decision, enum moor_mode mode)
{
    static const enum moor_decision most[] = {
        [MOOR_MODE_AUDIT] = MOOR_DECISION_AUDIT,
        [MOOR_MODE_WARN] = MOOR_DECISION_WARN,
        [MOOR_MODE_ENFORCE] = MOOR_DECISION_DENY,
    };

    return decision < most[mode] ? decision : most[mode];
}

/*
 * Returns whether a tool or controller sets the image before Pods are created, and sets the class
 * of a placeholder.  In a Pod, nothing replaces a placeholder later.
 */
static bool is_filled_in_later(const struct context *context, struct moor_image_verdict *verdict)
{
    const struct moor_kind *kind = context->verdict->request->holds;
    if (!is_json(verdict->image) && moor_placeholder_is(context->policy, kind, verdict->image->text,
                                                        context->workspace->matcher)) {
        verdict->class = MOOR_CLASS_PLACEHOLDER;
        return kind->is_template;
    }
    /* The API server accepts a blank image in a template, for a controller to set later. */
    return kind->is_template && (verdict->image->form == MOOR_IMAGE_PARTIAL ||
                                 moor_placeholder_is_blank(verdict->image->text));
}

/*
 * Sets the operator that completes the image when it creates Pods, if nothing evaluates these Pods
 * by the requirements of the environment: the author of the resource then chooses any image.
 */
static void find_operator(struct context *context, struct moor_image_verdict *verdict)
{
    const struct moor_policy *policy = context->policy;
    const struct moor_request *request = context->verdict->request;
    const struct moor_environment *environment = context->verdict->environment;
    const struct moor_requirements requirements = moor_requirements_overlay(
        environment->requirements, &environment->fields[verdict->image->field]);
    bool is_completed = verdict->image->form == MOOR_IMAGE_PARTIAL ||
                        moor_placeholder_has_variable(verdict->image->text);
    if (!request->holds->is_custom || !is_completed || context->is_controller_request ||
        requirements.enforce <= MOOR_REQUIREMENT_ANY ||
        policy->controllers.requirements.enforce > MOOR_REQUIREMENT_ANY ||
        was_there(context, verdict->image)) {
        return;
    }
    if (!context->has_operator) {
        context->operator=
            moor_operator_of(policy, request->holds->group, context->workspace->matcher);
        context->has_operator = true;
    }
    verdict->operator= context->operator;
}

/* Returns whether the images differ only in their index, so that the decision is the same. */
static bool is_same(const struct moor_image_verdict *left, const struct moor_image_verdict *right)
{
    return left->origin == right->origin && left->image->field == right->image->field &&
           moor_slice_equal(left->image->name, right->image->name);
}

/* Copies the result of an equal reference.  Returns whether the decision is the same too. */
static bool recall(const struct moor_image_verdict *known, struct moor_image_verdict *verdict)
{
    struct moor_image_verdict recalled = *known;
    recalled.image = verdict->image;
    recalled.origin = verdict->origin;
    bool is_all = is_same(known, verdict);
    /* An exemption may depend on the field or the container, so it is looked up again. */
    if (!is_all) {
        recalled.exemption = NULL;
        recalled.ended = NULL;
    }
    *verdict = recalled;
    return is_all;
}

/* Classifies the image.  Returns 1 if its decision is known already, 0 if not, -1 on failure. */
static int find_class(struct context *context, struct moor_image_verdict *verdict,
                      struct moor_error *err)
{
    struct moor_image_verdict *images = context->verdict->images;
    size_t index = (size_t)(verdict - images);
    context->base[index] = context->verdict->environment->requirements;
    if (!is_reference(verdict)) {
        if (is_json(verdict->image)) {
            verdict->class = MOOR_CLASS_INVALID;
            verdict->reason = MOOR_SLICE("JSON that may set an image, which is not evaluated");
        }
        return 0;
    }
    /* A repository in an annotation is classified in another way than the image of a container. */
    size_t first = is_annotation(verdict->image, MOOR_ANNOTATION_REPOSITORY)
                       ? index
                       : moor_memo_find(&context->memo, index, context->workspace->matcher);
    if (first == index) {
        return classify(verdict, &context->base[index], context, err);
    }
    context->base[index] = context->base[first];
    return recall(&images[first], verdict) ? 1 : 0;
}

/* Warns about an image that an operator completes unseen; any other one is not evaluated. */
static int judge_completed(struct context *context, struct moor_image_verdict *verdict,
                           struct moor_error *err)
{
    static const struct moor_requirements completed = {
        .enforce = MOOR_REQUIREMENT_IGNORE,
        .warn = MOOR_REQUIREMENT_ANY,
        .audit = MOOR_REQUIREMENT_ANY,
    };

    find_operator(context, verdict);
    if (verdict->operator.len == 0) {
        verdict->is_skipped = true;
        return 0;
    }
    verdict->class = MOOR_CLASS_PLACEHOLDER;
    moor_judge_measure(verdict, &completed);
    if (moor_judge_exempt(&context->exemptions, verdict, completed, err) != 0) {
        return -1;
    }
    verdict->decision = cap(verdict->decision, context->verdict->environment->mode);
    return 0;
}

static int judge_image(struct context *context, struct moor_image_verdict *verdict,
                       struct moor_error *err)
{
    if (is_filled_in_later(context, verdict)) {
        return judge_completed(context, verdict, err);
    }
    verdict->origin = origin_of(context, verdict);
    int found = find_class(context, verdict, err);
    if (found != 0) {
        return found < 0 ? -1 : 0;
    }
    struct moor_requirements requirements =
        requirements_for(context, verdict, context->base[verdict - context->verdict->images]);
    moor_judge_measure(verdict, &requirements);
    if (moor_judge_exempt(&context->exemptions, verdict, requirements, err) != 0) {
        return -1;
    }
    /*
     * Before the mode caps the decision: users of an environment in another mode learn about the
     * denial that `enforce` will bring.
     */
    verdict->would_deny = verdict->decision == MOOR_DECISION_DENY;
    verdict->decision = cap(verdict->decision, context->verdict->environment->mode);
    return 0;
}

static void note_decision(struct moor_verdict *verdict, enum moor_decision decision,
                          bool would_deny)
{
    verdict->worst = decision > verdict->worst ? decision : verdict->worst;
    verdict->would_deny = verdict->would_deny || would_deny;
}

/* A fault is treated like an image with level none, which fails every requirement but `ignore`. */
static void note_fault(struct context *context, enum moor_fault fault)
{
    struct moor_verdict *verdict = context->verdict;
    struct moor_image_verdict object = {.decision = MOOR_DECISION_DENY,
                                        .origin = MOOR_ORIGIN_CONTROLLER};
    /* The first fault is kept: an object that is too large may be too costly as well. */
    if (fault == MOOR_FAULT_NONE || verdict->fault != MOOR_FAULT_NONE) {
        return;
    }
    if (context->is_controller_request && fault != MOOR_FAULT_MALFORMED) {
        const struct moor_requirements requirements = moor_requirements_lower(
            verdict->environment->requirements, context->policy->controllers.requirements);
        moor_judge_measure(&object, &requirements);
    }
    verdict->fault = fault;
    verdict->fault_decision = cap(object.decision, verdict->environment->mode);
    verdict->fault_would_deny = object.decision == MOOR_DECISION_DENY;
    note_decision(verdict, verdict->fault_decision, verdict->fault_would_deny);
}

static int take_room(struct context *context, struct moor_error *err)
{
    const struct moor_object *object = &context->verdict->request->object;
    struct moor_arena *arena = &context->workspace->arena;
    context->verdict->images =
        moor_arena_alloc(arena, object->image_count * sizeof *context->verdict->images);
    context->base = moor_arena_alloc(arena, object->image_count * sizeof *context->base);
    if (context->verdict->images == NULL || context->base == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu verdicts",
                              object->image_count);
    }
    return moor_memo_init(&context->memo, object, arena, err);
}

static int judge_images(struct context *context, struct moor_error *err)
{
    struct moor_verdict *verdict = context->verdict;
    const struct moor_object *object = &verdict->request->object;
    if (take_room(context, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < object->image_count; i++) {
        struct moor_image_verdict *image = &verdict->images[i];
        image->image = &object->images[i];
        (void)moor_matcher_take(context->workspace->matcher,
                                moor_cost_of_image(image->image->text.len));
        if (judge_image(context, image, err) != 0) {
            return -1;
        }
        /* Globs did not match any more once the budget was exhausted: this result is unreliable. */
        if (moor_matcher_is_exhausted(context->workspace->matcher)) {
            note_fault(context, MOOR_FAULT_TOO_COSTLY);
            return 0;
        }
        /*
         * Counted only when its result is reliable: a message tells how many images were evaluated.
         */
        verdict->image_count++;
        verdict->counts[image->decision] += image->is_skipped ? 0 : 1;
        note_decision(verdict, image->decision, image->would_deny);
    }
    return 0;
}

/* Custom resources and objects that are stored unchanged may have any structure. */
static bool is_malformed(const struct moor_request *request, const struct moor_object *object)
{
    return object->malformed.len > 0 && !request->holds->is_custom && !request->holds->is_raw;
}

static enum moor_fault fault_of(const struct moor_request *request)
{
    const struct moor_object *object = &request->object;
    if (is_malformed(request, object)) {
        return MOOR_FAULT_MALFORMED;
    }
    if (object->is_too_large) {
        return MOOR_FAULT_TOO_LARGE;
    }
    return object->image_total > object->image_count ? MOOR_FAULT_TOO_MANY_IMAGES : MOOR_FAULT_NONE;
}

/* If oldObject is malformed, every image counts as new. */
static bool has_old_images(const struct moor_request *request)
{
    return request->operation == MOOR_OPERATION_UPDATE && request->old_object.is_present &&
           !is_malformed(request, &request->old_object);
}

static bool has_new_image(const struct context *context)
{
    const struct moor_object *object = &context->verdict->request->object;
    for (size_t i = 0; i < object->image_count; i++) {
        if (!was_there(context, &object->images[i]) &&
            !moor_placeholder_is_blank(object->images[i].text)) {
            return true;
        }
    }
    return false;
}

/*
 * Finds out whether the user is a controller; the old images must be known before.  A built-in
 * controller that updates an object introduces no images, with one exception: it rolls a Deployment
 * back to a template that an annotation names.  No user's request had that image at this path, so
 * the request is evaluated like a user's.
 */
static void identify_user(struct context *context)
{
    const struct moor_request *request = context->verdict->request;
    const struct moor_controllers *controllers = &context->policy->controllers;
    const struct moor_glob_list builtin = {controllers->users.items, controllers->builtin_count};
    struct moor_matcher *matcher = context->workspace->matcher;
    /* An empty user name is never a controller, even if `users` contains `*`. */
    context->is_controller_request =
        request->user.len > 0 && moor_glob_list_match(&controllers->users, request->user, matcher);
    context->exemptions.is_builtin =
        context->is_controller_request && moor_glob_list_match(&builtin, request->user, matcher);
    if (context->exemptions.is_builtin && request->operation == MOOR_OPERATION_UPDATE &&
        has_new_image(context)) {
        context->is_controller_request = false;
        context->exemptions.is_builtin = false;
    }
}

static int judge(struct moor_verdict *out, const struct moor_policy *policy,
                 struct moor_workspace *workspace, struct moor_error *err)
{
    const struct moor_request *request = out->request;
    out->environment = moor_judge_environment(policy, request, out->asked_environment,
                                              workspace->matcher, &out->source);
    out->scope = moor_request_scope(request);
    if (out->scope != MOOR_SCOPE_JUDGE) {
        return 0;
    }
    struct context context = {
        .policy = policy,
        .verdict = out,
        .workspace = workspace,
        .exemptions = {.policy = policy, .verdict = out, .workspace = workspace},
    };
    if (has_old_images(request) &&
        moor_image_set_init(&context.old, &request->old_object, &workspace->arena, err) != 0) {
        return -1;
    }
    identify_user(&context);
    /* After the user is known, because controllers have lower requirements for a fault. */
    note_fault(&context, fault_of(request));
    return judge_images(&context, err);
}

int moor_judge(struct moor_verdict *out, const struct moor_policy *policy,
               const struct moor_request *request, const struct moor_judge_context *context,
               struct moor_workspace *workspace, struct moor_error *err)
{
    *out = (struct moor_verdict){
        .request = request, .asked_environment = context->environment, .now = context->now};
    moor_matcher_begin(workspace->matcher, MOOR_COST_MAX_STEPS);
    int status = judge(out, policy, workspace, err);
    /* The budget is that of one request, and must not limit a later use of the matcher. */
    out->steps = workspace->matcher->steps;
    moor_matcher_begin(workspace->matcher, UINT64_MAX);
    return status;
}
