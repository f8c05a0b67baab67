/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/judge.h"

#include "policy/image/reference.h"
#include "policy/image/tag.h"

/* Two reviews' worth of images with their verdicts, and then some: far more than any real object.
 */
#define ARENA_MAX ((size_t)8 * 1024 * 1024)

static const char *const sources[] = {
    [MOOR_SOURCE_PATH] = "path",
    [MOOR_SOURCE_UNKNOWN_PATH] = "unknown path",
    [MOOR_SOURCE_NAMESPACE] = "namespace",
    [MOOR_SOURCE_DEFAULT] = "default",
};

static const char *const outcomes[] = {
    [MOOR_OUTCOME_SKIPPED] = "skipped",   [MOOR_OUTCOME_PASSED] = "passed",
    [MOOR_OUTCOME_RECORDED] = "recorded", [MOOR_OUTCOME_WARNED] = "warned",
    [MOOR_OUTCOME_DENIED] = "denied",
};

static const char *const standings[] = {
    [MOOR_STANDING_NEW] = "new",
    [MOOR_STANDING_UNCHANGED] = "unchanged",
    [MOOR_STANDING_CARRIED] = "carried",
};

const char *moor_source_name(enum moor_environment_source source)
{
    return sources[source];
}

const char *moor_outcome_name(enum moor_outcome outcome)
{
    return outcomes[outcome];
}

const char *moor_standing_name(enum moor_standing standing)
{
    return standings[standing];
}

int moor_workspace_init(struct moor_workspace *out, struct moor_error *err)
{
    moor_arena_init(&out->arena, ARENA_MAX);
    out->matcher = moor_matcher_new();
    return out->matcher != NULL ? 0
                                : moor_error_set(err, MOOR_ERROR_MEMORY, "no memory to match with");
}

void moor_workspace_release(struct moor_workspace *workspace)
{
    moor_arena_release(&workspace->arena);
    moor_matcher_free(workspace->matcher);
    workspace->matcher = NULL;
}

static bool any_matches(const struct moor_glob_list *globs, struct moor_slice subject,
                        struct moor_matcher *matcher)
{
    for (size_t i = 0; i < globs->count; i++) {
        if (moor_glob_match(&globs->items[i], subject, matcher)) {
            return true;
        }
    }
    return false;
}

const struct moor_environment *moor_judge_environment(const struct moor_policy *policy,
                                                      struct moor_slice namespace,
                                                      struct moor_matcher *matcher,
                                                      enum moor_environment_source *source)
{
    for (size_t i = 0; namespace.len > 0 && i < policy->environment_count; i++) {
        if (any_matches(&policy->environments[i].namespaces, namespace, matcher)) {
            *source = MOOR_SOURCE_NAMESPACE;
            return &policy->environments[i];
        }
    }
    *source = MOOR_SOURCE_DEFAULT;
    return policy->default_environment;
}

/* The environment that the URL path names; one that the policy lacks is judged as the default. */
static void choose_environment(struct moor_verdict *verdict, const struct moor_policy *policy,
                               struct moor_matcher *matcher)
{
    if (verdict->asked_environment.len == 0) {
        verdict->environment =
            moor_judge_environment(policy, verdict->request->namespace, matcher, &verdict->source);
        return;
    }
    for (size_t i = 0; i < policy->environment_count; i++) {
        if (moor_slice_equal(policy->environments[i].name, verdict->asked_environment)) {
            verdict->environment = &policy->environments[i];
            verdict->source = MOOR_SOURCE_PATH;
            return;
        }
    }
    verdict->environment = policy->default_environment;
    verdict->source = MOOR_SOURCE_UNKNOWN_PATH;
}

static enum moor_demand lower(enum moor_demand left, enum moor_demand right)
{
    return left < right ? left : right;
}

static struct moor_levels lower_levels(const struct moor_levels *left,
                                       const struct moor_levels *right)
{
    return (struct moor_levels){lower(left->enforce, right->enforce),
                                lower(left->warn, right->warn), lower(left->audit, right->audit)};
}

/* What stays the same for all images of one request. */
struct hearing {
    const struct moor_policy *policy;
    struct moor_verdict *verdict;
    struct moor_image_set old;
    bool is_carried;
};

static struct moor_levels levels_for(const struct hearing *hearing,
                                     const struct moor_image_verdict *image)
{
    const struct moor_environment *environment = hearing->verdict->environment;
    struct moor_levels levels = environment->fields[image->image->field];
    if (image->standing == MOOR_STANDING_UNCHANGED) {
        levels = environment->unchanged;
    }
    if (hearing->is_carried) {
        levels = lower_levels(&levels, &hearing->policy->controllers.levels);
    }
    return levels;
}

static enum moor_standing standing_of(const struct hearing *hearing,
                                      const struct moor_object_image *image)
{
    if (moor_image_set_has(&hearing->old, image)) {
        return MOOR_STANDING_UNCHANGED;
    }
    return hearing->is_carried ? MOOR_STANDING_CARRIED : MOOR_STANDING_NEW;
}

static bool is_blank(struct moor_slice text)
{
    static const char blanks[] = {' ', '\t', '\n', '\v', '\f', '\r'};
    for (size_t i = 0; i < text.len; i++) {
        if (memchr(blanks, text.ptr[i], sizeof blanks) == NULL) {
            return false;
        }
    }
    return true;
}

/* Whether `text` has `closing` somewhere behind `opening`. */
static bool has_pair(struct moor_slice text, struct moor_slice opening, struct moor_slice closing)
{
    const char *at = text.len > 0 ? memmem(text.ptr, text.len, opening.ptr, opening.len) : NULL;
    if (at == NULL) {
        return false;
    }
    size_t before = (size_t)(at - text.ptr) + opening.len;
    return memmem(text.ptr + before, text.len - before, closing.ptr, closing.len) != NULL;
}

/* Whether something fills the image in before a Pod is made: a mutating webhook, or the operator of
 * a custom resource that has variables.  What stands in the Pod then is judged. */
static bool is_placeholder(const struct moor_policy *policy, const struct moor_kind *kind,
                           struct moor_slice text)
{
    for (size_t i = 0; kind->is_template && i < policy->placeholder_count; i++) {
        if (moor_slice_equal(policy->placeholders[i], text)) {
            return true;
        }
    }
    return kind->is_custom && (has_pair(text, MOOR_SLICE("{{"), MOOR_SLICE("}}")) ||
                               has_pair(text, MOOR_SLICE("$("), MOOR_SLICE(")")));
}

static int classify(struct moor_image_verdict *verdict, struct moor_arena *arena,
                    struct moor_error *err)
{
    struct moor_reference reference;
    struct moor_error wrong = {0};
    if (moor_reference_parse(&reference, verdict->image->text, &wrong) == 0) {
        verdict->class = moor_reference_classify(&reference).class;
        verdict->level = moor_class_level(verdict->class);
        return 0;
    }
    verdict->class = MOOR_CLASS_INVALID;
    verdict->level = MOOR_LEVEL_NONE;
    return moor_arena_copy(arena, &verdict->reason, moor_slice_from(wrong.text), err);
}

/* How the image fares against the levels, before the mode is asked. */
static void measure(struct moor_image_verdict *verdict, const struct moor_levels *levels)
{
    /* See the header: what some runtime took already satisfies `any`, parsed or not. */
    bool is_tolerated =
        verdict->standing != MOOR_STANDING_NEW && levels->enforce == MOOR_DEMAND_ANY;

    const struct {
        enum moor_demand demand;
        enum moor_outcome outcome;
    } steps[] = {
        {is_tolerated ? MOOR_DEMAND_IGNORE : levels->enforce, MOOR_OUTCOME_DENIED},
        {levels->warn, MOOR_OUTCOME_WARNED},
        {levels->audit, MOOR_OUTCOME_RECORDED},
    };

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (!moor_level_satisfies(verdict->level, steps[i].demand)) {
            verdict->demand = steps[i].demand;
            verdict->outcome = steps[i].outcome;
            return;
        }
    }
    verdict->demand = levels->enforce;
    verdict->outcome = MOOR_OUTCOME_PASSED;
}

static enum moor_outcome cap(enum moor_outcome outcome, enum moor_mode mode)
{
    static const enum moor_outcome most[] = {
        [MOOR_MODE_AUDIT] = MOOR_OUTCOME_RECORDED,
        [MOOR_MODE_WARN] = MOOR_OUTCOME_WARNED,
        [MOOR_MODE_ENFORCE] = MOOR_OUTCOME_DENIED,
    };

    return outcome < most[mode] ? outcome : most[mode];
}

static int judge_image(const struct hearing *hearing, struct moor_image_verdict *verdict,
                       struct moor_arena *arena, struct moor_error *err)
{
    /* The API server accepts a blank image in a template; what becomes of it is a Pod's matter. */
    if (hearing->verdict->request->holds->is_template && is_blank(verdict->image->text)) {
        verdict->outcome = MOOR_OUTCOME_SKIPPED;
        return 0;
    }
    if (is_placeholder(hearing->policy, hearing->verdict->request->holds, verdict->image->text)) {
        verdict->class = MOOR_CLASS_PLACEHOLDER;
        verdict->outcome = MOOR_OUTCOME_SKIPPED;
        return 0;
    }
    verdict->standing = standing_of(hearing, verdict->image);
    if (classify(verdict, arena, err) != 0) {
        return -1;
    }
    struct moor_levels levels = levels_for(hearing, verdict);
    measure(verdict, &levels);
    verdict->would_deny = verdict->outcome == MOOR_OUTCOME_DENIED;
    verdict->outcome = cap(verdict->outcome, hearing->verdict->environment->mode);
    return 0;
}

static void note_outcome(struct moor_verdict *verdict, enum moor_outcome outcome, bool would_deny)
{
    verdict->worst = outcome > verdict->worst ? outcome : verdict->worst;
    verdict->would_deny = verdict->would_deny || would_deny;
}

static int judge_images(const struct hearing *hearing, struct moor_workspace *workspace,
                        struct moor_error *err)
{
    struct moor_verdict *verdict = hearing->verdict;
    const struct moor_object *object = &verdict->request->object;
    verdict->images =
        moor_arena_alloc(&workspace->arena, object->image_count * sizeof *verdict->images);
    if (verdict->images == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu verdicts",
                              object->image_count);
    }
    verdict->image_count = object->image_count;
    for (size_t i = 0; i < object->image_count; i++) {
        struct moor_image_verdict *image = &verdict->images[i];
        image->image = &object->images[i];
        if (judge_image(hearing, image, &workspace->arena, err) != 0) {
            return -1;
        }
        verdict->counts[image->outcome]++;
        note_outcome(verdict, image->outcome, image->would_deny);
    }
    return 0;
}

/* Of a custom resource whatever its schema allows may come: what is no string is no image. */
static bool is_misshapen(const struct moor_request *request, const struct moor_object *object)
{
    return object->misshapen.len > 0 && !request->holds->is_custom;
}

static enum moor_fault fault_of(const struct moor_request *request)
{
    const struct moor_object *object = &request->object;
    if (is_misshapen(request, object)) {
        return MOOR_FAULT_MISSHAPEN;
    }
    return object->image_total > object->image_count ? MOOR_FAULT_TOO_MANY_IMAGES : MOOR_FAULT_NONE;
}

/* An old object of the wrong shape vouches for nothing: then every image is new. */
static bool has_old_images(const struct moor_request *request)
{
    return request->operation == MOOR_OPERATION_UPDATE && request->old_object.is_present &&
           !is_misshapen(request, &request->old_object);
}

int moor_judge(struct moor_verdict *out, const struct moor_policy *policy,
               const struct moor_request *request, struct moor_slice environment,
               struct moor_workspace *workspace, struct moor_error *err)
{
    *out = (struct moor_verdict){.request = request, .asked_environment = environment};
    choose_environment(out, policy, workspace->matcher);
    out->scope = moor_request_scope(request);
    if (out->scope != MOOR_SCOPE_JUDGE) {
        return 0;
    }
    out->fault = fault_of(request);
    if (out->fault != MOOR_FAULT_NONE) {
        note_outcome(out, cap(MOOR_OUTCOME_DENIED, out->environment->mode), true);
    }
    struct hearing hearing = {
        .policy = policy,
        .verdict = out,
        .is_carried = any_matches(&policy->controllers.users, request->user, workspace->matcher),
    };
    if (has_old_images(request) &&
        moor_image_set_init(&hearing.old, &request->old_object, &workspace->arena, err) != 0) {
        return -1;
    }
    return judge_images(&hearing, workspace, err);
}
