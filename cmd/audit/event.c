/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/audit/event.h"

#include "policy/base/array_size.h"
#include "policy/base/timestamp.h"
#include "policy/decision.h"
#include "policy/json/reader.h"

#define CODE_MAX 999

/* State of the decoder. */
struct context {
    struct moor_json_reader reader;
    struct moor_arena *arena;
    struct moor_error *err;
};

/* A member: its name, where its value goes, and how it is read. */
struct member {
    struct moor_slice key;
    size_t offset; /* in struct moor_event or struct moor_event_target */
    int (*take)(struct context *context, void *out);
};

static int fail_on_json(const struct context *context)
{
    return moor_error_set(context->err, context->reader.error.code, "%s",
                          context->reader.error.text);
}

static int refuse(const struct context *context, enum moor_json_event event, const char *wanted)
{
    return event == MOOR_JSON_ERROR
               ? fail_on_json(context)
               : moor_error_set(context->err, MOOR_ERROR_VALUE, "expected %s at offset %zu", wanted,
                                (size_t)(context->reader.at - context->reader.start));
}

static int skip(struct context *context, struct moor_slice *raw)
{
    return moor_json_skip(&context->reader, raw) == 0 ? 0 : fail_on_json(context);
}

/* --- values ----------------------------------------------------------------------------------- */

static int take_text(struct context *context, void *out)
{
    struct moor_json_token token;
    enum moor_json_event event = moor_json_next(&context->reader, &token);
    if (event == MOOR_JSON_NULL) {
        return 0;
    }
    return event == MOOR_JSON_STRING
               ? moor_json_token_text(&token, context->arena, out, context->err)
               : refuse(context, event, "a string");
}

/* Keeps the JSON of a value; null counts as absent. */
static int take_raw(struct context *context, void *out)
{
    struct moor_slice *raw = out;
    if (skip(context, raw) != 0) {
        return -1;
    }
    if (moor_slice_is(*raw, "null")) {
        *raw = (struct moor_slice){0};
    }
    return 0;
}

static int take_code(struct context *context, void *out)
{
    struct moor_json_token token;
    unsigned value = 0;
    enum moor_json_event event = moor_json_next(&context->reader, &token);
    for (size_t i = 0; event == MOOR_JSON_NUMBER && i < token.raw.len; i++) {
        char digit = token.raw.ptr[i];
        /* Three digits are all that HTTP has, so that a forged code cannot overflow. */
        if (digit < '0' || digit > '9' || value > CODE_MAX / 10) {
            return refuse(context, event, "a status code");
        }
        value = value * 10 + (unsigned)(digit - '0');
    }
    *(unsigned *)out = value;
    return event == MOOR_JSON_NUMBER ? 0 : refuse(context, event, "a number");
}

/*
 * Takes the members of an object; null counts as an empty one.  A duplicate is an error, because
 * readers differ in which one they use.
 */
static int take_members(struct context *context, void *out, const struct member *members,
                        size_t count)
{
    struct moor_json_token key;
    unsigned seen = 0;
    enum moor_json_event event = moor_json_next(&context->reader, &key);
    if (event == MOOR_JSON_NULL) {
        return 0;
    }
    if (event != MOOR_JSON_OBJECT_BEGIN) {
        return refuse(context, event, "an object");
    }
    while ((event = moor_json_next(&context->reader, &key)) == MOOR_JSON_KEY) {
        size_t i = 0;
        while (i < count && !moor_json_token_is(&key, members[i].key)) {
            i++;
        }
        if (i < count && (seen & (1U << i)) != 0) {
            return moor_error_set(context->err, MOOR_ERROR_VALUE, "duplicate member '%.*s'",
                                  MOOR_SLICE_ARGS(members[i].key));
        }
        seen |= i < count ? 1U << i : 0;
        if ((i < count ? members[i].take(context, (char *)out + members[i].offset)
                       : skip(context, NULL)) != 0) {
            return -1;
        }
    }
    return event == MOOR_JSON_OBJECT_END ? 0 : fail_on_json(context);
}

/* --- objectRef, responseStatus and annotations ------------------------------------------------ */

#define MEMBER(name, type, field, function)                            \
    {                                                                  \
        {"" name, sizeof(name) - 1}, offsetof(type, field), (function) \
    }

static int take_target(struct context *context, void *out)
{
    static const struct member members[] = {
        MEMBER("apiGroup", struct moor_event_target, group, take_text),
        MEMBER("resource", struct moor_event_target, resource, take_text),
        MEMBER("namespace", struct moor_event_target, namespace, take_text),
        MEMBER("name", struct moor_event_target, name, take_text),
        MEMBER("subresource", struct moor_event_target, subresource, take_text),
    };
    return take_members(context, out, members, MOOR_ARRAY_SIZE(members));
}

static int take_status(struct context *context, void *out)
{
    static const struct member members[] = {
        MEMBER("code", struct moor_event, code, take_code),
        MEMBER("message", struct moor_event, message, take_text),
    };
    return take_members(context, out, members, MOOR_ARRAY_SIZE(members));
}

/* Several webhooks of tagmoor may answer one request; the most severe decision is the answer. */
static void note_decision(struct moor_event *event, struct moor_slice value)
{
    for (int i = MOOR_DECISION_ALLOW; i < MOOR_DECISION_COUNT; i++) {
        if (moor_slice_is(value, moor_decision_verb((enum moor_decision)i))) {
            enum moor_event_answer answer = (enum moor_event_answer)i;
            event->decision =
                event->has_decision && event->decision > answer ? event->decision : answer;
            event->has_decision = true;
        }
    }
}

/* The value is `production (path)`; only an environment of the URL path is not in the policy. */
static void note_environment(struct moor_event *event, struct moor_slice value)
{
    static const struct moor_slice path = {" (path)", sizeof " (path)" - 1};
    if (moor_slice_ends_with(value, path)) {
        event->environment = moor_slice_sub(value, 0, value.len - path.len);
    }
}

static void note_annotation(struct moor_event *event, struct moor_slice key,
                            struct moor_slice value)
{
    /*
     * The API server puts the name of a webhook and a slash before its keys, so those of tagmoor
     * are found by their end.  The authorizer's key has the same end, and is compared first.
     */
    if (moor_slice_is(key, "authorization.k8s.io/decision")) {
        event->is_forbidden = moor_slice_is(value, "forbid");
    } else if (moor_slice_is(key, "audit.k8s.io/truncated")) {
        event->is_truncated = moor_slice_is(value, "true");
    } else if (moor_slice_is(key, "validation.policy.admission.k8s.io/validation_failure")) {
        event->is_policy_failure = true;
    } else if (moor_slice_ends_with(key, MOOR_SLICE("/decision"))) {
        note_decision(event, value);
    } else if (moor_slice_ends_with(key, MOOR_SLICE("/environment"))) {
        note_environment(event, value);
    }
}

static int take_annotations(struct context *context, void *out)
{
    struct moor_json_token key;
    enum moor_json_event event = moor_json_next(&context->reader, &key);
    if (event == MOOR_JSON_NULL) {
        return 0;
    }
    if (event != MOOR_JSON_OBJECT_BEGIN) {
        return refuse(context, event, "an object");
    }
    while ((event = moor_json_next(&context->reader, &key)) == MOOR_JSON_KEY) {
        struct moor_slice name = {0};
        struct moor_slice value = {0};
        if (moor_json_token_text(&key, context->arena, &name, context->err) != 0 ||
            take_text(context, &value) != 0) {
            return -1;
        }
        note_annotation(out, name, value);
    }
    return event == MOOR_JSON_OBJECT_END ? 0 : fail_on_json(context);
}

/* --- the event -------------------------------------------------------------------------------- */

static const struct member event_members[] = {
    MEMBER("kind", struct moor_event, kind, take_text),
    MEMBER("apiVersion", struct moor_event, version, take_text),
    MEMBER("auditID", struct moor_event, id, take_text),
    MEMBER("stage", struct moor_event, stage, take_text),
    MEMBER("requestURI", struct moor_event, uri, take_text),
    MEMBER("verb", struct moor_event, verb, take_text),
    MEMBER("user", struct moor_event, user, take_raw),
    MEMBER("impersonatedUser", struct moor_event, impersonated, take_raw),
    MEMBER("objectRef", struct moor_event, target, take_target),
    MEMBER("requestObject", struct moor_event, request_object, take_raw),
    MEMBER("responseObject", struct moor_event, response_object, take_raw),
    MEMBER("requestReceivedTimestamp", struct moor_event, received, take_text),
    MEMBER("stageTimestamp", struct moor_event, staged, take_text),
    /* These two fill several members of the event. */
    {{"responseStatus", 14}, 0, take_status},
    {{"annotations", 11}, 0, take_annotations},
};

/* A log can contain other JSON lines than events; they get an error of their own. */
static int check_event(struct moor_event *event, struct moor_error *err)
{
    struct moor_slice time = event->staged.len > 0 ? event->staged : event->received;
    struct moor_error wrong = {0};
    if (!moor_slice_is(event->kind, "Event") ||
        !moor_slice_starts_with(event->version, MOOR_SLICE("audit.k8s.io/"))) {
        return moor_error_set(err, MOOR_ERROR_VALUE, "not an event of audit.k8s.io");
    }
    if (moor_timestamp_parse(&event->time, time, &wrong) != 0) {
        return moor_error_set(err, MOOR_ERROR_VALUE, "invalid time: %s", wrong.text);
    }
    /* Admission sees the impersonated user, not the one who impersonates. */
    event->user = event->impersonated.len > 0 ? event->impersonated : event->user;
    return 0;
}

int moor_event_decode(struct moor_event *out, struct moor_slice line, struct moor_arena *arena,
                      struct moor_error *err)
{
    struct context context = {.arena = arena, .err = err};
    struct moor_json_token token;
    *out = (struct moor_event){0};
    moor_json_reader_init(&context.reader, line);
    if (take_members(&context, out, event_members, MOOR_ARRAY_SIZE(event_members)) != 0) {
        return -1;
    }
    if (moor_json_next(&context.reader, &token) != MOOR_JSON_END) {
        return fail_on_json(&context);
    }
    return check_event(out, err);
}

/* An absent text has no address, which memmem() must not get. */
static bool contains(struct moor_slice text, const char *part)
{
    return text.len > 0 && memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

bool moor_event_is_dry_run(const struct moor_event *event)
{
    /*
     * `All` is the only value that Kubernetes accepts, and an event has the parameter only in its
     * URI.
     */
    return contains(event->uri, "dryRun=All");
}

/* The API server writes these words in the message of a denial by admission. */
static bool is_rejected(const struct moor_event *event)
{
    bool is_admission = contains(event->message, "admission webhook \"") ||
                        contains(event->message, "ValidatingAdmissionPolicy '");
    return event->is_policy_failure || (is_admission && contains(event->message, "denied"));
}

enum moor_event_answer moor_event_answer_of(const struct moor_event *event)
{
    /*
     * The annotation comes first: a request that tagmoor allowed can still fail for another reason.
     */
    if (event->has_decision) {
        return event->decision;
    }
    if (moor_event_succeeded(event)) {
        return MOOR_EVENT_ADMITTED;
    }
    return is_rejected(event) ? MOOR_EVENT_REJECTED : MOOR_EVENT_FAILED;
}

const char *moor_event_answer_name(enum moor_event_answer answer)
{
    static const char *const names[] = {
        [MOOR_EVENT_ALLOW] = "allow",       [MOOR_EVENT_AUDIT] = "audit",
        [MOOR_EVENT_WARN] = "warn",         [MOOR_EVENT_DENY] = "deny",
        [MOOR_EVENT_ADMITTED] = "admitted", [MOOR_EVENT_REJECTED] = "rejected",
        [MOOR_EVENT_FAILED] = "failed",
    };

    return names[answer];
}
