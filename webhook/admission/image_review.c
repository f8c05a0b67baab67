/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/admission/image_review.h"

#include "policy/json/reader.h"
#include "policy/json/writer.h"
#include "policy/message.h"
#include "policy/object/reader.h"

#define API_VERSION "imagepolicy.k8s.io/v1alpha1"
#define KIND        "ImageReview"

/* --- paths of the images: spec.containers[].image --------------------------------------------- */

/*
 * The review is described as a kind of object, so that the same code reads its images and reports
 * their paths.
 */
static const struct moor_path_node container[] = {
    {.step = MOOR_PATH_MEMBER, .role = MOOR_PATH_IMAGE, .key = {"image", 5}},
};

static const struct moor_path_node containers[] = {
    {.step = MOOR_PATH_ANY_ITEM, .role = MOOR_PATH_HOLDER, .children = container, .child_count = 1},
};

static const struct moor_path_node spec[] = {
    {.step = MOOR_PATH_MEMBER,
     .key = {"containers", 10},
     .field = MOOR_FIELD_CONTAINERS,
     .sets_field = true,
     .children = containers,
     .child_count = 1},
};

static const struct moor_path_node members[] = {
    {.step = MOOR_PATH_MEMBER, .key = {"spec", 4}, .children = spec, .child_count = 1},
};

static const struct moor_path_node root = {.children = members, .child_count = 1};

static const struct moor_kind kind = {
    .group = {"imagepolicy.k8s.io", 18},
    .resource = {"imagereviews", 12},
    .kind = {KIND, sizeof KIND - 1},
    .root = &root,
};

/* --- decoding --------------------------------------------------------------------------------- */

/* Members that are read besides the images; all are strings. */
struct texts {
    struct moor_slice api_version;
    struct moor_slice kind;
    struct moor_slice namespace;
    bool has_spec;
};

static int fail_on_json(const struct moor_json_reader *reader, struct moor_error *err)
{
    return moor_error_set(err, reader->error.code, "%s", reader->error.text);
}

/*
 * Takes a member that may occur once; null counts as absent.  A duplicate is an error, because the
 * API server uses the last of two members and other readers the first.
 */
static int take_text(struct moor_slice *out, struct moor_json_reader *reader, const char *name,
                     struct moor_arena *arena, struct moor_error *err)
{
    struct moor_json_token token;
    enum moor_json_event event = moor_json_next(reader, &token);
    if (event == MOOR_JSON_ERROR) {
        return fail_on_json(reader, err);
    }
    if (out->ptr != NULL) {
        return moor_error_set(err, MOOR_ERROR_VALUE, "duplicate member '%s'", name);
    }
    if (event == MOOR_JSON_NULL) {
        *out = MOOR_SLICE("");
        return 0;
    }
    return event == MOOR_JSON_STRING
               ? moor_json_token_text(&token, arena, out, err)
               : moor_error_set(err, MOOR_ERROR_VALUE, "'%s' must be a string", name);
}

static int skip(struct moor_json_reader *reader, struct moor_error *err)
{
    return moor_json_skip(reader, NULL) == 0 ? 0 : fail_on_json(reader, err);
}

/*
 * Takes only the namespace of `spec`.  A `spec` that is not an object is malformed, and the judge
 * decides about it.
 */
static int take_spec(struct texts *texts, struct moor_json_reader *reader, struct moor_arena *arena,
                     struct moor_error *err)
{
    struct moor_json_token token;
    enum moor_json_event event = moor_json_next(reader, &token);
    texts->has_spec = event != MOOR_JSON_NULL;
    if (event == MOOR_JSON_ARRAY_BEGIN) {
        return moor_json_skip_rest(reader) == 0 ? 0 : fail_on_json(reader, err);
    }
    if (event != MOOR_JSON_OBJECT_BEGIN) {
        return event == MOOR_JSON_ERROR ? fail_on_json(reader, err) : 0;
    }
    while ((event = moor_json_next(reader, &token)) == MOOR_JSON_KEY) {
        bool is_namespace = moor_json_token_is(&token, MOOR_SLICE("namespace"));
        if ((is_namespace ? take_text(&texts->namespace, reader, "namespace", arena, err)
                          : skip(reader, err)) != 0) {
            return -1;
        }
    }
    return event == MOOR_JSON_OBJECT_END ? 0 : fail_on_json(reader, err);
}

static int take_member(struct texts *texts, struct moor_json_reader *reader,
                       const struct moor_json_token *key, struct moor_arena *arena,
                       struct moor_error *err)
{
    if (moor_json_token_is(key, MOOR_SLICE("apiVersion"))) {
        return take_text(&texts->api_version, reader, "apiVersion", arena, err);
    }
    if (moor_json_token_is(key, MOOR_SLICE("kind"))) {
        return take_text(&texts->kind, reader, "kind", arena, err);
    }
    return moor_json_token_is(key, MOOR_SLICE("spec")) ? take_spec(texts, reader, arena, err)
                                                       : skip(reader, err);
}

static int take_texts(struct texts *texts, struct moor_slice body, struct moor_arena *arena,
                      struct moor_error *err)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, body);
    enum moor_json_event event = moor_json_next(&reader, &token);
    if (event == MOOR_JSON_ERROR) {
        return fail_on_json(&reader, err);
    }
    if (event != MOOR_JSON_OBJECT_BEGIN) {
        return moor_error_set(err, MOOR_ERROR_VALUE, "expected an object");
    }
    while ((event = moor_json_next(&reader, &token)) == MOOR_JSON_KEY) {
        if (take_member(texts, &reader, &token, arena, err) != 0) {
            return -1;
        }
    }
    bool is_whole =
        event == MOOR_JSON_OBJECT_END && moor_json_next(&reader, &token) == MOOR_JSON_END;
    return is_whole ? 0 : fail_on_json(&reader, err);
}

static int check_texts(const struct texts *texts, struct moor_error *err)
{
    if (!moor_slice_is(texts->api_version, API_VERSION)) {
        return moor_error_set(err, MOOR_ERROR_VALUE, "'apiVersion' must be '" API_VERSION "'");
    }
    if (!moor_slice_is(texts->kind, KIND)) {
        return moor_error_set(err, MOOR_ERROR_VALUE, "'kind' must be '" KIND "'");
    }
    return texts->has_spec ? 0 : moor_error_set(err, MOOR_ERROR_VALUE, "missing member 'spec'");
}

/*
 * The body is read twice, because moor_object_read() reads a whole object and knows only the paths
 * of images.
 */
static int decode(struct moor_request *out, struct moor_slice body, struct moor_arena *arena,
                  struct moor_error *err)
{
    struct texts texts = {0};
    if (take_texts(&texts, body, arena, err) != 0 || check_texts(&texts, err) != 0) {
        return -1;
    }
    *out = (struct moor_request){
        .operation = MOOR_OPERATION_CREATE, /* an ImageReview does not state the operation */
        .group = kind.group,
        .kind = kind.kind,
        .resource = kind.resource,
        .namespace = texts.namespace,
        .holds = &kind,
    };
    struct moor_json_reader reader;
    moor_json_reader_init(&reader, body);
    /* No annotations are read, because the author of the Pod writes those of a review. */
    return moor_object_read(&out->object, &reader, &kind, NULL, arena, err);
}

/*
 * Stops at the first `kind`, because the caller only chooses the decoder, which reports all errors.
 */
bool moor_image_review_is_one(struct moor_slice body)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, body);
    if (moor_json_next(&reader, &token) != MOOR_JSON_OBJECT_BEGIN) {
        return false;
    }
    while (moor_json_next(&reader, &token) == MOOR_JSON_KEY) {
        if (moor_json_token_is(&token, MOOR_SLICE("kind"))) {
            return moor_json_next(&reader, &token) == MOOR_JSON_STRING &&
                   moor_json_token_is(&token, MOOR_SLICE(KIND));
        }
        if (moor_json_skip(&reader, NULL) != 0) {
            return false;
        }
    }
    return false;
}

/* --- encoding --------------------------------------------------------------------------------- */

static void begin_status(struct moor_json_writer *json, struct moor_buf *out, bool allowed)
{
    moor_json_writer_init(json, out);
    moor_json_object_begin(json);
    moor_json_member_text(json, "apiVersion", API_VERSION);
    moor_json_member_text(json, "kind", KIND);
    moor_json_key(json, "status");
    moor_json_object_begin(json);
    moor_json_member_bool(json, "allowed", allowed);
}

static void end_status(struct moor_json_writer *json)
{
    moor_json_object_end(json);
    moor_json_object_end(json);
}

static void encode(struct moor_buf *out, const struct moor_verdict *verdict,
                   struct moor_review_scratch *scratch)
{
    struct moor_json_writer json;
    begin_status(&json, out, moor_verdict_allows(verdict));
    if (!moor_verdict_allows(verdict)) {
        moor_json_key(&json, "reason");
        moor_message_append_denial(&scratch->text, verdict);
        moor_review_write_scratch(&json, &scratch->text);
    }
    moor_review_write_annotations(&json, verdict, scratch);
    end_status(&json);
}

/* --- answering -------------------------------------------------------------------------------- */

static void refuse(struct moor_review *review, int status, const char *what,
                   const struct moor_error *err)
{
    moor_buf_clear(&review->answer);
    moor_buf_printf(&review->answer, "%s: %s\n", what, err->text);
    review->status = status;
}

/* Answers with a denial, because the plugin admits on HTTP errors if `defaultAllow` is set. */
static void deny_unjudged(struct moor_review *review, const struct moor_error *err)
{
    struct moor_json_writer json;
    moor_buf_clear(&review->answer);
    moor_buf_clear(&review->scratch.text);
    moor_buf_printf(&review->scratch.text, "cannot evaluate the images: %s", err->text);
    begin_status(&json, &review->answer, false);
    moor_json_member_string(&json, "reason", moor_buf_slice(&review->scratch.text));
    end_status(&json);
    review->status = 200;
    if (moor_buf_check(&review->answer, NULL) != 0) {
        refuse(review, 500, "cannot evaluate the review", err);
    }
}

static int answer(struct moor_review *review, const struct moor_policy *policy,
                  const struct moor_judge_context *context, struct moor_slice body,
                  struct moor_error *err)
{
    if (decode(&review->request, body, &review->workspace.arena, err) != 0 ||
        moor_judge(&review->verdict, policy, &review->request, context, &review->workspace, err) !=
            0) {
        return -1;
    }
    encode(&review->answer, &review->verdict, &review->scratch);
    return moor_buf_check(&review->scratch.text, err) != 0 ? -1
                                                           : moor_buf_check(&review->answer, err);
}

void moor_image_review_answer(struct moor_review *review, const struct moor_policy *policy,
                              struct moor_slice environment, struct moor_slice body, int64_t now)
{
    struct moor_error err = {0};
    moor_review_reset(review);
    const struct moor_judge_context context = {environment, now};
    if (answer(review, policy, &context, body, &err) == 0) {
        review->status = 200;
        review->is_judged = true;
    } else if (err.code != MOOR_ERROR_MEMORY) {
        refuse(review, 400, "not an ImageReview", &err);
    } else {
        deny_unjudged(review, &err);
    }
}
