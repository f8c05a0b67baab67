/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/utf8.h"
#include "webhook/http/log_limit.h"
#include "webhook/observe/log.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* The linker leads calls through here: the wall clock can be set, and threads can be refused. */
static time_t wall_clock_ahead_s;
static bool refuse_threads;

/* NOLINTBEGIN(cert-dcl37-c,readability-identifier-naming): the linker's --wrap gives the names */
int __real_clock_gettime(clockid_t clock, struct timespec *out);
int __wrap_clock_gettime(clockid_t clock, struct timespec *out);
int __real_pthread_create(pthread_t *out, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *context);
int __wrap_pthread_create(pthread_t *out, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *context);

int __wrap_clock_gettime(clockid_t clock, struct timespec *out)
{
    int status = __real_clock_gettime(clock, out);
    out->tv_sec += clock == CLOCK_REALTIME ? wall_clock_ahead_s : 0;
    return status;
}

int __wrap_pthread_create(pthread_t *out, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *context)
{
    return refuse_threads ? EAGAIN : __real_pthread_create(out, attributes, run, context);
}

/* NOLINTEND(cert-dcl37-c,readability-identifier-naming) */

/* A log that writes into a pipe whose reader is the test. */
struct scene {
    int read_fd;
    int write_fd;
    struct moor_log *log;
};

static int open_scene(void **state)
{
    static struct scene scene;
    int ends[2];
    struct moor_error err = {0};
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return -1;
    }
    scene = (struct scene){.read_fd = ends[0], .write_fd = ends[1]};
    const struct moor_log_config config = {
        .fd = ends[1], .level = MOOR_LOG_INFO, .format = MOOR_LOG_JSON};
    *state = &scene;
    return moor_log_open(&scene.log, &config, &err) != 0 ? -1 : moor_log_start(scene.log, &err);
}

static int close_scene(void **state)
{
    struct scene *scene = *state;
    moor_log_close(scene->log);
    (void)close(scene->write_fd);
    (void)close(scene->read_fd);
    return 0;
}

/* Ends the log, so that everything is written, and gives its lines; the caller releases them. */
static struct moor_buf read_all(struct scene *scene)
{
    struct moor_buf out;
    char chunk[4096];
    ssize_t got = 0;
    moor_buf_init(&out, (size_t)16 * 1024 * 1024);
    moor_log_close(scene->log);
    scene->log = NULL;
    (void)close(scene->write_fd);
    scene->write_fd = -1;
    while ((got = read(scene->read_fd, chunk, sizeof chunk)) > 0) {
        moor_buf_append(&out, (struct moor_slice){chunk, (size_t)got});
    }
    return out;
}

/* More than a pipe holds, where there are many. */
static void log_long_lines(struct moor_log *log, int count)
{
    char text[900];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (int i = 0; i < count; i++) {
        moor_log_event(log, MOOR_LOG_INFO, "%s", text);
    }
}

static void event__hostile_text__one_line_of_json(void **state)
{
    struct scene *scene = *state;
    moor_log_event(scene->log, MOOR_LOG_WARN, "peer \"%s\"", "a\n\x1b\xff{}");
    struct moor_buf lines = read_all(scene);
    assert_int_equal(lines.ptr[lines.len - 1], '\n');
    assert_ptr_equal(memchr(lines.ptr, '\n', lines.len), lines.ptr + lines.len - 1);
    json_t *line = json_loadb(lines.ptr, lines.len, 0, NULL);
    assert_non_null(line);
    assert_int_equal(json_integer_value(json_object_get(line, "sequence")), 1);
    assert_string_equal(json_string_value(json_object_get(line, "level")), "warn");
    json_decref(line);
    moor_buf_release(&lines);
}

/* Appends the UTF-8 of a code point that is no surrogate. */
static void append_point(struct moor_buf *out, uint32_t point)
{
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    moor_buf_append_byte(out, (char)(leads[length] | point >> (6 * (length - 1))));
    for (size_t i = length - 1; i > 0; i--) {
        moor_buf_append_byte(out, (char)(0x80U | (point >> (6 * (i - 1)) & 0x3FU)));
    }
}

static void assert_nothing_hidden(struct moor_slice text)
{
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr; at < end;) {
        size_t length = moor_utf8_length(at, end);
        assert_true(length > 0 && !moor_utf8_is_hidden(moor_utf8_point(at, length)));
        at += length;
    }
}

/* 64 code points in one line of each form. */
static void check_points(uint32_t first)
{
    const struct moor_log_stamp stamp = {.instance = MOOR_SLICE("me")};
    struct moor_buf message;
    struct moor_buf line;
    moor_buf_init(&message, 4096);
    moor_buf_init(&line, MOOR_LOG_LINE_BYTES);
    for (uint32_t point = first; point < first + 64; point++) {
        append_point(&message, point);
    }
    moor_log_text_event(&line, &stamp, MOOR_LOG_INFO, moor_buf_slice(&message));
    assert_nothing_hidden(moor_buf_slice(&line));
    moor_buf_clear(&line);
    moor_log_line_event(&line, &stamp, MOOR_LOG_INFO, moor_buf_slice(&message));
    assert_nothing_hidden(moor_buf_slice(&line));
    json_t *parsed = json_loadb(line.ptr, line.len, 0, NULL);
    const json_t *text = json_object_get(parsed, "msg");
    assert_nothing_hidden((struct moor_slice){json_string_value(text), json_string_length(text)});
    json_decref(parsed);
    moor_buf_release(&message);
    moor_buf_release(&line);
}

static void event__every_code_point__nothing_hidden_in_either_form(void **state)
{
    (void)state;
    for (uint32_t point = 0; point < 0x110000; point += 64) {
        if (point < 0xD800 || point > 0xDFFF) {
            check_points(point);
        }
    }
}

static void event__below_the_level__not_written(void **state)
{
    struct scene *scene = *state;
    moor_log_event(scene->log, MOOR_LOG_DEBUG, "quiet");
    struct moor_buf lines = read_all(scene);
    assert_int_equal(lines.len, 0);
    moor_buf_release(&lines);
}

enum {
    WRITERS = 4,
    LINES = 500
};

static void *write_lines(void *log)
{
    for (int i = 0; i < LINES; i++) {
        moor_log_event(log, MOOR_LOG_INFO, "line %d", i);
    }
    return NULL;
}

/* Drains the pipe while the writers write: a pipe holds far less than they have to say. */
struct reader {
    int fd;
    struct moor_buf text;
};

static void *read_lines(void *context)
{
    struct reader *reader = context;
    char chunk[4096];
    ssize_t got = 0;
    while ((got = read(reader->fd, chunk, sizeof chunk)) > 0) {
        moor_buf_append(&reader->text, (struct moor_slice){chunk, (size_t)got});
    }
    return NULL;
}

static void event__many_threads__every_line_once_and_in_order(void **state)
{
    struct scene *scene = *state;
    pthread_t writers[WRITERS];
    pthread_t reading;
    struct reader reader = {.fd = scene->read_fd};
    moor_buf_init(&reader.text, (size_t)16 * 1024 * 1024);
    assert_int_equal(pthread_create(&reading, NULL, read_lines, &reader), 0);
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_create(&writers[i], NULL, write_lines, scene->log), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_join(writers[i], NULL), 0);
    }
    moor_log_close(scene->log);
    scene->log = NULL;
    (void)close(scene->write_fd);
    scene->write_fd = -1;
    assert_int_equal(pthread_join(reading, NULL), 0);

    json_int_t sequence = 0;
    const char *at = reader.text.ptr;
    const char *end = at + reader.text.len;
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        assert_non_null(line_end);
        json_t *line = json_loadb(at, (size_t)(line_end - at), 0, NULL);
        assert_non_null(line);
        assert_int_equal(json_integer_value(json_object_get(line, "sequence")), ++sequence);
        json_decref(line);
        at = line_end + 1;
    }
    assert_int_equal(sequence, WRITERS * LINES);
    moor_buf_release(&reader.text);
}

static void *read_lines_late(void *context)
{
    (void)usleep(300000);
    return read_lines(context);
}

static size_t count_lines(const struct moor_buf *text)
{
    size_t lines = 0;
    for (size_t i = 0; i < text->len; i++) {
        lines += text->ptr[i] == '\n';
    }
    return lines;
}

/* Closes the log while a thread reads with `read`; returns how many lines it got. */
static size_t close_and_count(struct scene *scene, void *(*read)(void *))
{
    struct reader reader = {.fd = scene->read_fd};
    pthread_t reading;
    moor_buf_init(&reader.text, (size_t)16 * 1024 * 1024);
    assert_int_equal(__real_pthread_create(&reading, NULL, read, &reader), 0);
    moor_log_close(scene->log);
    scene->log = NULL;
    (void)close(scene->write_fd);
    scene->write_fd = -1;
    assert_int_equal(pthread_join(reading, NULL), 0);
    size_t lines = count_lines(&reader.text);
    moor_buf_release(&reader.text);
    return lines;
}

static void event__reader_stalls__nobody_waits_and_losses_are_counted(void **state)
{
    struct scene *scene = *state;
    log_long_lines(scene->log, 3000);
    uint64_t dropped = moor_log_dropped(scene->log);
    assert_in_range(dropped, 1000, 2500);

    assert_int_equal(close_and_count(scene, read_lines) + dropped, 3000);
}

/* Closes the log of a full pipe that is not read, and tells how long that took. */
static int64_t close_unread_ms(struct scene *scene)
{
    struct timespec start;
    struct timespec end;
    log_long_lines(scene->log, 200);
    (void)__real_clock_gettime(CLOCK_MONOTONIC, &start);
    moor_log_close(scene->log);
    (void)__real_clock_gettime(CLOCK_MONOTONIC, &end);
    /* The writing thread is still blocked in write(): closing the reader releases it. */
    scene->log = NULL;
    (void)close(scene->read_fd);
    scene->read_fd = -1;
    scene->write_fd = -1; /* that thread's, which may use it once more */
    return (end.tv_sec - start.tv_sec) * 1000 + (end.tv_nsec - start.tv_nsec) / 1000000;
}

static void close__reader_never_reads__ends_within_its_bound(void **state)
{
    assert_in_range(close_unread_ms(*state), 900, 4000);
}

static void event__disk_is_full__losses_are_counted(void **state)
{
    (void)state;
    struct moor_log *log = NULL;
    struct moor_error err = {0};
    struct moor_log_config config = {.fd = open("/dev/full", O_WRONLY | O_CLOEXEC),
                                     .level = MOOR_LOG_INFO,
                                     .format = MOOR_LOG_JSON};
    assert_true(config.fd >= 0);
    assert_int_equal(moor_log_open(&log, &config, &err), 0);
    assert_int_equal(moor_log_start(log, &err), 0);
    for (int i = 0; i < 50; i++) {
        moor_log_event(log, MOOR_LOG_INFO, "line %d", i);
    }
    for (int i = 0; i < 500 && moor_log_dropped(log) < 50; i++) {
        (void)usleep(10000);
    }
    assert_int_equal(moor_log_dropped(log), 50);
    moor_log_close(log);
    (void)close(config.fd);
}

/* More than a pipe holds, to a reader that begins after 300 ms. */
static void check_close_waits(struct scene *scene)
{
    log_long_lines(scene->log, 200);
    assert_int_equal(close_and_count(scene, read_lines_late), 200);
}

static void close__wall_clock_was_set_back__waits_for_the_reader(void **state)
{
    wall_clock_ahead_s = -3600;
    check_close_waits(*state);
    wall_clock_ahead_s = 0;
}

static void close__wall_clock_was_set_forward__does_not_wait_for_long(void **state)
{
    wall_clock_ahead_s = 5;
    int64_t took_ms = close_unread_ms(*state);
    wall_clock_ahead_s = 0;
    assert_in_range(took_ms, 0, 4000);
}

static void close__no_thread_to_be_had__lines_are_written_all_the_same(void **state)
{
    struct scene *scene = *state;
    const struct moor_log_config config = {
        .fd = scene->write_fd, .level = MOOR_LOG_INFO, .format = MOOR_LOG_JSON};
    struct moor_error err = {0};
    moor_log_close(scene->log);
    assert_int_equal(moor_log_open(&scene->log, &config, &err), 0);
    refuse_threads = true;
    assert_int_equal(moor_log_start(scene->log, &err), -1);
    check_close_waits(scene);
    refuse_threads = false;
}

static void flush__a_slow_reader__waits_until_all_is_written(void **state)
{
    struct scene *scene = *state;
    log_long_lines(scene->log, 100);
    struct reader reader = {.fd = scene->read_fd};
    pthread_t reading;
    moor_buf_init(&reader.text, (size_t)16 * 1024 * 1024);
    assert_int_equal(pthread_create(&reading, NULL, read_lines_late, &reader), 0);
    moor_log_flush(scene->log);
    /* As with _exit(), no more is written: the pipe is cut off from the log. */
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    assert_true(null >= 0 && dup3(null, scene->write_fd, O_CLOEXEC) >= 0);
    (void)close(null);
    assert_int_equal(pthread_join(reading, NULL), 0);
    assert_int_equal(count_lines(&reader.text), 100);
    moor_buf_release(&reader.text);
}

static void flush__reader_never_reads__ends_within_a_second_or_so(void **state)
{
    struct scene *scene = *state;
    struct timespec start;
    struct timespec end;
    log_long_lines(scene->log, 200);
    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    moor_log_flush(scene->log);
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    assert_in_range(end.tv_sec - start.tv_sec, 0, 3);
    assert_int_equal(close_and_count(scene, read_lines), 200);
}

static void event__ends_in_a_line_end__msg_has_none(void **state)
{
    struct scene *scene = *state;
    moor_log_event(scene->log, MOOR_LOG_WARN, "HTTP 400, no review\n");
    moor_log_limited(scene->log, MOOR_LOG_TOPIC_REQUEST, MOOR_LOG_WARN, "HTTP 400, no review\r\n");
    struct moor_buf lines = read_all(scene);
    assert_int_equal(count_lines(&lines), 2);
    assert_null(memmem(lines.ptr, lines.len, "\\n", 2));
    assert_null(memmem(lines.ptr, lines.len, "\\r", 2));
    moor_buf_release(&lines);
}

static void limited__a_flood__some_lines_and_the_number_of_the_others(void **state)
{
    struct scene *scene = *state;
    for (int i = 0; i < 5000; i++) {
        moor_log_limited(scene->log, MOOR_LOG_TOPIC_REQUEST, MOOR_LOG_WARN, "flood %d", i);
    }
    moor_log_limited(scene->log, MOOR_LOG_TOPIC_CONNECTION, MOOR_LOG_INFO, "another topic");
    moor_log_tick(scene->log); /* the flood may go on */
    struct moor_buf lines = read_all(scene);
    size_t count = count_lines(&lines);
    assert_in_range(count, MOOR_LOG_LIMIT_BURST + 2, MOOR_LOG_LIMIT_BURST + 5);
    assert_non_null(memmem(lines.ptr, lines.len, "another topic", 13));
    assert_non_null(memmem(lines.ptr, lines.len, " more were not logged", 21));
    moor_buf_release(&lines);
}

static void event__disk_is_full_for_a_while__later_lines_are_whole(void **state)
{
    (void)state;
    char name[] = "/tmp/moor-log-XXXXXX";
    struct moor_log *log = NULL;
    struct moor_error err = {0};
    struct rlimit before;
    struct moor_log_config config = {
        .fd = mkstemp(name), .level = MOOR_LOG_INFO, .format = MOOR_LOG_JSON};
    assert_true(config.fd >= 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    const struct rlimit small = {.rlim_cur = 1000, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(moor_log_open(&log, &config, &err), 0);
    assert_int_equal(moor_log_start(log, &err), 0);
    for (int i = 0; i < 50; i++) {
        moor_log_event(log, MOOR_LOG_INFO, "line %d", i);
    }
    moor_log_flush(log);
    assert_true(moor_log_dropped(log) > 30);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    moor_log_event(log, MOOR_LOG_INFO, "whole again");
    moor_log_close(log);
    char text[4096];
    ssize_t len = pread(config.fd, text, sizeof text - 1, 0);
    assert_true(len > 1000);
    text[len] = '\0';
    const char *last = text + len - 1;
    assert_int_equal(*last, '\n');
    const char *start = memrchr(text, '\n', (size_t)(len - 1));
    assert_non_null(start);
    json_t *line = json_loadb(start + 1, (size_t)(last - start), 0, NULL);
    assert_non_null(line);
    assert_string_equal(json_string_value(json_object_get(line, "msg")), "whole again");
    json_decref(line);
    (void)unlink(name);
    (void)close(config.fd);
}

#define WITH_SCENE(test) cmocka_unit_test_setup_teardown(test, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SCENE(event__hostile_text__one_line_of_json),
        cmocka_unit_test(event__every_code_point__nothing_hidden_in_either_form),
        WITH_SCENE(event__below_the_level__not_written),
        WITH_SCENE(event__many_threads__every_line_once_and_in_order),
        WITH_SCENE(event__reader_stalls__nobody_waits_and_losses_are_counted),
        cmocka_unit_test(event__disk_is_full__losses_are_counted),
        cmocka_unit_test(event__disk_is_full_for_a_while__later_lines_are_whole),
        WITH_SCENE(event__ends_in_a_line_end__msg_has_none),
        WITH_SCENE(limited__a_flood__some_lines_and_the_number_of_the_others),
        WITH_SCENE(flush__a_slow_reader__waits_until_all_is_written),
        WITH_SCENE(flush__reader_never_reads__ends_within_a_second_or_so),
        WITH_SCENE(close__wall_clock_was_set_back__waits_for_the_reader),
        WITH_SCENE(close__wall_clock_was_set_forward__does_not_wait_for_long),
        WITH_SCENE(close__no_thread_to_be_had__lines_are_written_all_the_same),
        WITH_SCENE(close__reader_never_reads__ends_within_its_bound),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
