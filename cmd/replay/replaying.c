/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/replay/replaying.h"

#include "cmd/replay/findings.h"

#include <string.h>

#define KEY_MAX  ((size_t)64 * 1024)
#define TEXT_MAX ((size_t)64 * 1024)

int moor_replay_init(struct moor_replay *out, const struct moor_policy *policy,
                     const struct moor_policy *older, struct moor_error *err)
{
    const struct moor_policy *policies[] = {policy, older};
    *out = (struct moor_replay){
        .from = INT64_MIN, .to = INT64_MAX, .policy_count = older != NULL ? 2 : 1};
    moor_arena_init(&out->arena, MOOR_REPLAY_MAX_EVENT_BYTES);
    moor_buf_init(&out->body, MOOR_EVALUATOR_MAX_BODY);
    moor_buf_init(&out->key, KEY_MAX);
    moor_buf_init(&out->text, TEXT_MAX);
    for (size_t i = 0; i < MOOR_REPLAY_BY_COUNT; i++) {
        bool is_image = i == MOOR_REPLAY_BY_IMAGE;
        moor_tally_init(&out->by[i], 1, is_image ? MOOR_REPLAY_MAX_IMAGES : MOOR_REPLAY_MAX_NAMES,
                        is_image ? MOOR_REPLAY_MAX_IMAGE_BYTES : MOOR_REPLAY_MAX_NAME_BYTES);
    }
    moor_tally_init(&out->findings, MOOR_REPLAY_FIELD_COUNT, MOOR_REPLAY_MAX_FINDINGS,
                    MOOR_REPLAY_MAX_TEXT_BYTES);
    /*
     * The policies share the memory for old objects, so that --compare does not need twice as much.
     */
    for (size_t i = 0; i < out->policy_count; i++) {
        if (moor_evaluator_init(&out->evaluators[i], policies[i],
                                MOOR_REPLAY_MAX_OLD_BYTES / out->policy_count, err) != 0) {
            return -1;
        }
    }
    return moor_seen_init(&out->seen, err);
}

void moor_replay_release(struct moor_replay *replay)
{
    for (size_t i = 0; i < replay->policy_count; i++) {
        moor_evaluator_release(&replay->evaluators[i]);
    }
    for (size_t i = 0; i < MOOR_REPLAY_BY_COUNT; i++) {
        moor_tally_release(&replay->by[i]);
    }
    moor_tally_release(&replay->findings);
    moor_seen_release(&replay->seen);
    moor_arena_release(&replay->arena);
    moor_buf_release(&replay->body);
    moor_buf_release(&replay->key);
    moor_buf_release(&replay->text);
}

/* --- evaluating ------------------------------------------------------------------------------- */

static void skip(struct moor_replay *replay, enum moor_replay_skip reason)
{
    replay->skipped[reason]++;
}

/* Counts a request that the webhook allows without evaluating it.  Returns false for others. */
static bool skip_by_scope(struct moor_replay *replay, enum moor_scope scope)
{
    switch (scope) {
    case MOOR_SCOPE_OPERATION:
        skip(replay, MOOR_REPLAY_OPERATION);
        return true;
    case MOOR_SCOPE_KIND:
        skip(replay, MOOR_REPLAY_KIND);
        return true;
    case MOOR_SCOPE_SUBRESOURCE:
        skip(replay, MOOR_REPLAY_SUBRESOURCE);
        return true;
    case MOOR_SCOPE_MIRROR:
        skip(replay, MOOR_REPLAY_MIRROR);
        return true;
    default:
        return false;
    }
}

/* Evaluates by each policy.  Returns the first reason for which one of them cannot decide. */
static enum moor_undecided run_all(struct moor_replay *replay,
                                   const struct moor_review_source *source)
{
    const struct moor_event *event = source->event;
    /*
     * The environment of a URL path is known only from the option or from the annotation that
     * tagmoor wrote.  Exemptions expire, so each event is evaluated at its own time.
     */
    const struct moor_judge_context context = {
        .environment = replay->environment.len > 0 ? replay->environment : event->environment,
        .now = replay->has_now ? replay->now : event->time};
    enum moor_undecided undecided = MOOR_UNDECIDED_NOT;
    /*
     * A request is counted only if all policies decide it: otherwise a comparison would have one
     * side.
     */
    for (size_t i = 0; i < replay->policy_count && undecided == MOOR_UNDECIDED_NOT; i++) {
        undecided = moor_evaluator_run(&replay->evaluators[i], source, moor_buf_slice(&replay->key),
                                       &context);
    }
    return undecided;
}

/* Policies differ in the custom resources that they know: a request counts if one evaluates it. */
static enum moor_scope scope_of(const struct moor_replay *replay)
{
    enum moor_scope scope = replay->evaluators[0].verdict.scope;
    return replay->policy_count > 1 && scope != MOOR_SCOPE_JUDGE
               ? replay->evaluators[1].verdict.scope
               : scope;
}

static void evaluate(struct moor_replay *replay, const struct moor_review_source *source)
{
    enum moor_undecided undecided = run_all(replay, source);
    if (replay->request != NULL) {
        replay->request(replay->context, source, &replay->evaluators[0], undecided);
    } else if (undecided != MOOR_UNDECIDED_NOT) {
        replay->undecided[undecided]++;
    } else if (!skip_by_scope(replay, scope_of(replay))) {
        moor_findings_count(replay, source);
    }
}

static bool is_excluded(const struct moor_replay *replay, struct moor_slice namespace)
{
    for (size_t i = 0; i < replay->excluded_count; i++) {
        if (namespace.len > 0 && moor_slice_is(namespace, replay->excluded[i])) {
            return true;
        }
    }
    return false;
}

/* Writes the review and the key, and reads the request for each policy. */
static enum moor_undecided read_request(struct moor_replay *replay,
                                        const struct moor_review_source *source)
{
    /*
     * Both texts are built before a policy reads them, because the evaluators borrow from the body.
     */
    for (size_t i = 0; i < replay->policy_count; i++) {
        moor_evaluator_clear(&replay->evaluators[i]);
    }
    moor_buf_clear(&replay->body);
    moor_buf_clear(&replay->key);
    moor_review_append(&replay->body, source);
    moor_review_append_key(&replay->key, source);
    if (replay->body.failed || replay->key.failed) {
        moor_buf_clear(&replay->body);
        moor_buf_clear(&replay->key);
        return MOOR_UNDECIDED_TOO_LARGE;
    }
    enum moor_undecided undecided = MOOR_UNDECIDED_NOT;
    for (size_t i = 0; i < replay->policy_count; i++) {
        enum moor_undecided found =
            moor_evaluator_read(&replay->evaluators[i], moor_buf_slice(&replay->body));
        undecided = undecided == MOOR_UNDECIDED_NOT ? found : undecided;
    }
    return undecided;
}

/* Events before --from are read for their objects, which later events may need. */
static void take_request(struct moor_replay *replay, const struct moor_review_source *source,
                         bool is_wanted)
{
    const struct moor_event *event = source->event;
    bool is_read = source->verb == MOOR_REVIEW_READ;
    /*
     * Lists and watches answer with several objects under one URL, so only a get shows the object
     * of its key.
     */
    if (is_read && (source->object.len == 0 || !moor_slice_is(event->verb, "get"))) {
        return;
    }
    enum moor_undecided undecided = read_request(replay, source);
    /*
     * The API server authenticates and authorizes a request before it calls a webhook: requests
     * that failed there never reached tagmoor.
     */
    if (is_read || !is_wanted) {
        /* Only the object matters. */
    } else if (event->is_forbidden || event->code == 401) {
        skip(replay, MOOR_REPLAY_FORBIDDEN);
    } else if (is_excluded(replay, event->target.namespace)) {
        skip(replay, MOOR_REPLAY_EXCLUDED);
    } else if (undecided != MOOR_UNDECIDED_NOT) {
        replay->undecided[undecided]++;
    } else {
        evaluate(replay, source);
    }
    for (size_t i = 0; i < replay->policy_count; i++) {
        moor_evaluator_learn(&replay->evaluators[i], source, moor_buf_slice(&replay->key));
    }
}

static void note_time(struct moor_replay *replay, int64_t time)
{
    replay->first = !replay->has_time || time < replay->first ? time : replay->first;
    replay->last = !replay->has_time || time > replay->last ? time : replay->last;
    replay->has_time = true;
}

/* Returns whether the event counts, and counts the reason if not. */
static bool is_wanted(struct moor_replay *replay, const struct moor_review_source *source)
{
    int64_t time = source->event->time;
    if (time < replay->from || time >= replay->to) {
        skip(replay, MOOR_REPLAY_TIME);
        return false;
    }
    /* Reads count for the period too, because the log covers it even if nothing was written. */
    note_time(replay, time);
    if (source->verb == MOOR_REVIEW_READ) {
        skip(replay, MOOR_REPLAY_READ);
        return false;
    }
    return true;
}

/* Only the last stage has the response, so the others would count a request several times. */
static void take_event(struct moor_replay *replay, const struct moor_event *event)
{
    struct moor_review_source source;
    struct moor_error err = {0};
    replay->events++;
    /*
     * The stages of a request share one audit ID.  The stage is compared first, or RequestReceived
     * would make the response a duplicate.
     */
    if (!moor_slice_is(event->stage, "ResponseComplete")) {
        skip(replay, MOOR_REPLAY_STAGE);
    } else if (moor_seen_add(&replay->seen, event->id)) {
        skip(replay, MOOR_REPLAY_DUPLICATE);
    } else if (moor_review_prepare(&source, event, &replay->arena, &err) != 0) {
        /*
         * The event is valid here, but not the object in it: the line is not damaged, and the
         * request counts.
         */
        replay->undecided[err.code == MOOR_ERROR_MEMORY ? MOOR_UNDECIDED_TOO_LARGE
                                                        : MOOR_UNDECIDED_MALFORMED]++;
    } else {
        take_request(replay, &source, is_wanted(replay, &source));
    }
}

static int take_text(void *context, struct moor_slice text, struct moor_error *err)
{
    struct moor_replay *replay = context;
    struct moor_event event;
    if (moor_event_decode(&event, text, &replay->arena, err) != 0) {
        return -1;
    }
    take_event(replay, &event);
    return 0;
}

int moor_replay_line(struct moor_replay *replay, struct moor_slice line, struct moor_error *err)
{
    replay->lines++;
    moor_arena_reset(&replay->arena);
    if (line.len == 0) {
        return 0;
    }
    if (moor_unwrap_line(replay->unwrap, line, &replay->arena, take_text, replay, err) != 0) {
        /*
         * A wrapped line can contain valid events before the damaged one; these have been counted
         * already.
         */
        replay->damaged[err->code == MOOR_ERROR_VALUE    ? MOOR_REPLAY_NO_EVENT
                        : err->code == MOOR_ERROR_MEMORY ? MOOR_REPLAY_TOO_LONG
                                                         : MOOR_REPLAY_NO_JSON]++;
        return -1;
    }
    return 0;
}

void moor_replay_long_line(struct moor_replay *replay)
{
    replay->lines++;
    replay->damaged[MOOR_REPLAY_TOO_LONG]++;
}

void moor_replay_finish(struct moor_replay *replay)
{
    /*
     * Names are sorted by their denials alone: those need a change before the policy is enforced.
     */
    for (size_t i = 0; i < MOOR_REPLAY_BY_COUNT; i++) {
        moor_tally_sort(&replay->by[i], MOOR_DECISION_DENY);
    }
    moor_tally_sort(&replay->findings, MOOR_REPLAY_THEN_ADMITTED);
}
