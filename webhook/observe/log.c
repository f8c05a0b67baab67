/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/observe/log.h"

#include "webhook/http/log_limit.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE_BYTES 1024

struct moor_log {
    struct moor_log_config config;
    char instance[256];
    struct moor_log_queue *queue;
    struct moor_log_limit limits[MOOR_LOG_TOPIC_COUNT];
};

static struct moor_log_stamp stamp_now(const struct moor_log *log)
{
    struct moor_log_stamp stamp = {.instance = moor_slice_from(log->instance)};
    (void)clock_gettime(CLOCK_REALTIME, &stamp.time);
    return stamp;
}

static uint64_t now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000U + (uint64_t)now.tv_nsec / 1000U;
}

/*
 * Writes a message of at most MESSAGE_BYTES.  `omitted` lines were omitted before it; their number
 * is appended, even if the end of the message has to be cut.
 */
static void log_message(struct moor_log *log, enum moor_log_level level, char *message,
                        uint64_t omitted)
{
    size_t len = strlen(message);
    while (len > 0 && (message[len - 1] == '\n' || message[len - 1] == '\r')) {
        message[--len] = '\0';
    }
    if (omitted > 0) {
        /* The longest number and its NUL have 32 bytes: ` (18446744073709551615 omitted)`. */
        len = len < MESSAGE_BYTES - 32 ? len : MESSAGE_BYTES - 32;
        (void)snprintf(message + len, MESSAGE_BYTES - len, " (%llu omitted)",
                       (unsigned long long)omitted);
    }
    struct moor_log_stamp stamp = stamp_now(log);
    struct moor_buf line;
    moor_buf_init(&line, MOOR_LOG_LINE_BYTES);
    (log->config.format == MOOR_LOG_JSON ? moor_log_line_event : moor_log_text_event)(
        &line, &stamp, level, moor_slice_from(message));
    moor_log_queue_put(log->queue, &line, log->config.format == MOOR_LOG_JSON);
    moor_buf_release(&line);
}

/*
 * The level is compared before the message is formatted, because most debug lines are not logged.
 */
void moor_log_event(struct moor_log *log, enum moor_log_level level, const char *format, ...)
{
    char message[MESSAGE_BYTES];
    va_list args;
    if (log == NULL || level > log->config.level) {
        return;
    }
    va_start(args, format);
    int wanted = vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (wanted >= 0) {
        log_message(log, level, message, 0);
    }
}

void moor_log_lines(struct moor_log *log, enum moor_log_level level, const char *prefix,
                    struct moor_slice lines)
{
    while (lines.len > 0) {
        const char *end = memchr(lines.ptr, '\n', lines.len);
        size_t len = end != NULL ? (size_t)(end - lines.ptr) : lines.len;
        moor_log_event(log, level, "%s%.*s", prefix, (int)len, lines.ptr);
        lines = moor_slice_sub(lines, len + 1, lines.len);
    }
}

void moor_log_limited(struct moor_log *log, enum moor_log_topic topic, enum moor_log_level level,
                      const char *format, ...)
{
    char message[MESSAGE_BYTES];
    va_list args;
    uint64_t omitted = 0;
    if (log == NULL || level > log->config.level ||
        !moor_log_limit_take(&log->limits[topic], now_us(), &omitted)) {
        return;
    }
    va_start(args, format);
    int wanted = vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (wanted >= 0) {
        log_message(log, level, message, omitted);
    }
}

/*
 * Logs the number of lines that the limits omitted and that no line has reported, as of `now` of
 * the monotonic clock.  Without this, the number would appear only with the next line of the topic.
 */
static void report_omitted(struct moor_log *log, uint64_t now)
{
    static const struct {
        enum moor_log_level level;
        const char *what;
    } topics[MOOR_LOG_TOPIC_COUNT] = {
        [MOOR_LOG_TOPIC_REQUEST] = {MOOR_LOG_WARN, "requests that could not be evaluated"},
        [MOOR_LOG_TOPIC_ENVIRONMENT] = {MOOR_LOG_WARN,
                                        "requests for environments that the policy lacks"},
        [MOOR_LOG_TOPIC_CONNECTION] = {MOOR_LOG_DEBUG, "lines about connections"},
    };

    for (size_t i = 0; i < MOOR_LOG_TOPIC_COUNT; i++) {
        uint64_t omitted = moor_log_limit_rest(&log->limits[i], now);
        if (omitted > 0) {
            moor_log_event(log, topics[i].level, "%s: %llu more were not logged", topics[i].what,
                           (unsigned long long)omitted);
        }
    }
}

void moor_log_tick(struct moor_log *log)
{
    report_omitted(log, now_us());
}

/* An UPDATE that introduces no image is not logged as a change: controllers send many of them. */
static bool brings_new_image(const struct moor_verdict *verdict)
{
    for (size_t i = 0; i < verdict->image_count; i++) {
        if (verdict->images[i].origin != MOOR_ORIGIN_UNCHANGED && !verdict->images[i].is_skipped) {
            return true;
        }
    }
    return verdict->request->operation != MOOR_OPERATION_UPDATE;
}

/* Returns whether the verdict alone is a reason to log the request. */
static bool is_wanted(const struct moor_log *log, const struct moor_verdict *verdict)
{
    bool is_finding = verdict->worst >= MOOR_DECISION_WARN;
    if (log->config.level < (is_finding ? MOOR_LOG_WARN : MOOR_LOG_INFO)) {
        return false;
    }
    if (is_finding || log->config.requests == MOOR_LOG_REQUESTS_ALL) {
        return true;
    }
    if (verdict->scope != MOOR_SCOPE_JUDGE) {
        return false;
    }
    bool changes = !verdict->request->is_dry_run && brings_new_image(verdict);
    return log->config.requests == MOOR_LOG_REQUESTS_CHANGES
               ? changes
               : verdict->worst == MOOR_DECISION_AUDIT;
}

/*
 * A client can name any environment in as many requests as it likes, and all of them may be
 * allowed.  Therefore these lines are limited by rate.
 */
static bool is_admitted(struct moor_log *log, const struct moor_verdict *verdict)
{
    uint64_t omitted = 0;
    if (verdict->source != MOOR_SOURCE_UNKNOWN_PATH || log->config.level < MOOR_LOG_WARN ||
        !moor_log_limit_take(&log->limits[MOOR_LOG_TOPIC_ENVIRONMENT], now_us(), &omitted)) {
        return false;
    }
    if (omitted > 0) {
        moor_log_event(log, MOOR_LOG_WARN,
                       "requests for environments that the policy lacks: %llu were not logged",
                       (unsigned long long)omitted);
    }
    return true;
}

static void log_review(struct moor_log *log, const struct moor_log_review *review)
{
    struct moor_log_stamp stamp = stamp_now(log);
    moor_buf_clear(&review->room->line);
    (log->config.format == MOOR_LOG_JSON ? moor_log_line_review : moor_log_text_review)(
        &review->room->line, &stamp, review);
    moor_log_queue_put(log->queue, &review->room->line, log->config.format == MOOR_LOG_JSON);
}

void moor_log_review(struct moor_log *log, const struct moor_log_review *review)
{
    if (log == NULL || (!is_wanted(log, review->verdict) && !is_admitted(log, review->verdict))) {
        return;
    }
    if (review->room != NULL) {
        log_review(log, review);
        return;
    }
    struct moor_log_room room;
    struct moor_log_review roomy = *review;
    roomy.room = &room;
    moor_log_room_init(&room);
    log_review(log, &roomy);
    moor_log_room_release(&room);
}

uint64_t moor_log_dropped(const struct moor_log *log)
{
    return moor_log_queue_dropped(log->queue);
}

/* --- life ------------------------------------------------------------------------------------- */

int moor_log_open(struct moor_log **out, const struct moor_log_config *config,
                  struct moor_error *err)
{
    struct moor_log *log = calloc(1, sizeof *log);
    if (log == NULL || moor_log_queue_open(&log->queue, config->fd, err) != 0) {
        free(log);
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the log");
    }
    log->config = *config;
    /*
     * In a Pod, this is the name of the Pod.  POSIX does not promise a NUL after a name that was
     * cut, so the last byte stays zero.
     */
    (void)gethostname(log->instance, sizeof log->instance - 1);
    *out = log;
    return 0;
}

int moor_log_start(struct moor_log *log, struct moor_error *err)
{
    return moor_log_queue_start(log->queue, err);
}

void moor_log_flush(struct moor_log *log)
{
    if (log != NULL) {
        moor_log_queue_flush(log->queue);
    }
}

/* The end of the clock makes every limit report its number, so that no omission is lost. */
void moor_log_close(struct moor_log *log)
{
    if (log != NULL) {
        report_omitted(log, UINT64_MAX);
        moor_log_queue_close(log->queue);
        free(log);
    }
}
