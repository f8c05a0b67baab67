/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/observe/log_queue.h"
#include "policy/base/array_size.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#define WRITE_AT_MOST  ((size_t)64 * 1024)
#define CLOSE_WITHIN_S 1
#define GATHER_NS      2000000L /* waking the writer for each line would cost more than the line */

struct moor_log_queue {
    int fd;
    pthread_t writer;
    bool is_started; /* there is a writer; only the owner's thread reads this */

    pthread_mutex_t mutex; /* protects the following fields */
    pthread_cond_t changed;
    char *ring;        /* MOOR_LOG_QUEUE_BYTES long */
    size_t first;      /* first waiting byte */
    size_t waiting;    /* bytes */
    uint64_t queued;   /* bytes, ever */
    uint64_t written;  /* bytes that no longer wait, ever */
    unsigned flushing; /* threads that wait for `written` */
    uint64_t sequence;
    bool is_closing;
    bool is_written;   /* the writer has ended */
    bool is_abandoned; /* the owner no longer waits, and the writer frees the queue */

    /* Only the writer uses the following fields. */
    bool is_torn;      /* bytes of the last line were lost */
    char last_written; /* byte */
    char last_taken;   /* byte of the ring */

    atomic_uint_fast64_t dropped;
};

/* --- the writing thread ----------------------------------------------------------------------- */

/*
 * Writes all bytes and waits for a slow reader.  Returns the number of bytes that a closed pipe or
 * a full disk did not accept.  The descriptor may be non-blocking, because it is shared with other
 * processes.
 */
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

/* Counts lost lines by their ends, so that a line in several runs counts once. */
static void count_lost(struct moor_log_queue *queue, const char *bytes, size_t len)
{
    const char *end = bytes + len;
    while ((bytes = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL) {
        atomic_fetch_add_explicit(&queue->dropped, 1, memory_order_relaxed);
        bytes++;
    }
}

/*
 * Returns how many bytes of a run belong to a line whose beginning was lost: the rest alone would
 * not be valid JSON.
 */
static size_t count_orphaned(const struct moor_log_queue *queue, const char *bytes, size_t run)
{
    if (!queue->is_torn || queue->last_taken == '\n') {
        return 0;
    }
    const char *end = memchr(bytes, '\n', run);
    return end != NULL ? (size_t)(end - bytes) + 1 : run;
}

/*
 * Writes a run.  After a failure, a line that was written in part is ended first, so that the next
 * line is complete.
 */
static void write_run(struct moor_log_queue *queue, const char *bytes, size_t run)
{
    int fd = queue->fd;
    size_t orphaned = count_orphaned(queue, bytes, run);
    if (queue->is_torn && queue->last_written != '\n' && write_all(fd, "\n", 1) == 0) {
        queue->last_written = '\n';
    }
    bool is_clean = !queue->is_torn || queue->last_written == '\n';
    size_t left = is_clean ? write_all(fd, bytes + orphaned, run - orphaned) : run - orphaned;
    if (left < run - orphaned) {
        queue->last_written = bytes[run - left - 1];
    }
    count_lost(queue, bytes, orphaned);
    count_lost(queue, bytes + run - left, left);
    queue->last_taken = bytes[run - 1];
    queue->is_torn = left > 0 || (orphaned == run && queue->last_taken != '\n');
}

/*
 * Returns the length of the next run, which the writer writes from the ring without copying.  The
 * caller holds the mutex.
 */
static size_t next_run(const struct moor_log_queue *queue)
{
    size_t to_end = MOOR_LOG_QUEUE_BYTES - queue->first;
    size_t run = queue->waiting < to_end ? queue->waiting : to_end;
    return run < WRITE_AT_MOST ? run : WRITE_AT_MOST;
}

/* The mutex is held. */
static void advance(struct moor_log_queue *queue, size_t bytes)
{
    queue->first = (queue->first + bytes) % MOOR_LOG_QUEUE_BYTES;
    queue->waiting -= bytes;
    queue->written += bytes;
}

static void free_queue(struct moor_log_queue *queue)
{
    (void)pthread_cond_destroy(&queue->changed);
    (void)pthread_mutex_destroy(&queue->mutex);
    free(queue->ring);
    free(queue);
}

/*
 * Waits for lines, and then a moment for those that follow, which are written together.  The caller
 * holds the mutex.
 */
static void wait_for_lines(struct moor_log_queue *queue)
{
    if (queue->waiting > 0 || queue->is_closing) {
        return;
    }
    while (queue->waiting == 0 && !queue->is_closing) {
        (void)pthread_cond_wait(&queue->changed, &queue->mutex);
    }
    if (!queue->is_closing) {
        const struct timespec gather = {.tv_nsec = GATHER_NS};
        (void)pthread_mutex_unlock(&queue->mutex);
        (void)nanosleep(&gather, NULL);
        (void)pthread_mutex_lock(&queue->mutex);
    }
}

/*
 * The mutex is released during write(), so that callers never wait for the reader.  The ring keeps
 * the bytes until advance().
 */
static void *write_queue(void *context)
{
    struct moor_log_queue *queue = context;
    (void)pthread_mutex_lock(&queue->mutex);
    for (;;) {
        wait_for_lines(queue);
        if (queue->waiting == 0) {
            break;
        }
        size_t run = next_run(queue);
        const char *bytes = queue->ring + queue->first;
        (void)pthread_mutex_unlock(&queue->mutex);
        write_run(queue, bytes, run);
        (void)pthread_mutex_lock(&queue->mutex);
        advance(queue, run);
        if (queue->flushing > 0) {
            (void)pthread_cond_broadcast(&queue->changed);
        }
    }
    queue->is_written = true;
    bool is_abandoned = queue->is_abandoned;
    (void)pthread_cond_broadcast(&queue->changed);
    (void)pthread_mutex_unlock(&queue->mutex);
    if (is_abandoned) {
        free_queue(queue);
    }
    return NULL;
}

/* --- the queue -------------------------------------------------------------------------------- */

static void put(struct moor_log_queue *queue, struct moor_slice bytes)
{
    size_t at = (queue->first + queue->waiting) % MOOR_LOG_QUEUE_BYTES;
    size_t to_end = MOOR_LOG_QUEUE_BYTES - at;
    size_t head = bytes.len < to_end ? bytes.len : to_end;
    memcpy(queue->ring + at, bytes.ptr, head);
    if (bytes.len > head) {
        memcpy(queue->ring, bytes.ptr + head, bytes.len - head);
    }
    queue->waiting += bytes.len;
    queue->queued += bytes.len;
}

/*
 * The sequence number is assigned under the same lock as the place in the queue, so that the
 * numbers of lines ascend.
 */
void moor_log_queue_put(struct moor_log_queue *queue, const struct moor_buf *line, bool is_json)
{
    char digits[MOOR_BUF_DIGITS_MAX];
    (void)pthread_mutex_lock(&queue->mutex);
    const struct moor_slice parts[] = {
        MOOR_SLICE("{\"sequence\":"),
        moor_buf_digits(digits, ++queue->sequence),
        MOOR_SLICE(","),
        moor_slice_sub(moor_buf_slice(line), is_json ? 1 : 0, line->len), /* without its `{` */
        MOOR_SLICE("\n"),
    };
    size_t len = 0;
    for (size_t i = is_json ? 0 : 3; i < MOOR_ARRAY_SIZE(parts); i++) {
        len += parts[i].len;
    }
    bool fits = !line->failed && line->len > 0 && len <= MOOR_LOG_QUEUE_BYTES - queue->waiting;
    for (size_t i = is_json ? 0 : 3; fits && i < MOOR_ARRAY_SIZE(parts); i++) {
        put(queue, parts[i]);
    }
    if (fits) {
        (void)pthread_cond_broadcast(&queue->changed);
    }
    (void)pthread_mutex_unlock(&queue->mutex);
    if (!fits) {
        atomic_fetch_add_explicit(&queue->dropped, 1, memory_order_relaxed);
    }
}

uint64_t moor_log_queue_dropped(const struct moor_log_queue *queue)
{
    return atomic_load_explicit(&queue->dropped, memory_order_relaxed);
}

/* --- life ------------------------------------------------------------------------------------- */

/*
 * Signals are for the main thread.  A new thread inherits the mask, so all signals are blocked
 * before it exists.
 */
static int start_writer(struct moor_log_queue *queue)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int status = pthread_create(&queue->writer, NULL, write_queue, queue);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

/* Uses the monotonic clock, because the wall clock may be set during a wait. */
static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(condition, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

int moor_log_queue_open(struct moor_log_queue **out, int fd, struct moor_error *err)
{
    struct moor_log_queue *queue = calloc(1, sizeof *queue);
    char *ring = malloc(MOOR_LOG_QUEUE_BYTES);
    if (queue == NULL || ring == NULL) {
        free(queue);
        free(ring);
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the log's queue");
    }
    queue->fd = fd;
    queue->ring = ring;
    queue->last_written = '\n';
    queue->last_taken = '\n';
    (void)pthread_mutex_init(&queue->mutex, NULL);
    init_condition(&queue->changed);
    *out = queue;
    return 0;
}

int moor_log_queue_start(struct moor_log_queue *queue, struct moor_error *err)
{
    if (start_writer(queue) != 0) {
        return moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot start the log's thread");
    }
    queue->is_started = true;
    return 0;
}

static uint64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000U + (uint64_t)now.tv_nsec / 1000000U;
}

static struct timespec soon(void)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += CLOSE_WITHIN_S;
    return until;
}

void moor_log_queue_flush(struct moor_log_queue *queue)
{
    if (queue == NULL || !queue->is_started) {
        return;
    }
    const struct timespec until = soon();
    (void)pthread_mutex_lock(&queue->mutex);
    uint64_t wanted = queue->queued;
    queue->flushing++;
    int late = 0;
    while (queue->written < wanted && late == 0) {
        late = pthread_cond_timedwait(&queue->changed, &queue->mutex, &until);
    }
    queue->flushing--;
    (void)pthread_mutex_unlock(&queue->mutex);
}

/*
 * Writes without a thread, for at most a second.  A pipe that polls as writable accepts PIPE_BUF
 * bytes without blocking.
 */
static void write_here(struct moor_log_queue *queue)
{
    uint64_t until_ms = now_ms() + UINT64_C(1000) * CLOSE_WITHIN_S;
    uint64_t now = 0;
    while (queue->waiting > 0 && (now = now_ms()) < until_ms) {
        struct pollfd ready = {.fd = queue->fd, .events = POLLOUT};
        if (poll(&ready, 1, (int)(until_ms - now)) <= 0) {
            continue;
        }
        size_t run = next_run(queue);
        ssize_t written =
            write(queue->fd, queue->ring + queue->first, run < PIPE_BUF ? run : PIPE_BUF);
        if (written < 0 && errno != EINTR && errno != EAGAIN) {
            return;
        }
        advance(queue, written > 0 ? (size_t)written : 0);
    }
}

/*
 * Ends the writer, and returns whether it has ended in time.  Otherwise the writer frees the queue.
 */
static bool end_writer(struct moor_log_queue *queue)
{
    const struct timespec until = soon();
    (void)pthread_mutex_lock(&queue->mutex);
    queue->is_closing = true;
    (void)pthread_cond_broadcast(&queue->changed);
    int late = 0;
    while (!queue->is_written && late == 0) {
        late = pthread_cond_timedwait(&queue->changed, &queue->mutex, &until);
    }
    bool is_written = queue->is_written;
    queue->is_abandoned = !is_written;
    /*
     * A stalled reader blocks the thread in write(), so the thread is left to the end of the
     * process.
     */
    (void)(is_written ? 0 : pthread_detach(queue->writer));
    (void)pthread_mutex_unlock(&queue->mutex);
    return is_written;
}

void moor_log_queue_close(struct moor_log_queue *queue)
{
    if (queue == NULL) {
        return;
    }
    if (!queue->is_started && moor_log_queue_start(queue, NULL) != 0) {
        write_here(queue);
        free_queue(queue);
    } else if (end_writer(queue)) {
        (void)pthread_join(queue->writer, NULL);
        free_queue(queue);
    }
}
