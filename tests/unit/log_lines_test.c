/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/unit/test.h"

#include "cmd/audit/log_lines.h"

#define MAX MOOR_LOG_LINES_MAX_BYTES

/* A temporary file, and what was read from it. */
struct fixture {
    char path[32];
    struct moor_log_lines lines;
    struct moor_slice line;
    struct moor_error err;
};

static void make_path(struct fixture *fixture)
{
    *fixture = (struct fixture){.path = "/tmp/tagmoor-lines-XXXXXX"};
    int fd = mkstemp(fixture->path);
    assert_true(fd >= 0);
    (void)close(fd);
}

static void open_file(struct fixture *fixture)
{
    assert_int_equal(moor_log_lines_open(&fixture->lines, fixture->path, &fixture->err), 0);
}

static void close_file(struct fixture *fixture)
{
    moor_log_lines_close(&fixture->lines);
    (void)unlink(fixture->path);
}

static int next(struct fixture *fixture)
{
    fixture->err = (struct moor_error){0};
    return moor_log_lines_next(&fixture->lines, &fixture->line, &fixture->err);
}

static void write_plain(const struct fixture *fixture, const char *before, size_t length,
                        const char *after)
{
    FILE *file = fopen(fixture->path, "w");
    assert_non_null(file);
    (void)fputs(before, file);
    for (size_t i = 0; i < length; i++) {
        (void)fputc('x', file);
    }
    (void)fputs(after, file);
    assert_int_equal(fclose(file), 0);
}

static void next__lines_of_a_plain_file__each_without_its_end(void **state)
{
    (void)state;
    struct fixture fixture;
    make_path(&fixture);
    write_plain(&fixture, "ab\n\nc", 0, "");
    open_file(&fixture);
    assert_int_equal(next(&fixture), 1);
    assert_slice_equal(fixture.line, "ab");
    assert_int_equal(next(&fixture), 1);
    assert_slice_equal(fixture.line, "");
    assert_int_equal(next(&fixture), 1);
    assert_slice_equal(fixture.line, "c");
    assert_int_equal(fixture.lines.number, 3);
    assert_int_equal(next(&fixture), 0);
    assert_int_equal(next(&fixture), 0);
    close_file(&fixture);
}

static void next__longest_line_and_longer_ones__limit_and_next_line(void **state)
{
    (void)state;
    static const size_t lengths[] = {MAX, MAX + 1, 5 * MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct fixture fixture;
        make_path(&fixture);
        write_plain(&fixture, "a\n", lengths[i], "\nb\n");
        open_file(&fixture);
        assert_int_equal(next(&fixture), 1);
        assert_int_equal(next(&fixture), lengths[i] == MAX ? 1 : -1);
        assert_int_equal(fixture.err.code, lengths[i] == MAX ? MOOR_ERROR_NONE : MOOR_ERROR_LIMIT);
        assert_int_equal(fixture.lines.number, 2);
        assert_int_equal(next(&fixture), 1);
        assert_slice_equal(fixture.line, "b");
        assert_int_equal(next(&fixture), 0);
        assert_true(fixture.lines.room <= 2 * MAX);
        close_file(&fixture);
    }
}

static void next__gzip_members__one_text(void **state)
{
    (void)state;
    struct fixture fixture;
    make_path(&fixture);
    for (int i = 0; i < 2; i++) {
        gzFile file = gzopen(fixture.path, "ab");
        assert_int_equal(gzputs(file, "ab\nc"), 4);
        assert_int_equal(gzclose(file), Z_OK);
    }
    open_file(&fixture);
    assert_int_equal(next(&fixture), 1);
    assert_slice_equal(fixture.line, "ab");
    assert_int_equal(next(&fixture), 1);
    assert_slice_equal(fixture.line, "cab");
    assert_int_equal(next(&fixture), 1);
    assert_slice_equal(fixture.line, "c");
    assert_int_equal(next(&fixture), 0);
    close_file(&fixture);
}

static void next__truncated_gzip__lines_and_then_an_error(void **state)
{
    (void)state;
    struct fixture fixture;
    make_path(&fixture);
    gzFile file = gzopen(fixture.path, "wb");
    for (unsigned i = 0; i < 20000; i++) {
        (void)gzprintf(file, "%u\n", i * 2654435761U);
    }
    assert_int_equal(gzclose(file), Z_OK);
    assert_int_equal(truncate(fixture.path, 60000), 0);
    open_file(&fixture);
    int got = 0;
    while ((got = next(&fixture)) == 1) {
    }
    assert_int_equal(got, -1);
    assert_int_equal(fixture.err.code, MOOR_ERROR_VALUE);
    assert_in_range(fixture.lines.number, 1000, 19999);
    assert_int_equal(next(&fixture), 0);
    close_file(&fixture);
}

static void next__gzip_that_expands_like_a_bomb__error(void **state)
{
    (void)state;
    struct fixture fixture;
    static char zeros[1024 * 1024];
    make_path(&fixture);
    gzFile file = gzopen(fixture.path, "wb9");
    for (int i = 0; i < 100; i++) {
        assert_int_equal(gzwrite(file, zeros, sizeof zeros), sizeof zeros);
    }
    assert_int_equal(gzclose(file), Z_OK);
    open_file(&fixture);
    assert_int_equal(next(&fixture), -1);
    assert_int_equal(fixture.err.code, MOOR_ERROR_VALUE);
    assert_true(fixture.lines.bytes < MOOR_LOG_LINES_RATIO_AFTER + 3 * MAX);
    assert_int_equal(next(&fixture), 0);
    close_file(&fixture);
}

static void open__missing_file__error(void **state)
{
    (void)state;
    struct moor_log_lines lines;
    struct moor_error err = {0};
    assert_int_equal(moor_log_lines_open(&lines, "/tmp/tagmoor-no-such-file", &err), -1);
    assert_int_equal(err.code, MOOR_ERROR_SYSTEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next__lines_of_a_plain_file__each_without_its_end),
        cmocka_unit_test(next__longest_line_and_longer_ones__limit_and_next_line),
        cmocka_unit_test(next__gzip_members__one_text),
        cmocka_unit_test(next__truncated_gzip__lines_and_then_an_error),
        cmocka_unit_test(next__gzip_that_expands_like_a_bomb__error),
        cmocka_unit_test(open__missing_file__error),
    };
    return cmocka_run_group_tests_name("log_lines", tests, NULL, NULL);
}
