/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/audit/review.h"

#include "policy/base/array_size.h"
#include "policy/json/reader.h"
#include "policy/json/writer.h"
#include "policy/object/request.h"

#define CREATED 201

/* The members of an object that name it. */
struct identity {
    struct moor_slice version; /* apiVersion */
    struct moor_slice kind;
    struct moor_slice name; /* metadata.name */
    bool has_metadata;
};

static enum moor_review_verb verb_of(const struct moor_event *event)
{
    static const struct {
        const char *verb;
        enum moor_review_verb means;
    } verbs[] = {
        {"create", MOOR_REVIEW_CREATE},
        {"update", MOOR_REVIEW_UPDATE},
        {"patch", MOOR_REVIEW_PATCH},
        {"delete", MOOR_REVIEW_DELETE},
        {"deletecollection", MOOR_REVIEW_DELETE},
    };

    static const char *const connections[] = {"exec", "attach", "portforward", "proxy"};
    /*
     * `kubectl exec` has the verb create or get in the log, but the operation CONNECT in admission:
     * the subresource decides before the verb.
     */
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(connections); i++) {
        if (moor_slice_is(event->target.subresource, connections[i])) {
            return MOOR_REVIEW_CONNECT;
        }
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(verbs); i++) {
        if (moor_slice_is(event->verb, verbs[i].verb)) {
            return verbs[i].means;
        }
    }
    return MOOR_REVIEW_READ;
}

/* --- the identity of an object ---------------------------------------------------------------- */

static int fail_on_json(const struct moor_json_reader *reader, struct moor_error *err)
{
    return moor_error_set(err, reader->error.code, "%s", reader->error.text);
}

/* Takes a string into `*out`; other values count as absent, and the decoder refuses them. */
static int take_text(struct moor_json_reader *reader, struct moor_slice *out,
                     struct moor_arena *arena, struct moor_error *err)
{
    struct moor_json_token token;
    struct moor_slice raw = {0};
    if (moor_json_skip(reader, &raw) != 0) {
        return fail_on_json(reader, err);
    }
    if (raw.len < 2 || raw.ptr[0] != '"') {
        return 0;
    }
    struct moor_json_reader text;
    moor_json_reader_init(&text, raw);
    return moor_json_next(&text, &token) == MOOR_JSON_STRING
               ? moor_json_token_text(&token, arena, out, err)
               : fail_on_json(&text, err);
}

static int take_metadata(struct moor_json_reader *reader, struct identity *out,
                         struct moor_arena *arena, struct moor_error *err)
{
    struct moor_json_token token;
    enum moor_json_event event = moor_json_next(reader, &token);
    out->has_metadata = true;
    if (event != MOOR_JSON_OBJECT_BEGIN) {
        return 0;
    }
    while ((event = moor_json_next(reader, &token)) == MOOR_JSON_KEY) {
        if (moor_json_token_is(&token, MOOR_SLICE("name"))) {
            return take_text(reader, &out->name, arena, err) != 0 ||
                           moor_json_skip_rest(reader) != 0
                       ? -1
                       : 0;
        }
        if (moor_json_skip(reader, NULL) != 0) {
            return fail_on_json(reader, err);
        }
    }
    return event == MOOR_JSON_OBJECT_END ? 0 : fail_on_json(reader, err);
}

/* Reads no further than necessary: the specification, the larger part, follows the metadata. */
static int identify(struct identity *out, struct moor_slice object, struct moor_arena *arena,
                    struct moor_error *err)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, object);
    if (object.len == 0 || moor_json_next(&reader, &token) != MOOR_JSON_OBJECT_BEGIN) {
        return 0;
    }
    /*
     * Go writes apiVersion, kind and metadata first, so the loop usually ends after three members.
     */
    while (!(out->has_metadata && out->version.len > 0 && out->kind.len > 0)) {
        if (moor_json_next(&reader, &token) != MOOR_JSON_KEY) {
            return 0;
        }
        int status = 0;
        if (moor_json_token_is(&token, MOOR_SLICE("kind"))) {
            status = take_text(&reader, &out->kind, arena, err);
        } else if (moor_json_token_is(&token, MOOR_SLICE("apiVersion"))) {
            status = take_text(&reader, &out->version, arena, err);
        } else if (moor_json_token_is(&token, MOOR_SLICE("metadata"))) {
            status = take_metadata(&reader, out, arena, err);
        } else if (moor_json_skip(&reader, NULL) != 0) {
            status = fail_on_json(&reader, err);
        }
        if (status != 0) {
            return -1;
        }
    }
    return 0;
}

/* --- preparing -------------------------------------------------------------------------------- */

/* A successful read or write answers with the object; an error, or a deletion, with a Status. */
static struct moor_slice object_of(const struct moor_event *event, enum moor_review_verb verb)
{
    if (verb == MOOR_REVIEW_DELETE || verb == MOOR_REVIEW_CONNECT) {
        return (struct moor_slice){0};
    }
    if (moor_event_succeeded(event) && event->response_object.len > 0) {
        return event->response_object;
    }
    /* The request of a patch is not an object, and without the response its result is unknown. */
    if (verb == MOOR_REVIEW_PATCH) {
        return (struct moor_slice){0};
    }
    return event->request_object;
}

static struct moor_slice group_of(struct moor_slice version)
{
    const char *slash = version.len > 0 ? memchr(version.ptr, '/', version.len) : NULL;
    return moor_slice_sub(version, 0, slash != NULL ? (size_t)(slash - version.ptr) : 0);
}

int moor_review_prepare(struct moor_review_source *out, const struct moor_event *event,
                        struct moor_arena *arena, struct moor_error *err)
{
    struct identity object = {0};
    *out = (struct moor_review_source){.event = event, .verb = verb_of(event)};
    out->object = object_of(event, out->verb);
    if (identify(&object, out->object, arena, err) != 0) {
        return -1;
    }
    out->group = group_of(object.version);
    out->kind = object.kind;
    /*
     * The URL of a create has no name.  With generateName, the request has none either: the API
     * server generates it before it asks webhooks, and only the stored object shows it.
     */
    out->name = object.name.len > 0 ? object.name : event->target.name;
    return 0;
}

bool moor_review_is_update(const struct moor_review_source *source)
{
    /*
     * A patch of server-side apply, or an update, can create the object; the API server then
     * answers 201 and admission sees CREATE.
     */
    return (source->verb == MOOR_REVIEW_UPDATE || source->verb == MOOR_REVIEW_PATCH) &&
           source->event->code != CREATED;
}

/* --- writing ---------------------------------------------------------------------------------- */

static enum moor_operation operation_of(const struct moor_review_source *source)
{
    switch (source->verb) {
    case MOOR_REVIEW_DELETE:
        return MOOR_OPERATION_DELETE;
    case MOOR_REVIEW_CONNECT:
        return MOOR_OPERATION_CONNECT;
    default:
        return moor_review_is_update(source) ? MOOR_OPERATION_UPDATE : MOOR_OPERATION_CREATE;
    }
}

/* Names of a user can have any character, and the decoder must read exactly these. */
static void put(struct moor_json_writer *json, const char *name, struct moor_slice text)
{
    if (text.len > 0) {
        moor_json_member_string(json, name, text);
    }
}

static void put_raw(struct moor_json_writer *json, const char *name, struct moor_slice value)
{
    if (value.len > 0) {
        moor_json_key(json, name);
        moor_json_raw(json, value);
    }
}

/* A request without an object has no kind; the name of the resource only replaces its absence. */
static void put_kind(struct moor_json_writer *json, const struct moor_review_source *source)
{
    const struct moor_event_target *target = &source->event->target;
    bool has_kind = source->kind.len > 0;
    struct moor_slice fallback =
        target->resource.len > 0 ? target->resource : MOOR_SLICE("unknown");
    moor_json_key(json, "kind");
    moor_json_object_begin(json);
    put(json, "group", has_kind ? source->group : target->group);
    put(json, "kind", has_kind ? source->kind : fallback);
    moor_json_object_end(json);
    moor_json_key(json, "resource");
    moor_json_object_begin(json);
    put(json, "group", target->group);
    put(json, "resource", target->resource);
    moor_json_object_end(json);
}

void moor_review_append(struct moor_buf *out, const struct moor_review_source *source)
{
    const struct moor_event *event = source->event;
    struct moor_json_writer json;
    moor_json_writer_init(&json, out);
    moor_json_object_begin(&json);
    moor_json_member_text(&json, "kind", "AdmissionReview");
    moor_json_member_text(&json, "apiVersion", "admission.k8s.io/v1");
    moor_json_key(&json, "request");
    moor_json_object_begin(&json);
    /* The decoder of the webhook requires a uid, which only correlates the answer. */
    moor_json_member_string(&json, "uid", event->id.len > 0 ? event->id : MOOR_SLICE("none"));
    put_kind(&json, source);
    put(&json, "subResource", event->target.subresource);
    put(&json, "name", source->name);
    put(&json, "namespace", event->target.namespace);
    moor_json_member_text(&json, "operation", moor_operation_name(operation_of(source)));
    put_raw(&json, "userInfo", event->user);
    put_raw(&json, "object", source->object);
    moor_json_member_bool(&json, "dryRun", moor_event_is_dry_run(event));
    moor_json_object_end(&json);
    moor_json_object_end(&json);
}

/* A slash separates the parts, because no part of a URL path can contain one. */
void moor_review_append_key(struct moor_buf *out, const struct moor_review_source *source)
{
    const struct moor_event_target *target = &source->event->target;
    const struct moor_slice parts[] = {target->group, target->resource, target->namespace,
                                       source->name};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(parts); i++) {
        moor_buf_append(out, parts[i]);
        moor_buf_append_byte(out, '/');
    }
}
