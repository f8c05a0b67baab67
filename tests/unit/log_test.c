/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "webhook/log.h"

#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <unistd.h>

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

static void event__reader_stalls__nobody_waits_and_losses_are_counted(void **state)
{
    struct scene *scene = *state;
    char text[900];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (int i = 0; i < 3000; i++) {
        moor_log_event(scene->log, MOOR_LOG_INFO, "%s", text);
    }
    uint64_t dropped = moor_log_dropped(scene->log);
    assert_in_range(dropped, 1000, 2500);

    struct reader reader = {.fd = scene->read_fd};
    pthread_t reading;
    moor_buf_init(&reader.text, (size_t)16 * 1024 * 1024);
    assert_int_equal(pthread_create(&reading, NULL, read_lines, &reader), 0);
    moor_log_close(scene->log);
    scene->log = NULL;
    (void)close(scene->write_fd);
    scene->write_fd = -1;
    assert_int_equal(pthread_join(reading, NULL), 0);
    size_t lines = 0;
    for (size_t i = 0; i < reader.text.len; i++) {
        lines += reader.text.ptr[i] == '\n';
    }
    assert_int_equal(lines + dropped, 3000);
    moor_buf_release(&reader.text);
}

static void close__reader_never_reads__ends_all_the_same(void **state)
{
    struct scene *scene = *state;
    char text[900];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (int i = 0; i < 200; i++) {
        moor_log_event(scene->log, MOOR_LOG_INFO, "%s", text);
    }
    /* The writing thread is left behind in write(): closing the reader frees it. */
    moor_log_close(scene->log);
    scene->log = NULL;
    (void)close(scene->read_fd);
    scene->read_fd = -1;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(event__hostile_text__one_line_of_json, open_scene,
                                        close_scene),
        cmocka_unit_test_setup_teardown(event__below_the_level__not_written, open_scene,
                                        close_scene),
        cmocka_unit_test_setup_teardown(event__many_threads__every_line_once_and_in_order,
                                        open_scene, close_scene),
        cmocka_unit_test_setup_teardown(event__reader_stalls__nobody_waits_and_losses_are_counted,
                                        open_scene, close_scene),
        cmocka_unit_test(event__disk_is_full__losses_are_counted),
        cmocka_unit_test_setup_teardown(close__reader_never_reads__ends_all_the_same, open_scene,
                                        close_scene),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
