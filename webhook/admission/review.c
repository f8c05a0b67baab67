/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/admission/review.h"

#include "policy/message.h"
#include "webhook/admission/review_decode.h"

/*
 * A message, 16 warnings and the annotations fit, even if each byte becomes six by escaping.
 */
#define ANSWER_MAX    ((size_t)256 * 1024)
#define SCRATCH_MAX   ((size_t)64 * 1024)

#define ANNOTATED_MAX 16
/* Maximum warnings about exemptions; the others are for images. */
#define NOTICES_MAX   4

int moor_review_init(struct moor_review *out, struct moor_error *err)
{
    *out = (struct moor_review){0};
    moor_buf_init(&out->answer, ANSWER_MAX);
    moor_buf_init(&out->scratch.text, SCRATCH_MAX);
    moor_buf_init(&out->scratch.list, SCRATCH_MAX);
    return moor_workspace_init(&out->workspace, err);
}

void moor_review_release(struct moor_review *review)
{
    moor_buf_release(&review->answer);
    moor_buf_release(&review->scratch.text);
    moor_buf_release(&review->scratch.list);
    moor_workspace_release(&review->workspace);
}

void moor_review_reset(struct moor_review *review)
{
    moor_arena_reset(&review->workspace.arena);
    moor_buf_clear(&review->answer);
    moor_buf_clear(&review->scratch.text);
    moor_buf_clear(&review->scratch.list);
    review->request = (struct moor_request){0};
    review->is_judged = false;
    review->uid = (struct moor_slice){0};
    review->status = 0;
}

/* --- encoding --------------------------------------------------------------------------------- */

/*
 * Passes a failure of `scratch` to the answer, because clearing `scratch` would hide that a part is
 * missing.
 */
static void pass_scratch(struct moor_buf *out, struct moor_buf *scratch)
{
    out->failed = out->failed || scratch->failed;
    moor_buf_clear(scratch);
}

void moor_review_write_scratch(struct moor_json_writer *json, struct moor_buf *scratch)
{
    moor_json_string(json, moor_buf_slice(scratch));
    pass_scratch(json->out, scratch);
}

/*
 * kubectl prints the message. Reason and code are those of a denial by Kubernetes' own admission,
 * so that clients treat both alike.
 */
static void write_status(struct moor_json_writer *json, const struct moor_verdict *verdict,
                         struct moor_buf *scratch)
{
    moor_json_key(json, "status");
    moor_json_object_begin(json);
    moor_json_member_text(json, "status", "Failure");
    moor_json_key(json, "message");
    moor_message_append_denial(scratch, verdict);
    moor_review_write_scratch(json, scratch);
    moor_json_member_text(json, "reason", "Forbidden");
    moor_json_member_u64(json, "code", 403);
    moor_json_object_end(json);
}

/*
 * The API server ignores warnings beyond 4,096 characters in total, which is 16 warnings of 256
 * characters.
 */
static void write_image_warnings(struct moor_json_writer *json, const struct moor_verdict *verdict,
                                 size_t room, struct moor_buf *scratch)
{
    for (size_t i = 0; i < verdict->image_count && room > 0; i++) {
        if (verdict->images[i].decision == MOOR_DECISION_WARN) {
            moor_message_append_warning(scratch, verdict, &verdict->images[i]);
            moor_review_write_scratch(json, scratch);
            room--;
        }
    }
}

/* Writes warnings about exemptions that expire soon, and returns their number. */
static size_t write_exemption_warnings(struct moor_json_writer *json,
                                       const struct moor_verdict *verdict, struct moor_buf *scratch)
{
    size_t written = 0;
    for (size_t i = 0; i < verdict->exemption_count && written < NOTICES_MAX; i++) {
        if (moor_exemption_needs_notice(verdict->exemptions[i], verdict->now)) {
            moor_message_append_exemption(scratch, verdict->exemptions[i]);
            moor_review_write_scratch(json, scratch);
            written++;
        }
    }
    return written;
}

/*
 * Found before anything is written, because an empty list of warnings would be valid but is noise
 * in every response.
 */
static bool has_notice(const struct moor_verdict *verdict)
{
    for (size_t i = 0; i < verdict->exemption_count; i++) {
        if (moor_exemption_needs_notice(verdict->exemptions[i], verdict->now)) {
            return true;
        }
    }
    return false;
}

/*
 * The reasons that concern the whole object come first: they must not be lost if many images fill
 * the room.
 */
static void write_warnings(struct moor_json_writer *json, const struct moor_verdict *verdict,
                           struct moor_buf *scratch)
{
    bool is_lost = verdict->source == MOOR_SOURCE_UNKNOWN_PATH;
    bool is_fault = verdict->fault_decision == MOOR_DECISION_WARN;
    if (!is_lost && !is_fault && verdict->counts[MOOR_DECISION_WARN] == 0 && !has_notice(verdict)) {
        return;
    }
    size_t room = MOOR_WARNING_MAX - (size_t)is_lost - (size_t)is_fault;
    moor_json_key(json, "warnings");
    moor_json_array_begin(json);
    if (is_lost) {
        moor_message_append_lost_environment(scratch, verdict);
        moor_review_write_scratch(json, scratch);
    }
    if (is_fault) {
        moor_message_append_fault(scratch, verdict);
        moor_review_write_scratch(json, scratch);
    }
    room -= write_exemption_warnings(json, verdict, scratch);
    write_image_warnings(json, verdict, room, scratch);
    moor_json_array_end(json);
}

/* Writes an exemption and its end, which a permanent one does not have. */
static void write_exemption(struct moor_json_writer *json, const char *name, const char *end,
                            const struct moor_exemption *exemption)
{
    if (exemption == NULL) {
        return;
    }
    moor_json_member_string(json, name, exemption->name);
    if (!exemption->is_permanent) {
        moor_json_member_string(json, end, exemption->until);
    }
}

void moor_review_write_exemptions(struct moor_json_writer *json,
                                  const struct moor_image_verdict *image)
{
    write_exemption(json, "exemption", "exemptionUntil", image->exemption);
    write_exemption(json, "endedExemption", "endedExemptionUntil", image->ended);
}

/*
 * Audit logs are read by programs and on terminals, so texts of the request are shortened and
 * escaped as in messages.
 */
static void write_finding(struct moor_json_writer *json, const struct moor_image_verdict *image,
                          struct moor_buf *text)
{
    struct moor_buf shown;
    moor_buf_init(&shown, SCRATCH_MAX);
    moor_json_object_begin(json);
    moor_json_key(json, "path");
    moor_object_append_path(text, image->image);
    moor_json_string(json, moor_escaped(&shown, moor_buf_slice(text), SCRATCH_MAX));
    pass_scratch(json->out, text);
    moor_json_member_string(json, "image",
                            moor_escaped(text, image->image->text, MOOR_MESSAGE_MAX_IMAGE));
    pass_scratch(json->out, text);
    moor_json_member_text(json, "class", moor_class_name(image->class));
    moor_json_member_text(json, "level", moor_level_name(image->level));
    moor_review_write_exemptions(json, image);
    moor_json_object_end(json);
    pass_scratch(json->out, &shown);
    moor_buf_release(&shown);
}

/* Names cannot contain a comma, so the list needs no quoting. */
static void write_exempted_by(struct moor_json_writer *json, const struct moor_verdict *verdict,
                              struct moor_buf *scratch)
{
    for (size_t i = 0; i < verdict->exemption_count && i < ANNOTATED_MAX; i++) {
        moor_buf_append_text(scratch, i > 0 ? ", " : "");
        moor_buf_append(scratch, verdict->exemptions[i]->name);
    }
    moor_json_key(json, "exempted-by");
    moor_review_write_scratch(json, scratch);
}

/* Audit annotations are strings, so the list is compact JSON inside a string. */
static void write_findings(struct moor_json_writer *json, const struct moor_verdict *verdict,
                           struct moor_review_scratch *scratch)
{
    struct moor_json_writer list;
    moor_json_writer_init(&list, &scratch->list);
    moor_json_array_begin(&list);
    size_t written = 0;
    for (size_t i = 0; i < verdict->image_count && written < ANNOTATED_MAX; i++) {
        if (verdict->images[i].decision >= MOOR_DECISION_AUDIT) {
            write_finding(&list, &verdict->images[i], &scratch->text);
            written++;
        }
    }
    moor_json_array_end(&list);
    moor_json_key(json, "images");
    moor_review_write_scratch(json, &scratch->list);
}

/*
 * The API server prefixes each key with the name of the webhook, such as
 * `users.tagmoor.dev/decision`.
 */
void moor_review_write_annotations(struct moor_json_writer *json,
                                   const struct moor_verdict *verdict,
                                   struct moor_review_scratch *scratch)
{
    moor_json_key(json, "auditAnnotations");
    moor_json_object_begin(json);
    moor_buf_append(&scratch->text, verdict->environment->name);
    moor_buf_append_text(&scratch->text, " (");
    moor_buf_append_text(&scratch->text, moor_source_name(verdict->source));
    moor_buf_append_byte(&scratch->text, ')');
    moor_json_key(json, "environment");
    moor_review_write_scratch(json, &scratch->text);
    moor_json_member_text(json, "decision", moor_decision_verb(verdict->worst));
    if (verdict->worst >= MOOR_DECISION_AUDIT) {
        write_findings(json, verdict, scratch);
    }
    if (verdict->exemption_count > 0) {
        write_exempted_by(json, verdict, &scratch->text);
    }
    moor_json_object_end(json);
}

void moor_review_encode(struct moor_buf *out, const struct moor_verdict *verdict,
                        struct moor_slice uid, struct moor_review_scratch *scratch)
{
    struct moor_json_writer json;
    moor_json_writer_init(&json, out);
    moor_json_object_begin(&json);
    moor_json_member_text(&json, "apiVersion", "admission.k8s.io/v1");
    moor_json_member_text(&json, "kind", "AdmissionReview");
    moor_json_key(&json, "response");
    moor_json_object_begin(&json);
    moor_json_key(&json, "uid");
    /* The uid is the raw text of the request, so that both sides compare the same bytes. */
    moor_buf_append_byte(&scratch->text, '"');
    moor_buf_append(&scratch->text, uid);
    moor_buf_append_byte(&scratch->text, '"');
    moor_json_raw(&json, moor_buf_slice(&scratch->text));
    pass_scratch(out, &scratch->text);
    moor_json_member_bool(&json, "allowed", moor_verdict_allows(verdict));
    if (!moor_verdict_allows(verdict)) {
        write_status(&json, verdict, &scratch->text);
    }
    write_warnings(&json, verdict, &scratch->text);
    if (verdict->scope == MOOR_SCOPE_JUDGE) {
        moor_review_write_annotations(&json, verdict, scratch);
    }
    moor_json_object_end(&json);
    moor_json_object_end(&json);
}

/* --- answering -------------------------------------------------------------------------------- */

static void refuse(struct moor_review *review, int status, const char *what,
                   const struct moor_error *err)
{
    moor_buf_clear(&review->answer);
    moor_buf_printf(&review->answer, "%s: %s\n", what, err->text);
    review->status = status;
}

/*
 * Answers with a denial without a verdict.  With failurePolicy Ignore, an HTTP error would be an
 * admission.  There is nothing to encode, so the response is written directly.
 */
static void deny_unjudged(struct moor_review *review, const struct moor_error *err)
{
    moor_buf_clear(&review->answer);
    moor_buf_clear(&review->scratch.text);
    moor_buf_printf(&review->scratch.text, "cannot evaluate the object: %s", err->text);
    moor_buf_append_text(&review->answer, "{\"apiVersion\":\"admission.k8s.io/v1\","
                                          "\"kind\":\"AdmissionReview\",\"response\":{\"uid\":\"");
    moor_buf_append(&review->answer, review->uid);
    moor_buf_append_text(&review->answer, "\",\"allowed\":false,\"status\":{\"status\":\"Failure\","
                                          "\"reason\":\"Forbidden\",\"code\":403,\"message\":");
    struct moor_json_writer json;
    moor_json_writer_init(&json, &review->answer);
    moor_json_string(&json, moor_buf_slice(&review->scratch.text));
    moor_buf_append_text(&review->answer, "}}}");
    review->status = 200;
    if (moor_buf_check(&review->answer, NULL) != 0) {
        refuse(review, 500, "cannot evaluate the review", err);
    }
}

/* A buffer that failed anywhere is found here: an incomplete response could lack the denial. */
static int answer(struct moor_review *review, const struct moor_policy *policy,
                  const struct moor_judge_context *context, struct moor_slice body,
                  struct moor_error *err)
{
    if (moor_review_decode(&review->request, &review->uid, body, policy, &review->workspace.arena,
                           err) != 0 ||
        moor_judge(&review->verdict, policy, &review->request, context, &review->workspace, err) !=
            0) {
        return -1;
    }
    moor_review_encode(&review->answer, &review->verdict, review->uid, &review->scratch);
    return moor_buf_check(&review->scratch.text, err) != 0 ||
                   moor_buf_check(&review->scratch.list, err) != 0
               ? -1
               : moor_buf_check(&review->answer, err);
}

void moor_review_answer(struct moor_review *review, const struct moor_policy *policy,
                        struct moor_slice environment, struct moor_slice body, int64_t now)
{
    struct moor_error err = {0};
    const struct moor_judge_context context = {.environment = environment, .now = now};
    moor_review_reset(review);
    if (answer(review, policy, &context, body, &err) == 0) {
        review->status = 200;
        review->is_judged = true;
    } else if (err.code != MOOR_ERROR_MEMORY) {
        refuse(review, 400, "not an AdmissionReview", &err);
    } else if (review->uid.len > 0) {
        deny_unjudged(review, &err);
    } else {
        refuse(review, 500, "cannot evaluate the review", &err);
    }
}
