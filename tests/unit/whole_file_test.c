/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/test.h"

#include "cmd/report/whole_file.h"

#include <stdio.h>
#include <string.h>

/* Each test has an empty directory of its own, and is in it. */
static int enter(void **state)
{
    static char path[64];
    (void)snprintf(path, sizeof path, "/tmp/whole-file-XXXXXX");
    *state = mkdtemp(path);
    return *state != NULL && chdir(path) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    DIR *directory = opendir(".");
    struct dirent *entry = NULL;
    if (directory == NULL) {
        return -1;
    }
    while ((entry = readdir(directory)) != NULL) { // NOLINT(concurrency-mt-unsafe): one thread
        (void)unlink(entry->d_name);
        (void)rmdir(entry->d_name);
    }
    (void)closedir(directory);
    return chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void assert_content(const char *path, const char *text)
{
    char content[256] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    content[fread(content, 1, sizeof content - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    assert_string_equal(content, text);
}

/* Nothing else is left in the directory. */
static void assert_entries(size_t wanted)
{
    size_t count = 0;
    DIR *directory = opendir(".");
    assert_non_null(directory);
    while (readdir(directory) != NULL) { // NOLINT(concurrency-mt-unsafe): one thread
        count++;
    }
    (void)closedir(directory);
    assert_int_equal(count, wanted + 2);
}

static void write_file(const char *path, const char *text, bool keep)
{
    struct moor_whole_file file;
    struct moor_error err = {0};
    assert_int_equal(moor_whole_file_begin(&file, path, &err), 0);
    assert_true(fputs(text, file.out) >= 0);
    assert_int_equal(moor_whole_file_end(&file, keep, &err), 0);
}

static void write__new_file__it_is_there(void **state)
{
    (void)state;
    write_file("a", "new", true);
    assert_content("a", "new");
    assert_entries(1);
}

static void write__old_file__replaced_with_its_rights(void **state)
{
    (void)state;
    struct stat found;
    put("a", "old and longer");
    assert_int_equal(chmod("a", 0640), 0);
    write_file("a", "new", true);
    assert_content("a", "new");
    assert_int_equal(stat("a", &found), 0);
    assert_int_equal(found.st_mode & 07777, 0640);
    assert_entries(1);
}

static void write__until_the_end__the_old_content_stays(void **state)
{
    (void)state;
    struct moor_whole_file file;
    put("a", "old");
    assert_int_equal(moor_whole_file_begin(&file, "a", NULL), 0);
    assert_true(fputs("new", file.out) >= 0);
    assert_int_equal(fflush(file.out), 0);
    assert_content("a", "old");
    assert_int_equal(moor_whole_file_end(&file, true, NULL), 0);
    assert_content("a", "new");
}

static void write__given_up__nothing_changes(void **state)
{
    (void)state;
    put("a", "old");
    write_file("a", "new", false);
    write_file("b", "new", false);
    assert_content("a", "old");
    assert_entries(1);
}

static void write__link__stays_and_its_target_changes(void **state)
{
    (void)state;
    struct stat found;
    put("a", "old");
    assert_int_equal(symlink("a", "b"), 0);
    write_file("b", "new", true);
    assert_content("a", "new");
    assert_int_equal(lstat("b", &found), 0);
    assert_true(S_ISLNK(found.st_mode));
    assert_entries(2);
}

static void write__directory_or_none__says_why(void **state)
{
    (void)state;
    struct moor_whole_file file;
    struct moor_error err = {0};
    assert_int_equal(moor_whole_file_begin(&file, "none/a", &err), -1);
    assert_non_null(strstr(err.text, "none/a"));
    err = (struct moor_error){0};
    assert_int_equal(mkdir("folder", 0755), 0);
    assert_int_equal(moor_whole_file_begin(&file, "folder", &err), -1);
    assert_non_null(strstr(err.text, "folder"));
    assert_entries(1);
}

static void write__device__written_as_it_is(void **state)
{
    (void)state;
    write_file("/dev/null", "new", true);
    assert_entries(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(write__new_file__it_is_there, enter, leave),
        cmocka_unit_test_setup_teardown(write__old_file__replaced_with_its_rights, enter, leave),
        cmocka_unit_test_setup_teardown(write__until_the_end__the_old_content_stays, enter, leave),
        cmocka_unit_test_setup_teardown(write__given_up__nothing_changes, enter, leave),
        cmocka_unit_test_setup_teardown(write__link__stays_and_its_target_changes, enter, leave),
        cmocka_unit_test_setup_teardown(write__directory_or_none__says_why, enter, leave),
        cmocka_unit_test_setup_teardown(write__device__written_as_it_is, enter, leave),
    };
    return cmocka_run_group_tests_name("whole_file", tests, NULL, NULL);
}
