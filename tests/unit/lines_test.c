/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <unistd.h>

#include "tests/unit/test.h"

#include "cmd/input/lines.h"
#include "policy/base/array_size.h"

#define MAX       MOOR_LINES_MAX_BYTES
#define LINES_MAX 8

/* The pipe receives `before`, `length` times the letter x, and `after`. */
struct row {
    const char *name;
    const char *before;
    size_t length;
    const char *after;
    size_t lengths[LINES_MAX]; /* length of each line, or TOO_LONG; END after the last */
};

#define TOO_LONG (SIZE_MAX - 1)
#define END      SIZE_MAX

static struct row rows[] = {
    {"nothing", "", 0, "", {END}},
    {"newline", "\n", 0, "", {0, END}},
    {"last_without_its_end", "ab\nc", 0, "", {2, 1, END}},
    {"empty_lines", "\n\nab\n\n", 0, "", {0, 0, 2, 0, END}},
    {"carriage_returns", "ab\r\n\r\nabc\r\n", 0, "", {2, 0, 3, END}},
    {"carriage_return_within", "a\rb\r\r\nc\r", 0, "", {4, 2, END}},
    {"longest", "a\n", MAX, "\nb\n", {1, MAX, 1, END}},
    {"longest_with_carriage_return", "a\n", MAX, "\r\nb\n", {1, MAX, 1, END}},
    {"longest_without_its_end", "a\n", MAX, "", {1, MAX, END}},
    {"one_too_long", "a\n", MAX + 1, "\nb\n", {1, TOO_LONG, 1, END}},
    {"one_too_long_with_carriage_return", "a\n", MAX + 1, "\r\nb\n", {1, TOO_LONG, 1, END}},
    {"two_too_long", "a\n", MAX + 2, "\nb\n", {1, TOO_LONG, 1, END}},
    {"one_too_long_at_the_end", "a\n", MAX + 1, "", {1, TOO_LONG, END}},
    {"two_too_long_at_the_end", "a\n", MAX + 2, "", {1, TOO_LONG, END}},
    {"far_too_long", "a\n", 20 * MAX, "\nb", {1, TOO_LONG, 1, END}},
    {"far_too_long_at_the_end", "a\n", 20 * MAX, "", {1, TOO_LONG, END}},
};

struct writer {
    const struct row *row;
    int fd;
};

static void put(int fd, const char *text, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t put = write(fd, text + done, len - done);
        if (put < 0) {
            return;
        }
        done += (size_t)put;
    }
}

static void *write_row(void *context)
{
    const struct writer *writer = context;
    char piece[1000];
    memset(piece, 'x', sizeof piece);
    put(writer->fd, writer->row->before, strlen(writer->row->before));
    for (size_t left = writer->row->length; left > 0;) {
        size_t len = left < sizeof piece ? left : sizeof piece;
        put(writer->fd, piece, len);
        left -= len;
    }
    put(writer->fd, writer->row->after, strlen(writer->row->after));
    (void)close(writer->fd);
    return NULL;
}

static void next__row__these_lines(void **state)
{
    const struct row *row = *state;
    static struct moor_lines lines;
    int ends[2];
    pthread_t thread;
    assert_int_equal(pipe(ends), 0);
    struct writer writer = {row, ends[1]};
    assert_int_equal(pthread_create(&thread, NULL, write_row, &writer), 0);
    moor_lines_init(&lines, ends[0]);
    for (size_t i = 0; row->lengths[i] != END; i++) {
        struct moor_error err = {0};
        struct moor_slice line = {0};
        bool is_too_long = row->lengths[i] == TOO_LONG;
        assert_int_equal(moor_lines_next(&lines, &line, &err), is_too_long ? -1 : 1);
        assert_int_equal(lines.number, i + 1);
        assert_int_equal(err.code, is_too_long ? MOOR_ERROR_LIMIT : MOOR_ERROR_NONE);
        if (!is_too_long) {
            assert_int_equal(line.len, row->lengths[i]);
        }
    }
    struct moor_error err = {0};
    struct moor_slice line = {0};
    assert_int_equal(moor_lines_next(&lines, &line, &err), 0);
    assert_int_equal(moor_lines_next(&lines, &line, &err), 0);
    (void)pthread_join(thread, NULL);
    (void)close(ends[0]);
}

static void next__no_input__why(void **state)
{
    (void)state;
    static struct moor_lines lines;
    struct moor_error err = {0};
    struct moor_slice line = {0};
    moor_lines_init(&lines, -1);
    assert_int_equal(moor_lines_next(&lines, &line, &err), -1);
    assert_int_equal(err.code, MOOR_ERROR_SYSTEM);
    assert_string_equal(err.text, "Bad file descriptor");
}

int main(void)
{
    enum {
        ROW_COUNT = MOOR_ARRAY_SIZE(rows)
    };

    static char names[ROW_COUNT][128];
    struct CMUnitTest tests[ROW_COUNT + 1];
    for (size_t i = 0; i < ROW_COUNT; i++) {
        (void)snprintf(names[i], sizeof names[i], "next__%s__these_lines", rows[i].name);
        tests[i] = (struct CMUnitTest){names[i], next__row__these_lines, NULL, NULL, &rows[i]};
    }
    tests[ROW_COUNT] = (struct CMUnitTest)cmocka_unit_test(next__no_input__why);
    return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
