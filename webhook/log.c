/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/log.h"

#include "webhook/log_line.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

#define WRITE_AT_MOST  ((size_t)64 * 1024)
#define CLOSE_WITHIN_S 1
#define LONGEST_VALUE  ((size_t)8 * 1024)
#define GATHER_NS      2000000L /* waking the writer for each line would cost more than the line */

struct moor_log {
    struct moor_log_config config;
    char instance[256];
    pthread_t writer;
    pthread_mutex_t mutex; /* guards all below but the counter */
    pthread_cond_t changed;
    char *queue;    /* a ring of MOOR_LOG_QUEUE_BYTES */
    size_t first;   /* of the waiting bytes */
    size_t waiting; /* bytes */
    uint64_t sequence;
    bool is_started; /* there is a writer; the owner's thread alone asks */
    bool is_closing;
    bool is_written;   /* the writer has ended */
    bool is_abandoned; /* nobody waits for the writer: it frees the log */
    atomic_uint_fast64_t dropped;
};

/* --- the writing thread ----------------------------------------------------------------------- */

/* Writes all bytes, waiting for a slow reader.  Returns how many a dead one or a full disk left. */
static size_t write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t written = write(fd, bytes, len);
        if (written >= 0) {
            bytes += written;
            len -= (size_t)written;
        } else if (errno == EAGAIN) {
            struct pollfd ready = {.fd = fd, .events = POLLOUT};
            (void)poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            break;
        }
    }
    return len;
}

/* Each line is counted where its end is lost. */
static void count_lost(struct moor_log *log, const char *bytes, size_t len)
{
    const char *end = bytes + len;
    while ((bytes = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL) {
        atomic_fetch_add_explicit(&log->dropped, 1, memory_order_relaxed);
        bytes++;
    }
}

/* Takes a run of waiting bytes out of the ring without copying; the mutex is held. */
static size_t next_run(const struct moor_log *log)
{
    size_t to_end = MOOR_LOG_QUEUE_BYTES - log->first;
    size_t run = log->waiting < to_end ? log->waiting : to_end;
    return run < WRITE_AT_MOST ? run : WRITE_AT_MOST;
}

static void free_log(struct moor_log *log)
{
    (void)pthread_cond_destroy(&log->changed);
    (void)pthread_mutex_destroy(&log->mutex);
    free(log->queue);
    free(log);
}

/* Waits for lines, and for those that follow at once; the mutex is held. */
static void wait_for_lines(struct moor_log *log)
{
    if (log->waiting > 0 || log->is_closing) {
        return;
    }
    while (log->waiting == 0 && !log->is_closing) {
        (void)pthread_cond_wait(&log->changed, &log->mutex);
    }
    if (!log->is_closing) {
        const struct timespec gather = {.tv_nsec = GATHER_NS};
        (void)pthread_mutex_unlock(&log->mutex);
        (void)nanosleep(&gather, NULL);
        (void)pthread_mutex_lock(&log->mutex);
    }
}

static void *write_queue(void *context)
{
    struct moor_log *log = context;
    (void)pthread_mutex_lock(&log->mutex);
    for (;;) {
        wait_for_lines(log);
        if (log->waiting == 0) {
            break;
        }
        size_t run = next_run(log);
        const char *bytes = log->queue + log->first;
        (void)pthread_mutex_unlock(&log->mutex);
        size_t left = write_all(log->config.fd, bytes, run);
        count_lost(log, bytes + run - left, left);
        (void)pthread_mutex_lock(&log->mutex);
        log->first = (log->first + run) % MOOR_LOG_QUEUE_BYTES;
        log->waiting -= run;
    }
    log->is_written = true;
    bool is_abandoned = log->is_abandoned;
    (void)pthread_cond_broadcast(&log->changed);
    (void)pthread_mutex_unlock(&log->mutex);
    if (is_abandoned) {
        free_log(log);
    }
    return NULL;
}

/* --- the queue -------------------------------------------------------------------------------- */

static void put(struct moor_log *log, struct moor_slice bytes)
{
    size_t at = (log->first + log->waiting) % MOOR_LOG_QUEUE_BYTES;
    size_t to_end = MOOR_LOG_QUEUE_BYTES - at;
    size_t head = bytes.len < to_end ? bytes.len : to_end;
    memcpy(log->queue + at, bytes.ptr, head);
    if (bytes.len > head) {
        memcpy(log->queue, bytes.ptr + head, bytes.len - head);
    }
    log->waiting += bytes.len;
}

/* Queues a line; a dropped one takes its number with it, so that the gap shows. */
static void queue_line(struct moor_log *log, const struct moor_buf *line)
{
    bool is_json = log->config.format == MOOR_LOG_JSON;
    char digits[MOOR_BUF_DIGITS_MAX];
    (void)pthread_mutex_lock(&log->mutex);
    const struct moor_slice parts[] = {
        MOOR_SLICE("{\"sequence\":"),
        moor_buf_digits(digits, ++log->sequence),
        MOOR_SLICE(","),
        moor_slice_sub(moor_buf_slice(line), is_json ? 1 : 0, line->len), /* without its own `{` */
        MOOR_SLICE("\n"),
    };
    size_t len = 0;
    for (size_t i = is_json ? 0 : 3; i < sizeof parts / sizeof *parts; i++) {
        len += parts[i].len;
    }
    bool fits = !line->failed && line->len > 0 && len <= MOOR_LOG_QUEUE_BYTES - log->waiting;
    for (size_t i = is_json ? 0 : 3; fits && i < sizeof parts / sizeof *parts; i++) {
        put(log, parts[i]);
    }
    if (fits) {
        (void)pthread_cond_signal(&log->changed);
    }
    (void)pthread_mutex_unlock(&log->mutex);
    if (!fits) {
        atomic_fetch_add_explicit(&log->dropped, 1, memory_order_relaxed);
    }
}

static struct moor_log_stamp stamp_now(const struct moor_log *log)
{
    struct moor_log_stamp stamp = {.instance = moor_slice_from(log->instance)};
    (void)clock_gettime(CLOCK_REALTIME, &stamp.time);
    return stamp;
}

void moor_log_event(struct moor_log *log, enum moor_log_level level, const char *format, ...)
{
    if (log == NULL || level > log->config.level) {
        return;
    }
    char message[1024];
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (wanted < 0) {
        return;
    }
    struct moor_log_stamp stamp = stamp_now(log);
    struct moor_buf line;
    moor_buf_init(&line, MOOR_LOG_LINE_BYTES);
    (log->config.format == MOOR_LOG_JSON ? moor_log_line_event : moor_log_text_event)(
        &line, &stamp, level, moor_slice_from(message));
    queue_line(log, &line);
    moor_buf_release(&line);
}

/* An UPDATE whose images were all there before changes nothing that anyone will want to look up. */
static bool brings_new_image(const struct moor_verdict *verdict)
{
    for (size_t i = 0; i < verdict->image_count; i++) {
        if (verdict->images[i].standing != MOOR_STANDING_UNCHANGED &&
            verdict->images[i].outcome != MOOR_OUTCOME_SKIPPED) {
            return true;
        }
    }
    return verdict->request->operation != MOOR_OPERATION_UPDATE;
}

static bool is_wanted(const struct moor_log *log, const struct moor_verdict *verdict)
{
    bool is_finding =
        verdict->worst >= MOOR_OUTCOME_WARNED || verdict->source == MOOR_SOURCE_UNKNOWN_PATH;
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
               : verdict->worst == MOOR_OUTCOME_RECORDED;
}

void moor_log_room_init(struct moor_log_room *room)
{
    moor_buf_init(&room->line, MOOR_LOG_LINE_BYTES);
    moor_buf_init(&room->value, LONGEST_VALUE);
    moor_buf_init(&room->place, LONGEST_VALUE);
}

void moor_log_room_release(struct moor_log_room *room)
{
    moor_buf_release(&room->line);
    moor_buf_release(&room->value);
    moor_buf_release(&room->place);
}

static void log_review(struct moor_log *log, const struct moor_log_review *review)
{
    struct moor_log_stamp stamp = stamp_now(log);
    moor_buf_clear(&review->room->line);
    (log->config.format == MOOR_LOG_JSON ? moor_log_line_review : moor_log_text_review)(
        &review->room->line, &stamp, review);
    queue_line(log, &review->room->line);
}

void moor_log_review(struct moor_log *log, const struct moor_log_review *review)
{
    if (log == NULL || !is_wanted(log, review->verdict)) {
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
    return atomic_load_explicit(&log->dropped, memory_order_relaxed);
}

/* --- life ------------------------------------------------------------------------------------- */

static int start_writer(struct moor_log *log)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int status = pthread_create(&log->writer, NULL, write_queue, log);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

int moor_log_open(struct moor_log **out, const struct moor_log_config *config,
                  struct moor_error *err)
{
    struct moor_log *log = calloc(1, sizeof *log);
    char *queue = malloc(MOOR_LOG_QUEUE_BYTES);
    if (log == NULL || queue == NULL) {
        free(log);
        free(queue);
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the log's queue");
    }
    log->config = *config;
    log->queue = queue;
    (void)gethostname(log->instance, sizeof log->instance - 1);
    (void)pthread_mutex_init(&log->mutex, NULL);
    (void)pthread_cond_init(&log->changed, NULL);
    *out = log;
    return 0;
}

int moor_log_start(struct moor_log *log, struct moor_error *err)
{
    if (start_writer(log) != 0) {
        return moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot start the log's thread");
    }
    log->is_started = true;
    return 0;
}

void moor_log_close(struct moor_log *log)
{
    if (log == NULL) {
        return;
    }
    if (!log->is_started && moor_log_start(log, NULL) != 0) {
        free_log(log);
        return;
    }
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += CLOSE_WITHIN_S;
    (void)pthread_mutex_lock(&log->mutex);
    log->is_closing = true;
    (void)pthread_cond_broadcast(&log->changed);
    int late = 0;
    while (!log->is_written && late == 0) {
        late = pthread_cond_timedwait(&log->changed, &log->mutex, &until);
    }
    bool is_written = log->is_written;
    log->is_abandoned = !is_written;
    /* A reader that stalls holds the thread in write(): it may end with the process. */
    (void)(is_written ? 0 : pthread_detach(log->writer));
    (void)pthread_mutex_unlock(&log->mutex);
    if (is_written) {
        (void)pthread_join(log->writer, NULL);
        free_log(log);
    }
}
