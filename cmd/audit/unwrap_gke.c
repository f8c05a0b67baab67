/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/audit/unwrap_gke.h"

#include "cmd/audit/member.h"
#include "policy/base/array_size.h"
#include "policy/base/buf.h"
#include "policy/json/writer.h"

#define EVENT_MAX   ((size_t)9 * 1024 * 1024)
#define PARTS_MAX   8
#define HTTP_FAILED 500

/* The texts of an entry. */
struct entry {
    struct moor_slice payload;
    struct moor_slice id;
    struct moor_slice time;
    struct moor_slice user;
    struct moor_slice method;
    struct moor_slice name;
    struct moor_slice message;
};

/* A text in parts, without the separators. */
struct parts {
    struct moor_slice items[PARTS_MAX];
    size_t count;
};

/* The last part has everything beyond the maximum. */
static struct parts split(struct moor_slice text, char separator)
{
    struct parts parts = {.count = 0};
    size_t start = 0;
    for (size_t i = 0; i <= text.len && parts.count < PARTS_MAX; i++) {
        if (i == text.len || text.ptr[i] == separator) {
            parts.items[parts.count++] = moor_slice_sub(text, start, i);
            start = i + 1;
        }
    }
    return parts;
}

static int read_entry(struct entry *out, struct moor_slice object, struct moor_arena *arena,
                      struct moor_error *err)
{
    out->payload = moor_member_find(object, "protoPayload");

    const struct {
        struct moor_slice *out;
        struct moor_slice object;
        const char *name;
    } texts[] = {
        {&out->id, object, "insertId"},
        {&out->time, object, "timestamp"},
        {&out->user, moor_member_find(out->payload, "authenticationInfo"), "principalEmail"},
        {&out->method, out->payload, "methodName"},
        {&out->name, out->payload, "resourceName"},
        {&out->message, moor_member_find(out->payload, "status"), "message"},
    };

    for (size_t i = 0; i < MOOR_ARRAY_SIZE(texts); i++) {
        if (moor_member_text(texts[i].out, texts[i].object, texts[i].name, arena, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Returns the HTTP status for the code of gRPC; 201 is the answer to a create. */
static uint64_t status_of(struct moor_slice payload, struct moor_slice verb)
{
    static const struct {
        const char *code;
        uint64_t status;
    } codes[] = {{"3", 400}, {"5", 404},  {"6", 409}, {"7", 403},
                 {"9", 422}, {"10", 409}, {"16", 401}};
    /* The entry of a successful request has no code, or 0, which is OK in gRPC. */
    struct moor_slice code = moor_member_find(moor_member_find(payload, "status"), "code");
    if (code.len == 0 || moor_slice_is(code, "0")) {
        return moor_slice_is(verb, "create") ? 201 : 200;
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(codes); i++) {
        if (moor_slice_is(code, codes[i].code)) {
            return codes[i].status;
        }
    }
    return HTTP_FAILED;
}

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

/*
 * The name has the group and the version first; the group `core` has no name.  A resource with a
 * namespace has two more parts.
 */
static void put_target(struct moor_json_writer *json, struct moor_slice name)
{
    struct parts parts = split(name, '/');
    size_t at = 2;
    moor_json_key(json, "objectRef");
    moor_json_object_begin(json);
    if (!moor_slice_is(parts.items[0], "core")) {
        put(json, "apiGroup", parts.items[0]);
    }
    /*
     * `core/v1/namespaces/NAME` is the Namespace itself: only with more parts it contains the
     * resource.
     */
    if (parts.count > at + 2 && moor_slice_is(parts.items[at], "namespaces")) {
        put(json, "namespace", parts.items[at + 1]);
        at += 2;
    }
    static const char *const names[] = {"resource", "name", "subresource"};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(names) && at + i < parts.count; i++) {
        put(json, names[i], parts.items[at + i]);
    }
    moor_json_object_end(json);
}

static void put_event(struct moor_json_writer *json, const struct entry *entry,
                      struct moor_slice object)
{
    /* The method is `io.k8s.core.v1.pods.create`: the verb follows the last dot. */
    struct moor_slice verb = entry->method;
    for (size_t i = verb.len; i > 0 && verb.ptr == entry->method.ptr; i--) {
        if (entry->method.ptr[i - 1] == '.') {
            verb = moor_slice_sub(entry->method, i, entry->method.len);
        }
    }
    moor_json_object_begin(json);
    moor_json_member_text(json, "kind", "Event");
    moor_json_member_text(json, "apiVersion", "audit.k8s.io/v1");
    /* Google logs a request once, after its response. */
    moor_json_member_text(json, "stage", "ResponseComplete");
    put(json, "auditID", entry->id);
    put(json, "verb", verb);
    put(json, "stageTimestamp", entry->time);
    moor_json_key(json, "user");
    moor_json_object_begin(json);
    put(json, "username", entry->user);
    moor_json_object_end(json);
    put_target(json, entry->name);
    moor_json_key(json, "responseStatus");
    moor_json_object_begin(json);
    moor_json_member_u64(json, "code", status_of(entry->payload, verb));
    put(json, "message", entry->message);
    moor_json_object_end(json);
    put_raw(json, "requestObject", moor_member_find(entry->payload, "request"));
    put_raw(json, "responseObject", moor_member_find(entry->payload, "response"));
    /* Google moves the annotations of an event to the labels of the log entry. */
    put_raw(json, "annotations", moor_member_find(object, "labels"));
    moor_json_object_end(json);
}

int moor_unwrap_gke(struct moor_slice *out, struct moor_slice entry, struct moor_arena *arena,
                    struct moor_error *err)
{
    struct entry read = {0};
    struct moor_buf event;
    struct moor_json_writer json;
    if (read_entry(&read, entry, arena, err) != 0) {
        return -1;
    }
    /*
     * A line without a payload can be an event that is not wrapped, and the decoder reports it
     * otherwise.
     */
    if (read.payload.len == 0) {
        *out = entry;
        return 0;
    }
    moor_buf_init(&event, EVENT_MAX);
    moor_json_writer_init(&json, &event);
    put_event(&json, &read, entry);
    int status = moor_buf_check(&event, err);
    /*
     * The event must outlive the buffer, and lives as long as the texts that were read from the
     * line.
     */
    status = status == 0 ? moor_arena_copy(arena, out, moor_buf_slice(&event), err) : status;
    moor_buf_release(&event);
    return status;
}
