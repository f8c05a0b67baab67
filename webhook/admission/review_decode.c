/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/admission/review_decode.h"

#include "policy/base/array_size.h"
#include "policy/json/reader.h"
#include "policy/object/reader.h"

/* State of the decoder. */
struct decode_context {
    struct moor_request *request;
    struct moor_slice *uid;
    const struct moor_policy *policy;
    struct moor_json_reader *reader;
    struct moor_arena *arena;
    struct moor_error *err;
    struct moor_slice resource_group;
    size_t group_room;
    /* Objects that appeared before their kind was known; they are read at the end. */
    struct moor_slice waiting_object;
    struct moor_slice waiting_old_object;
    bool has_kind;
    bool has_resource;
    bool has_operation;
};

/* Member of an object, and the function that takes its value. */
struct member {
    struct moor_slice key;
    int (*take)(struct decode_context *context);
};

#define MEMBER(name, function)                  \
    {                                           \
        {"" name, sizeof(name) - 1}, (function) \
    }

static int fail_on_json(const struct decode_context *context)
{
    return moor_error_set(context->err, context->reader->error.code, "%s",
                          context->reader->error.text);
}

/* Reports another value than `wanted`, or a syntax error. */
static int refuse(const struct decode_context *context, enum moor_json_event event,
                  const char *wanted)
{
    if (event == MOOR_JSON_ERROR) {
        return fail_on_json(context);
    }
    return moor_error_set(context->err, MOOR_ERROR_VALUE, "expected %s at offset %zu", wanted,
                          (size_t)(context->reader->at - context->reader->start));
}

/*
 * Takes one member.  Unknown members are skipped, because later versions of Kubernetes may add
 * some.  A duplicate is an error, because the API server uses the last of two members and other
 * readers the first.
 */
static int take_member(struct decode_context *context, const struct member *members, size_t count,
                       const struct moor_json_token *key, unsigned *seen)
{
    for (size_t i = 0; i < count; i++) {
        /* Names are compared as they are: the API server writes them in one spelling only. */
        if (!moor_json_token_is(key, members[i].key)) {
            continue;
        }
        if ((*seen & (1U << i)) != 0) {
            return moor_error_set(context->err, MOOR_ERROR_VALUE, "duplicate member '%.*s'",
                                  MOOR_SLICE_ARGS(members[i].key));
        }
        *seen |= 1U << i;
        return members[i].take(context);
    }
    return moor_json_skip(context->reader, NULL) == 0 ? 0 : fail_on_json(context);
}

/* Reads the members of an object up to its end; the caller has read the `{`. */
static int take_members(struct decode_context *context, const struct member *members, size_t count)
{
    unsigned seen = 0;
    struct moor_json_token key;
    enum moor_json_event event = MOOR_JSON_ERROR;
    while ((event = moor_json_next(context->reader, &key)) == MOOR_JSON_KEY) {
        if (take_member(context, members, count, &key, &seen) != 0) {
            return -1;
        }
    }
    return event == MOOR_JSON_OBJECT_END ? 0 : fail_on_json(context);
}

/*
 * Reads an object.  Go's encoder writes null for a nil pointer, so null counts as an empty object.
 */
static int take_object(struct decode_context *context, const struct member *members, size_t count)
{
    struct moor_json_token token;
    enum moor_json_event event = moor_json_next(context->reader, &token);
    if (event == MOOR_JSON_NULL) {
        return 0;
    }
    return event == MOOR_JSON_OBJECT_BEGIN ? take_members(context, members, count)
                                           : refuse(context, event, "an object");
}

/* Reads a string; null counts as an empty one. */
static int take_string(struct decode_context *context, struct moor_slice *out,
                       struct moor_json_token *token)
{
    enum moor_json_event event = moor_json_next(context->reader, token);
    if (event == MOOR_JSON_NULL) {
        token->raw = (struct moor_slice){0};
        return 0;
    }
    return event == MOOR_JSON_STRING
               ? moor_json_token_text(token, context->arena, out, context->err)
               : refuse(context, event, "a string");
}

static int take_text(struct decode_context *context, struct moor_slice *out)
{
    struct moor_json_token token;
    return take_string(context, out, &token);
}

/* --- request.kind and request.resource -------------------------------------------------------- */

static int take_group(struct decode_context *context)
{
    return take_text(context, &context->request->group);
}

static int take_kind_name(struct decode_context *context)
{
    return take_text(context, &context->request->kind);
}

static int take_resource_group(struct decode_context *context)
{
    return take_text(context, &context->resource_group);
}

static int take_resource_name(struct decode_context *context)
{
    return take_text(context, &context->request->resource);
}

/* Finds the kind by its name or by the resource's name, whichever the policy knows. */
static void find_kind(struct decode_context *context)
{
    struct moor_request *request = context->request;
    /*
     * The kind comes first, because it gives the structure of `object`: a request for
     * `pods/eviction` contains an Eviction and not a Pod.
     */
    request->holds = moor_policy_find_kind(context->policy, request->group, (struct moor_slice){0},
                                           request->kind);
    if (request->holds == NULL) {
        request->holds = moor_policy_find_kind(context->policy, context->resource_group,
                                               request->resource, (struct moor_slice){0});
    }
}

static int take_kind(struct decode_context *context)
{
    static const struct member members[] = {
        MEMBER("group", take_group),
        MEMBER("kind", take_kind_name),
    };
    context->has_kind = true;
    return take_object(context, members, MOOR_ARRAY_SIZE(members));
}

static int take_resource(struct decode_context *context)
{
    static const struct member members[] = {
        MEMBER("group", take_resource_group),
        MEMBER("resource", take_resource_name),
    };
    context->has_resource = true;
    return take_object(context, members, MOOR_ARRAY_SIZE(members));
}

/* --- request.userInfo ------------------------------------------------------------------------- */

static int take_user(struct decode_context *context)
{
    return take_text(context, &context->request->user);
}

/* Groups beyond the maximum are ignored: a missing group can only make a decision stricter. */
static int add_group(struct decode_context *context, const struct moor_json_token *token)
{
    struct moor_request *request = context->request;
    if (request->group_count == MOOR_REQUEST_MAX_GROUPS) {
        return 0;
    }
    struct moor_slice *grown =
        moor_arena_grow(context->arena, request->groups, request->group_count, &context->group_room,
                        request->group_count + 1, sizeof *grown);
    if (grown == NULL) {
        return moor_error_set(context->err, MOOR_ERROR_MEMORY, "no memory for %zu groups",
                              request->group_count + 1);
    }
    request->groups = grown;
    return moor_json_token_text(token, context->arena, &grown[request->group_count++],
                                context->err);
}

/*
 * The group system:nodes is kept apart from the list, because the list is limited and the group
 * decides whether the request comes from a kubelet.
 */
static int take_groups(struct decode_context *context)
{
    static const struct moor_slice nodes = {"system:nodes", 12};
    struct moor_json_token token;
    enum moor_json_event event = moor_json_next(context->reader, &token);
    if (event == MOOR_JSON_NULL) {
        return 0;
    }
    if (event != MOOR_JSON_ARRAY_BEGIN) {
        return refuse(context, event, "a list");
    }
    while ((event = moor_json_next(context->reader, &token)) == MOOR_JSON_STRING) {
        if (moor_json_token_is(&token, nodes)) {
            context->request->user_is_node = true;
        }
        if (add_group(context, &token) != 0) {
            return -1;
        }
    }
    return event == MOOR_JSON_ARRAY_END ? 0 : refuse(context, event, "a string");
}

static int take_user_info(struct decode_context *context)
{
    static const struct member members[] = {
        MEMBER("username", take_user),
        MEMBER("groups", take_groups),
    };
    return take_object(context, members, MOOR_ARRAY_SIZE(members));
}

/* --- the other members of request ------------------------------------------------------------- */

/* The raw text is kept for the response, which must have the same uid byte for byte. */
static int take_uid(struct decode_context *context)
{
    struct moor_json_token token;
    if (take_string(context, &context->request->uid, &token) != 0) {
        return -1;
    }
    *context->uid = token.raw;
    return 0;
}

static int take_subresource(struct decode_context *context)
{
    return take_text(context, &context->request->subresource);
}

static int take_name(struct decode_context *context)
{
    return take_text(context, &context->request->name);
}

static int take_namespace(struct decode_context *context)
{
    return take_text(context, &context->request->namespace);
}

static int take_operation(struct decode_context *context)
{
    static const enum moor_operation all[] = {MOOR_OPERATION_CREATE, MOOR_OPERATION_UPDATE,
                                              MOOR_OPERATION_DELETE, MOOR_OPERATION_CONNECT};
    struct moor_slice text = {0};
    if (take_text(context, &text) != 0) {
        return -1;
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(all); i++) {
        if (moor_slice_is(text, moor_operation_name(all[i]))) {
            context->request->operation = all[i];
            /* CREATE is 0, so that a value alone does not tell whether the member was there. */
            context->has_operation = true;
            return 0;
        }
    }
    return refuse(context, MOOR_JSON_STRING, "CREATE, UPDATE, DELETE or CONNECT");
}

/* Dry runs are evaluated like other requests; the log tells them apart. */
static int take_dry_run(struct decode_context *context)
{
    struct moor_json_token token;
    enum moor_json_event event = moor_json_next(context->reader, &token);
    context->request->is_dry_run = event == MOOR_JSON_TRUE;
    bool is_known = event == MOOR_JSON_TRUE || event == MOOR_JSON_FALSE || event == MOOR_JSON_NULL;
    return is_known ? 0 : refuse(context, event, "true or false");
}

/* --- request.object and request.oldObject ----------------------------------------------------- */

/*
 * Reads the object in place if its kind is already known, as in all requests of the API server.
 * Otherwise the object is read after the rest of the body.
 */
static int take_or_keep(struct decode_context *context, struct moor_object *out,
                        struct moor_slice *waiting)
{
    /* The policy may know the kind by either of the two, so both must have been read. */
    if (context->has_kind && context->has_resource) {
        find_kind(context);
    }
    if (context->request->holds != NULL) {
        return moor_object_read(out, context->reader, context->request->holds,
                                &context->policy->annotations, context->arena, context->err);
    }
    return moor_json_skip(context->reader, waiting) == 0 ? 0 : fail_on_json(context);
}

static int take_new_object(struct decode_context *context)
{
    return take_or_keep(context, &context->request->object, &context->waiting_object);
}

static int take_old_object(struct decode_context *context)
{
    return take_or_keep(context, &context->request->old_object, &context->waiting_old_object);
}

/* The object is scanned a second time, which only a client other than the API server can cause. */
static int read_waiting(const struct decode_context *context, struct moor_object *out,
                        struct moor_slice waiting)
{
    if (waiting.len == 0 || context->request->holds == NULL) {
        return 0;
    }
    struct moor_json_reader reader;
    moor_json_reader_init(&reader, waiting);
    return moor_object_read(out, &reader, context->request->holds, &context->policy->annotations,
                            context->arena, context->err);
}

/* --- the review ------------------------------------------------------------------------------- */

static int take_request(struct decode_context *context)
{
    static const struct member members[] = {
        MEMBER("uid", take_uid),
        MEMBER("kind", take_kind),
        MEMBER("resource", take_resource),
        MEMBER("subResource", take_subresource),
        MEMBER("name", take_name),
        MEMBER("namespace", take_namespace),
        MEMBER("operation", take_operation),
        MEMBER("userInfo", take_user_info),
        MEMBER("object", take_new_object),
        MEMBER("oldObject", take_old_object),
        MEMBER("dryRun", take_dry_run),
    };
    return take_object(context, members, MOOR_ARRAY_SIZE(members));
}

/* A review of another version may have its members elsewhere, so it is an error and not guessed. */
static int take_constant(struct decode_context *context, const char *name, const char *wanted)
{
    struct moor_slice text = {0};
    if (take_text(context, &text) != 0) {
        return -1;
    }
    if (!moor_slice_is(text, wanted)) {
        return moor_error_set(context->err, MOOR_ERROR_VALUE, "'%s' must be '%s'", name, wanted);
    }
    return 0;
}

static int take_review_kind(struct decode_context *context)
{
    return take_constant(context, "kind", "AdmissionReview");
}

static int take_api_version(struct decode_context *context)
{
    return take_constant(context, "apiVersion", "admission.k8s.io/v1");
}

static const struct member review_members[] = {
    MEMBER("kind", take_review_kind),
    MEMBER("apiVersion", take_api_version),
    MEMBER("request", take_request),
};

/* Reads the whole body: one object with all three members, and nothing after it. */
static int take_review(struct decode_context *context)
{
    struct moor_json_token token;
    unsigned seen = 0;
    enum moor_json_event event = moor_json_next(context->reader, &token);
    if (event != MOOR_JSON_OBJECT_BEGIN) {
        return refuse(context, event, "an object");
    }
    while ((event = moor_json_next(context->reader, &token)) == MOOR_JSON_KEY) {
        if (take_member(context, review_members, MOOR_ARRAY_SIZE(review_members), &token, &seen) !=
            0) {
            return -1;
        }
    }
    if (event != MOOR_JSON_OBJECT_END || moor_json_next(context->reader, &token) != MOOR_JSON_END) {
        return fail_on_json(context);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(review_members); i++) {
        if ((seen & (1U << i)) == 0) {
            return moor_error_set(context->err, MOOR_ERROR_VALUE, "missing member '%.*s'",
                                  MOOR_SLICE_ARGS(review_members[i].key));
        }
    }
    return 0;
}

/* Without these members the response has no uid, or the request cannot be classified. */
static int check_complete(const struct decode_context *context)
{
    const char *missing = context->request->uid.len == 0    ? "uid"
                          : context->request->kind.len == 0 ? "kind"
                          : !context->has_operation         ? "operation"
                                                            : NULL;
    return missing == NULL ? 0
                           : moor_error_set(context->err, MOOR_ERROR_VALUE,
                                            "missing member 'request.%s'", missing);
}

int moor_review_decode(struct moor_request *out, struct moor_slice *uid, struct moor_slice body,
                       const struct moor_policy *policy, struct moor_arena *arena,
                       struct moor_error *err)
{
    struct moor_json_reader reader;
    moor_json_reader_init(&reader, body);
    struct decode_context context = {.request = out,
                                     .uid = uid,
                                     .policy = policy,
                                     .reader = &reader,
                                     .arena = arena,
                                     .err = err};
    *out = (struct moor_request){0};
    /* Also for an error: a uid that was read before it makes the answer a denial with this uid. */
    *uid = (struct moor_slice){0};
    if (take_review(&context) != 0) {
        return -1;
    }
    if (check_complete(&context) != 0) {
        return -1;
    }
    find_kind(&context);
    if (read_waiting(&context, &out->object, context.waiting_object) != 0) {
        return -1;
    }
    return read_waiting(&context, &out->old_object, context.waiting_old_object);
}
