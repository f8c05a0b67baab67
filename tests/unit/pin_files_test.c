/* SPDX-License-Identifier: Apache-2.0 */
/* The files of `pin`: replacing one that may have changed, and the difference of two texts. */
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/test.h"

#include "cmd/pin/diff.h"
#include "cmd/pin/replace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each test has an empty directory of its own, and is in it. */
static int enter(void **state)
{
    static char path[64];
    (void)snprintf(path, sizeof path, "/tmp/pin-files-XXXXXX");
    *state = mkdtemp(path);
    return *state != NULL && chdir(path) == 0 ? 0 : -1;
}

/* Fails if anything but the file `a` is left, such as a temporary file. */
static int leave(void **state)
{
    (void)unlink("a");
    return chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
}

static void put(const char *text)
{
    FILE *file = fopen("a", "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void assert_content(const char *text)
{
    char content[256] = "";
    FILE *file = fopen("a", "r");
    assert_non_null(file);
    content[fread(content, 1, sizeof content - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    assert_string_equal(content, text);
}

static int replace(const char *path, struct moor_error *err)
{
    *err = (struct moor_error){0};
    return moor_pin_replace(path, MOOR_SLICE("before\n"), MOOR_SLICE("after\n"), err);
}

static void replace__same_content__replaced(void **state)
{
    (void)state;
    struct moor_error err;
    put("before\n");
    assert_int_equal(chmod("a", 0604), 0);
    assert_int_equal(replace("a", &err), 0);
    assert_content("after\n");
    struct stat status;
    assert_int_equal(stat("a", &status), 0);
    assert_int_equal(status.st_mode & 07777, 0604);
}

static void replace__changed_since_it_was_read__left(void **state)
{
    (void)state;
    static const char *const others[] = {"before", "before\n\n", "befroe\n", ""};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct moor_error err;
        put(others[i]);
        assert_int_equal(replace("a", &err), -1);
        assert_string_equal(err.text, "cannot replace the file: it was changed since it was read");
        assert_content(others[i]);
    }
}

static void replace__absent_or_no_file__says_why(void **state)
{
    (void)state;
    struct moor_error err;
    assert_int_equal(replace("absent", &err), -1);
    assert_non_null(strstr(err.text, "No such file"));
    assert_int_equal(replace(".", &err), -1);
    assert_non_null(strstr(err.text, "not a regular file"));
}

/* Returns the difference as a text that the caller frees. */
static char *difference(const char *path, const char *before, const char *after)
{
    char *text = NULL;
    size_t len = 0;
    struct moor_error err = {0};
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    assert_int_equal(
        moor_pin_diff_write(out, path, moor_slice_from(before), moor_slice_from(after), &err), 0);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void assert_difference(const char *path, const char *before, const char *after,
                              const char *wanted)
{
    char *text = difference(path, before, after);
    assert_string_equal(text, wanted);
    free(text);
}

static void diff__hunks__three_lines_around_each(void **state)
{
    (void)state;
    assert_difference("a", "1\n2\n3\n4\nx\n6\n7\n8\n9\n", "1\n2\n3\n4\ny\n6\n7\n8\n9\n",
                      "--- a\n+++ a\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-x\n+y\n 6\n 7\n 8\n");
    /* Six lines between two changes are one hunk, and seven are two. */
    assert_difference("a", "x\n1\n2\n3\n4\n5\nx\n", "y\n1\n2\n3\n4\n5\ny\n",
                      "--- a\n+++ a\n@@ -1,7 +1,7 @@\n-x\n+y\n 1\n 2\n 3\n 4\n 5\n-x\n+y\n");
    assert_difference("a", "x\n1\n2\n3\n4\n5\n6\n7\nx\n", "y\n1\n2\n3\n4\n5\n6\n7\ny\n",
                      "--- a\n+++ a\n@@ -1,4 +1,4 @@\n-x\n+y\n 1\n 2\n 3\n"
                      "@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-x\n+y\n");
}

static void diff__last_line_without_end__said(void **state)
{
    (void)state;
    assert_difference("a", "x", "y",
                      "--- a\n+++ a\n@@ -1,1 +1,1 @@\n-x\n\\ No newline at end of file\n"
                      "+y\n\\ No newline at end of file\n");
    assert_difference("a", "x\n1", "y\n1",
                      "--- a\n+++ a\n@@ -1,2 +1,2 @@\n-x\n+y\n 1\n\\ No newline at end of file\n");
    assert_difference("a", "x", "x", "");
    assert_difference("a", "", "", "");
}

static void diff__odd_names__quoted(void **state)
{
    (void)state;
    assert_difference("a b", "x\n", "y\n", "--- a b\t\n+++ a b\t\n@@ -1,1 +1,1 @@\n-x\n+y\n");
    assert_difference("a\n\"b", "x\n", "y\n",
                      "--- \"a\\012\\\"b\"\n+++ \"a\\012\\\"b\"\n@@ -1,1 +1,1 @@\n-x\n+y\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(replace__same_content__replaced, enter, leave),
        cmocka_unit_test_setup_teardown(replace__changed_since_it_was_read__left, enter, leave),
        cmocka_unit_test_setup_teardown(replace__absent_or_no_file__says_why, enter, leave),
        cmocka_unit_test(diff__hunks__three_lines_around_each),
        cmocka_unit_test(diff__last_line_without_end__said),
        cmocka_unit_test(diff__odd_names__quoted),
    };
    return cmocka_run_group_tests_name("pin_files", tests, NULL, NULL);
}
