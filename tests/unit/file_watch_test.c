/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/test.h"

#include "webhook/file_watch.h"

static char folder[] = "/tmp/moor-watch-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"file", "other", "link"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)unlink(names[i]);
    }
    return rmdir(folder);
}

/* Writes the file with the times of a minute ago, so that it counts as settled. */
static void write_file(const char *name, const char *text)
{
    const struct timespec times[] = {{time(NULL) - 60, 0}, {time(NULL) - 60, 0}};
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(futimens(fd, times), 0);
    assert_int_equal(close(fd), 0);
}

static void look__nothing_happened__same(void **state)
{
    (void)state;
    struct moor_file_watch watch;
    write_file("file", "one");
    moor_file_watch_init(&watch, "file");
    assert_int_equal(moor_file_watch_look(&watch, false), MOOR_FILE_SAME);
    assert_int_equal(moor_file_watch_look(&watch, true), MOOR_FILE_SAME);
    write_file("file", "one");
    assert_int_equal(moor_file_watch_look(&watch, false), MOOR_FILE_SAME);
}

static void look__rewritten_with_same_size_and_time__changed_once(void **state)
{
    (void)state;
    struct moor_file_watch watch;
    write_file("file", "one");
    moor_file_watch_init(&watch, "file");
    write_file("file", "two");
    assert_int_equal(moor_file_watch_look(&watch, false), MOOR_FILE_CHANGED);
    assert_int_equal(moor_file_watch_look(&watch, false), MOOR_FILE_SAME);
}

static void look__written_a_moment_ago__unsettled_but_not_at_once(void **state)
{
    (void)state;
    struct moor_file_watch watch;
    write_file("file", "one");
    moor_file_watch_init(&watch, "file");
    write_file("file", "two");
    assert_int_equal(utimensat(AT_FDCWD, "file", NULL, 0), 0);
    assert_int_equal(moor_file_watch_look(&watch, false), MOOR_FILE_UNSETTLED);
    assert_int_equal(moor_file_watch_look(&watch, true), MOOR_FILE_CHANGED);
}

static void look__link_swapped__changed(void **state)
{
    (void)state;
    struct moor_file_watch watch;
    write_file("file", "one");
    write_file("other", "two");
    assert_int_equal(symlink("file", "link"), 0);
    moor_file_watch_init(&watch, "link");
    assert_int_equal(unlink("link"), 0);
    assert_int_equal(symlink("other", "link"), 0);
    assert_int_equal(moor_file_watch_look(&watch, false), MOOR_FILE_CHANGED);
}

static void look__gone_and_back__changed_each_time(void **state)
{
    (void)state;
    struct moor_file_watch watch;
    write_file("file", "one");
    moor_file_watch_init(&watch, "file");
    assert_int_equal(unlink("file"), 0);
    assert_int_equal(moor_file_watch_look(&watch, false), MOOR_FILE_CHANGED);
    assert_int_equal(moor_file_watch_look(&watch, false), MOOR_FILE_SAME);
    write_file("file", "one");
    assert_int_equal(moor_file_watch_look(&watch, false), MOOR_FILE_CHANGED);
}

static void look__pipe__never_waits_nor_changes(void **state)
{
    (void)state;
    struct moor_file_watch watch;
    (void)unlink("other");
    assert_int_equal(mkfifo("other", 0600), 0);
    moor_file_watch_init(&watch, "other");
    assert_int_equal(moor_file_watch_look(&watch, true), MOOR_FILE_SAME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look__nothing_happened__same),
        cmocka_unit_test(look__rewritten_with_same_size_and_time__changed_once),
        cmocka_unit_test(look__written_a_moment_ago__unsettled_but_not_at_once),
        cmocka_unit_test(look__link_swapped__changed),
        cmocka_unit_test(look__gone_and_back__changed_each_time),
        cmocka_unit_test(look__pipe__never_waits_nor_changes),
    };

    return cmocka_run_group_tests_name("file_watch", tests, make_folder, remove_folder);
}
