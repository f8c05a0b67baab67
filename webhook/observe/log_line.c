/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/observe/log_line.h"

#include "policy/json/writer.h"
#include "policy/message.h"
#include "webhook/admission/review.h"

#define LONGEST_VALUE 256
#define TIME_BYTES    64
#define ROOM_BYTES    ((size_t)8 * 1024) /* maximum of an escaped value or path */

static const char *const level_names[] = {
    [MOOR_LOG_ERROR] = "error",
    [MOOR_LOG_WARN] = "warn",
    [MOOR_LOG_INFO] = "info",
    [MOOR_LOG_DEBUG] = "debug",
};

void moor_log_room_init(struct moor_log_room *room)
{
    moor_buf_init(&room->line, MOOR_LOG_LINE_BYTES);
    moor_buf_init(&room->value, ROOM_BYTES);
    moor_buf_init(&room->path, ROOM_BYTES);
}

void moor_log_room_release(struct moor_log_room *room)
{
    moor_buf_release(&room->line);
    moor_buf_release(&room->value);
    moor_buf_release(&room->path);
}

/* Writer and buffers of a line. */
struct line_context {
    struct moor_json_writer json;
    struct moor_log_room *room;
};

static char *put_digits(char *at, unsigned value, unsigned count)
{
    for (unsigned i = count; i > 0; i--) {
        at[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + count;
}

/* Writes `value` with `count` digits, and the byte after it. */
static char *put_part(char *at, int value, unsigned count, char after)
{
    at = put_digits(at, (unsigned)value, count);
    *at = after;
    return at + 1;
}

/*
 * Formats RFC 3339 with milliseconds in UTC.  printf() would take a tenth of the time of a whole
 * line.
 */
static struct moor_slice format_time(char room[TIME_BYTES], const struct timespec *time)
{
    struct tm parts;
    char *at = room;
    if (gmtime_r(&time->tv_sec, &parts) != NULL) {
        at = put_part(at, parts.tm_year + 1900, 4, '-');
        at = put_part(at, parts.tm_mon + 1, 2, '-');
        at = put_part(at, parts.tm_mday, 2, 'T');
        at = put_part(at, parts.tm_hour, 2, ':');
        at = put_part(at, parts.tm_min, 2, ':');
        at = put_part(at, parts.tm_sec, 2, '.');
        at = put_part(at, (int)(time->tv_nsec / 1000000), 3, 'Z');
    }
    return (struct moor_slice){room, (size_t)(at - room)};
}

/* Truncates values of requests, so that one request cannot fill the log. */
static void write_value(struct line_context *line, const char *name, struct moor_slice text)
{
    moor_json_member_string(&line->json, name,
                            moor_escaped(&line->room->value, text, LONGEST_VALUE));
}

static void write_value_if_any(struct line_context *line, const char *name, struct moor_slice text)
{
    if (text.len > 0) {
        write_value(line, name, text);
    }
}

static void begin(struct moor_json_writer *json, struct moor_buf *out,
                  const struct moor_log_stamp *stamp, const char *level)
{
    char time[TIME_BYTES];
    moor_json_writer_init(json, out);
    moor_json_object_begin(json);
    moor_json_member_string(json, "time", format_time(time, &stamp->time));
    moor_json_member_text(json, "level", level);
    moor_json_member_string(json, "instance", stamp->instance);
}

void moor_log_line_event(struct moor_buf *out, const struct moor_log_stamp *stamp,
                         enum moor_log_level level, struct moor_slice message)
{
    struct moor_json_writer json;
    struct moor_buf shown;
    moor_buf_init(&shown, MOOR_LOG_LINE_BYTES);
    begin(&json, out, stamp, level_names[level]);
    /* An escaped byte takes four bytes, and five as JSON: an eighth of the line always fits. */
    moor_json_member_string(&json, "msg", moor_escaped(&shown, message, MOOR_LOG_LINE_BYTES / 8));
    moor_json_object_end(&json);
    moor_buf_release(&shown);
}

/* --- evaluated requests ----------------------------------------------------------------------- */

/* Members without a value are omitted, except those that identify every request. */
static void write_object(struct line_context *line, const struct moor_request *request)
{
    write_value(line, "uid", request->uid);
    moor_json_member_text(&line->json, "operation", moor_operation_name(request->operation));
    write_value_if_any(line, "group", request->group);
    write_value(line, "kind", request->kind);
    write_value_if_any(line, "subresource", request->subresource);
    write_value_if_any(line, "namespace", request->namespace);
    write_value_if_any(line, "name", request->name);
    write_value(line, "user", request->user);
    moor_json_member_bool(&line->json, "dryRun", request->is_dry_run);
    if (request->object.owner_kind.len > 0) {
        moor_json_key(&line->json, "owner");
        moor_json_object_begin(&line->json);
        write_value(line, "kind", request->object.owner_kind);
        write_value(line, "name", request->object.owner_name);
        moor_json_object_end(&line->json);
    }
}

static void write_image(struct line_context *line, const struct moor_image_verdict *verdict)
{
    struct moor_buf *place = &line->room->path;
    moor_buf_clear(place);
    moor_object_append_path(place, verdict->image);
    moor_json_object_begin(&line->json);
    write_value(line, "path", moor_buf_slice(place));
    write_value_if_any(line, "container", verdict->image->name);
    write_value(line, "image", verdict->image->text);
    moor_json_member_text(&line->json, "class", moor_class_name(verdict->class));
    moor_json_member_text(&line->json, "level", moor_level_name(verdict->level));
    moor_json_member_text(&line->json, "requirement", moor_requirement_name(verdict->requirement));
    moor_json_member_text(&line->json, "decision", moor_decision_verb(verdict->decision));
    if (verdict->is_skipped) {
        moor_json_member_bool(&line->json, "skipped", true);
    }
    if (verdict->origin != MOOR_ORIGIN_NEW) {
        moor_json_member_text(&line->json, "origin", moor_origin_name(verdict->origin));
    }
    moor_review_write_exemptions(&line->json, verdict);
    moor_json_object_end(&line->json);
}

/*
 * Each image names its own exemption, but images may be omitted, and the use of an exemption must
 * not be.
 */
static void write_exemptions(struct moor_json_writer *json, const struct moor_verdict *verdict)
{
    if (verdict->exemption_count == 0) {
        return;
    }
    moor_json_key(json, "exemptions");
    moor_json_array_begin(json);
    for (size_t i = 0; i < verdict->exemption_count && i < MOOR_LOG_MAX_IMAGES; i++) {
        moor_json_string(json, verdict->exemptions[i]->name);
    }
    moor_json_array_end(json);
}

/*
 * Findings come first, so that they are never omitted; otherwise the order is that of the object.
 */
static size_t write_images_of(struct line_context *line, const struct moor_verdict *verdict,
                              bool offending, size_t room)
{
    size_t written = 0;
    for (size_t i = 0; i < verdict->image_count && written < room; i++) {
        if ((verdict->images[i].decision >= MOOR_DECISION_AUDIT) == offending) {
            write_image(line, &verdict->images[i]);
            written++;
        }
    }
    return written;
}

static void write_images(struct line_context *line, const struct moor_verdict *verdict, size_t most)
{
    moor_json_key(&line->json, "images");
    moor_json_array_begin(&line->json);
    size_t written = write_images_of(line, verdict, true, most);
    written += write_images_of(line, verdict, false, most - written);
    moor_json_array_end(&line->json);
    size_t total = verdict->request->object.image_total;
    /*
     * The object may have more images than were evaluated, so that this is not the length of the
     * list.
     */
    if (total > written) {
        moor_json_member_u64(&line->json, "imagesOmitted", total - written);
    }
}

/* A denial is a normal answer and no error of the server, so no review is logged as an error. */
static enum moor_log_level review_level(const struct moor_verdict *verdict)
{
    return verdict->worst >= MOOR_DECISION_WARN || verdict->source == MOOR_SOURCE_UNKNOWN_PATH
               ? MOOR_LOG_WARN
               : MOOR_LOG_INFO;
}

static void write_review(struct moor_buf *out, const struct moor_log_stamp *stamp,
                         const struct moor_log_review *review, size_t most_images)
{
    const struct moor_verdict *verdict = review->verdict;
    struct line_context line = {.room = review->room};
    begin(&line.json, out, stamp, level_names[review_level(verdict)]);
    moor_json_member_text(&line.json, "msg", "review");
    moor_json_member_text(&line.json, "decision", moor_decision_verb(verdict->worst));
    moor_json_member_text(&line.json, "scope", moor_scope_name(verdict->scope));
    write_object(&line, verdict->request);
    moor_json_member_string(&line.json, "environment", verdict->environment->name);
    moor_json_member_text(&line.json, "environmentSource", moor_source_name(verdict->source));
    if (verdict->source == MOOR_SOURCE_UNKNOWN_PATH) {
        write_value(&line, "askedEnvironment", verdict->asked_environment);
    }
    moor_json_member_text(&line.json, "mode", moor_mode_name(verdict->environment->mode));
    if (verdict->fault != MOOR_FAULT_NONE) {
        moor_json_member_text(&line.json, "fault", moor_fault_name(verdict->fault));
    }
    /* Only then is there a path: the other faults are about the object as a whole. */
    if (verdict->fault == MOOR_FAULT_MALFORMED) {
        write_value(&line, "malformed", verdict->request->object.malformed);
    }
    write_exemptions(&line.json, verdict);
    write_images(&line, verdict, most_images);
    moor_json_member_text(&line.json, "policyDigest", review->policy->digest);
    moor_json_member_string(&line.json, "peer", review->peer);
    write_value_if_any(&line, "clientCertificate", review->client_certificate);
    moor_json_member_u64(&line.json, "durationMicroseconds", review->duration_us);
    moor_json_object_end(&line.json);
}

void moor_log_line_review(struct moor_buf *out, const struct moor_log_stamp *stamp,
                          const struct moor_log_review *review)
{
    write_review(out, stamp, review, MOOR_LOG_MAX_IMAGES);
    if (out->failed) {
        /*
         * A lost line would be a gap in the audit trail, so the line is written without images
         * instead.
         */
        moor_buf_clear(out);
        write_review(out, stamp, review, 0);
    }
}

/* --- text ------------------------------------------------------------------------------------- */

static void append_head(struct moor_buf *out, const struct moor_log_stamp *stamp,
                        enum moor_log_level level)
{
    char time[TIME_BYTES];
    moor_buf_append(out, format_time(time, &stamp->time));
    moor_buf_printf(out, " %-5s ", level_names[level]);
}

/* Messages are escaped, because control bytes could change the state of a terminal. */
void moor_log_text_event(struct moor_buf *out, const struct moor_log_stamp *stamp,
                         enum moor_log_level level, struct moor_slice message)
{
    append_head(out, stamp, level);
    moor_escape_append(out, message, MOOR_LOG_LINE_BYTES / 8);
}

static void append_value(struct moor_buf *out, const char *before, struct moor_slice text)
{
    if (text.len > 0) {
        moor_buf_append_text(out, before);
        moor_escape_append(out, text, LONGEST_VALUE);
    }
}

static void append_exemption(struct moor_buf *out, const char *before,
                             const struct moor_exemption *exemption, const char *between)
{
    if (exemption != NULL) {
        append_value(out, before, exemption->name);
        append_value(out, between, exemption->until);
    }
}

void moor_log_text_review(struct moor_buf *out, const struct moor_log_stamp *stamp,
                          const struct moor_log_review *review)
{
    const struct moor_verdict *verdict = review->verdict;
    const struct moor_request *request = verdict->request;
    append_head(out, stamp, review_level(verdict));
    moor_buf_printf(out, "%s: %s", moor_decision_past(verdict->worst),
                    moor_operation_name(request->operation));
    append_value(out, " ", request->kind);
    append_value(out, " ", request->namespace);
    append_value(out, request->namespace.len > 0 ? "/" : " ", request->name);
    append_value(out, " by ", request->user);
    append_value(out, " in ", verdict->environment->name);
    if (request->is_dry_run) {
        moor_buf_append_text(out, " (dry run)");
    }
    if (verdict->fault != MOOR_FAULT_NONE) {
        moor_buf_printf(out, ", the object is %s", moor_fault_name(verdict->fault));
    }
    size_t written = 0;
    for (size_t i = 0; i < verdict->image_count && written < MOOR_LOG_MAX_IMAGES; i++) {
        const struct moor_image_verdict *image = &verdict->images[i];
        if (image->decision >= MOOR_DECISION_AUDIT) {
            written++;
            append_value(out, ", ", image->image->text);
            moor_buf_printf(out, " %s (%s)", moor_decision_past(image->decision),
                            moor_class_name(image->class));
            append_exemption(out, "; exemption ", image->ended, " ended on ");
        }
    }
    for (size_t i = 0; i < verdict->exemption_count && i < MOOR_LOG_MAX_IMAGES; i++) {
        append_exemption(out, ", exempted by ", verdict->exemptions[i], " until ");
    }
    moor_buf_printf(out, ", %llu us", (unsigned long long)review->duration_us);
}
