/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/replay/findings.h"

#include "policy/message.h"

/* Returns what happened to the request then. */
static enum moor_replay_then then_of(enum moor_event_answer answer)
{
    switch (answer) {
    case MOOR_EVENT_DENY:
    case MOOR_EVENT_REJECTED:
        return MOOR_REPLAY_THEN_DENIED;
    case MOOR_EVENT_FAILED:
        return MOOR_REPLAY_THEN_FAILED;
    default:
        return MOOR_REPLAY_THEN_ADMITTED;
    }
}

/* Returns the name that all objects with a generated name share, or the beginning without memory.
 */
static struct moor_slice with_star(struct moor_replay *replay, struct moor_slice stem)
{
    /*
     * The API server adds a random suffix to a generated name.  Without a common name, each Pod of
     * a controller would be a finding of its own.
     */
    char *text = moor_arena_alloc(&replay->arena, stem.len + 1);
    if (text == NULL) {
        return stem;
    }
    memcpy(text, stem.ptr, stem.len);
    text[stem.len] = '*';
    return (struct moor_slice){text, stem.len + 1};
}

/* Names the workload: its controlling owner, or itself. */
static void name_workload(struct moor_replay *replay, struct moor_slice *fields)
{
    const struct moor_request *request = &replay->evaluators[0].request;
    const struct moor_object *object = &request->object;
    fields[MOOR_REPLAY_KIND_NAME] = object->owner_kind.len > 0 ? object->owner_kind : request->kind;
    fields[MOOR_REPLAY_NAME] = object->owner_kind.len > 0 ? object->owner_name : request->name;
    if (object->owner_kind.len == 0 && object->generate_name.len > 0) {
        fields[MOOR_REPLAY_NAME] = with_star(replay, object->generate_name);
    }
}

/* Finds the decision of the older policy about the image at the same place. */
static enum moor_decision before_of(const struct moor_verdict *older,
                                    const struct moor_image_verdict *image)
{
    for (size_t i = 0; i < older->image_count; i++) {
        const struct moor_object_image *other = older->images[i].image;
        if (other->index == image->image->index &&
            moor_slice_equal(other->where, image->image->where)) {
            return older->images[i].decision;
        }
    }
    /*
     * The older policy does not know the field of this custom resource, and so would not have
     * denied it.
     */
    return MOOR_DECISION_ALLOW;
}

/* Adds an image to the findings; its texts are in the replay's scratch buffer. */
static void add_image(struct moor_replay *replay, struct moor_slice *fields,
                      const struct moor_image_verdict *image, enum moor_replay_then then,
                      int64_t time)
{
    moor_buf_clear(&replay->text);
    moor_object_append_path(&replay->text, image->image);
    size_t path_len = replay->text.len;
    if (image->decision > MOOR_DECISION_ALLOW) {
        moor_message_append_image_repair(&replay->text, image);
    }
    /* Sliced after the last append, which can move the bytes of the buffer. */
    struct moor_slice text = moor_buf_slice(&replay->text);
    fields[MOOR_REPLAY_PATH] = moor_slice_sub(text, 0, path_len);
    fields[MOOR_REPLAY_REPAIR] = moor_slice_sub(text, path_len, text.len);
    fields[MOOR_REPLAY_CONTAINER] = image->image->name;
    fields[MOOR_REPLAY_IMAGE] = image->image->text;
    fields[MOOR_REPLAY_CLASS] = moor_slice_from(moor_class_name(image->class));
    fields[MOOR_REPLAY_DECISION] = moor_slice_from(moor_decision_verb(image->decision));
    (void)moor_tally_add(&replay->findings, fields, then, time);
}

static bool is_finding(const struct moor_replay *replay, const struct moor_image_verdict *image,
                       struct moor_slice *fields)
{
    if (replay->policy_count == 1) {
        return image->decision == MOOR_DECISION_DENY;
    }
    enum moor_decision before = before_of(&replay->evaluators[1].verdict, image);
    fields[MOOR_REPLAY_BEFORE] = moor_slice_from(moor_decision_verb(before));
    /*
     * With an older policy, a milder decision is a finding as well: a new policy can admit by
     * mistake.
     */
    return before != image->decision;
}

/* A fault denies the object as a whole, and has no image. */
static void add_fault(struct moor_replay *replay, struct moor_slice *fields,
                      enum moor_replay_then then, int64_t time)
{
    const struct moor_verdict *verdict = &replay->evaluators[0].verdict;
    const struct moor_verdict *older =
        replay->policy_count > 1 ? &replay->evaluators[1].verdict : NULL;
    if (verdict->fault == MOOR_FAULT_NONE ||
        (older == NULL ? verdict->fault_decision != MOOR_DECISION_DENY
                       : verdict->fault_decision == older->fault_decision)) {
        return;
    }
    fields[MOOR_REPLAY_CLASS] = moor_slice_from(moor_fault_name(verdict->fault));
    fields[MOOR_REPLAY_DECISION] = moor_slice_from(moor_decision_verb(verdict->fault_decision));
    if (older != NULL) {
        fields[MOOR_REPLAY_BEFORE] = moor_slice_from(moor_decision_verb(older->fault_decision));
    }
    (void)moor_tally_add(&replay->findings, fields, then, time);
}

static void add_findings(struct moor_replay *replay, const struct moor_review_source *source,
                         enum moor_replay_then then)
{
    const struct moor_verdict *verdict = &replay->evaluators[0].verdict;
    int64_t time = source->event->time;
    struct moor_slice fields[MOOR_REPLAY_FIELD_COUNT] = {0};
    fields[MOOR_REPLAY_ENVIRONMENT] = verdict->environment->name;
    fields[MOOR_REPLAY_NAMESPACE] = verdict->request->namespace;
    fields[MOOR_REPLAY_USER] = verdict->request->user;
    name_workload(replay, fields);
    add_fault(replay, fields, then, time);
    for (size_t i = 0; i < verdict->image_count; i++) {
        if (is_finding(replay, &verdict->images[i], fields)) {
            add_image(replay, fields, &verdict->images[i], then, time);
        }
    }
}

void moor_findings_count(struct moor_replay *replay, const struct moor_review_source *source)
{
    const struct moor_verdict *verdict = &replay->evaluators[0].verdict;
    const struct moor_request *request = verdict->request;
    enum moor_event_answer answer = moor_event_answer_of(source->event);
    int64_t time = source->event->time;
    const struct moor_slice names[] = {
        [MOOR_REPLAY_BY_ENVIRONMENT] = verdict->environment->name,
        [MOOR_REPLAY_BY_NAMESPACE] = request->namespace,
        [MOOR_REPLAY_BY_USER] = request->user,
    };
    replay->evaluated++;
    replay->dry_runs += request->is_dry_run;
    replay->decisions[verdict->worst]++;
    replay->then[answer][verdict->worst]++;
    if (replay->policy_count > 1) {
        replay->before[replay->evaluators[1].verdict.worst][verdict->worst]++;
    }
    /*
     * A request has one environment, namespace and user but several images, which have decisions of
     * their own.
     */
    for (size_t i = 0; i < MOOR_REPLAY_BY_IMAGE; i++) {
        (void)moor_tally_add(&replay->by[i], &names[i], verdict->worst, time);
    }
    for (size_t i = 0; i < verdict->image_count; i++) {
        (void)moor_tally_add(&replay->by[MOOR_REPLAY_BY_IMAGE], &verdict->images[i].image->text,
                             verdict->images[i].decision, time);
    }
    add_findings(replay, source, then_of(answer));
}
