/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "webhook/file_watch.h"
#include "webhook/regular_file.h"

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
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(names); i++) {
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

#define SETTLE ((uint64_t)MOOR_FILE_WATCH_SETTLE_MS)

/* Looks until the file has settled; returns what the last look says. */
static enum moor_file_change settle(struct moor_file_watch *watch, uint64_t *now_ms)
{
    enum moor_file_change change = moor_file_watch_look(watch, *now_ms, false);
    if (change == MOOR_FILE_UNSETTLED) {
        *now_ms += SETTLE;
        change = moor_file_watch_look(watch, *now_ms, false);
    }
    return change;
}

static void look__nothing_happened__same(void **state)
{
    (void)state;
    struct moor_file_watch watch;
    write_file("file", "one");
    moor_file_watch_init(&watch, "file", 1000);
    for (uint64_t now_ms = 2000; now_ms < 9000; now_ms += 1000) {
        assert_int_equal(moor_file_watch_look(&watch, now_ms, false), MOOR_FILE_SAME);
        assert_int_equal(moor_file_watch_look(&watch, now_ms, true), MOOR_FILE_SAME);
    }
    write_file("file", "one");
    assert_int_equal(moor_file_watch_look(&watch, 9000, false), MOOR_FILE_SAME);
}

static void look__rewritten_with_same_size_and_time__changed_once(void **state)
{
    (void)state;
    struct moor_file_watch watch;
    uint64_t now_ms = 5000;
    write_file("file", "one");
    moor_file_watch_init(&watch, "file", 0);
    write_file("file", "two");
    assert_int_equal(settle(&watch, &now_ms), MOOR_FILE_CHANGED);
    assert_true(moor_file_watch_is_taken(&watch, MOOR_SLICE("two")));
    assert_false(moor_file_watch_is_taken(&watch, MOOR_SLICE("one")));
    assert_int_equal(moor_file_watch_look(&watch, now_ms, false), MOOR_FILE_SAME);
    assert_int_equal(moor_file_watch_look(&watch, now_ms + 60000, true), MOOR_FILE_SAME);
}

/* The times of a file may not show a change that follows shortly after another. */
static void look__times_do_not_tell__content_does_for_a_while(void **state)
{
    (void)state;
    struct moor_file_watch watch;
    uint64_t now_ms = 1000;
    write_file("file", "one");
    moor_file_watch_init(&watch, "file", 0);
    write_file("file", "two");
    assert_int_equal(stat("file", &watch.status), 0);
    assert_int_equal(settle(&watch, &now_ms), MOOR_FILE_CHANGED);
}

static void look__written_in_two_halves__changed_when_it_is_whole(void **state)
{
    (void)state;
    static const bool rereads[] = {false, true};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rereads); i++) {
        struct moor_file_watch watch;
        write_file("file", "old");
        moor_file_watch_init(&watch, "file", 0);
        write_file("file", "first half, ");
        assert_int_equal(moor_file_watch_look(&watch, 5000, rereads[i]), MOOR_FILE_UNSETTLED);
        assert_int_equal(moor_file_watch_look(&watch, 5000 + SETTLE - 1, rereads[i]),
                         MOOR_FILE_UNSETTLED);
        write_file("file", "first half, second half");
        assert_int_equal(moor_file_watch_look(&watch, 5000 + SETTLE, rereads[i]),
                         MOOR_FILE_UNSETTLED);
        assert_int_equal(moor_file_watch_look(&watch, 5000 + 2 * SETTLE, rereads[i]),
                         MOOR_FILE_CHANGED);
        assert_true(moor_file_watch_is_taken(&watch, MOOR_SLICE("first half, second half")));
    }
}

static void look__changed_and_changed_back__same(void **state)
{
    (void)state;
    struct moor_file_watch watch;
    write_file("file", "one");
    moor_file_watch_init(&watch, "file", 0);
    write_file("file", "two");
    assert_int_equal(moor_file_watch_look(&watch, 5000, false), MOOR_FILE_UNSETTLED);
    write_file("file", "one");
    assert_int_equal(moor_file_watch_look(&watch, 6000, false), MOOR_FILE_SAME);
}

static void look__link_swapped__changed(void **state)
{
    (void)state;
    struct moor_file_watch watch;
    uint64_t now_ms = 5000;
    write_file("file", "one");
    write_file("other", "two");
    assert_int_equal(symlink("file", "link"), 0);
    moor_file_watch_init(&watch, "link", 0);
    assert_int_equal(unlink("link"), 0);
    assert_int_equal(symlink("other", "link"), 0);
    assert_int_equal(settle(&watch, &now_ms), MOOR_FILE_CHANGED);
}

static void look__gone_and_back__changed_each_time(void **state)
{
    (void)state;
    struct moor_file_watch watch;
    uint64_t now_ms = 5000;
    write_file("file", "one");
    moor_file_watch_init(&watch, "file", 0);
    assert_int_equal(unlink("file"), 0);
    assert_int_equal(settle(&watch, &now_ms), MOOR_FILE_CHANGED);
    assert_int_equal(moor_file_watch_look(&watch, now_ms, false), MOOR_FILE_SAME);
    write_file("file", "one");
    assert_int_equal(settle(&watch, &now_ms), MOOR_FILE_CHANGED);
}

static void look__pipe__never_waits_nor_changes(void **state)
{
    (void)state;
    struct moor_file_watch watch;
    (void)unlink("other");
    assert_int_equal(mkfifo("other", 0600), 0);
    moor_file_watch_init(&watch, "other", 0);
    assert_int_equal(watch.taken.error, ESPIPE);
    assert_int_equal(moor_file_watch_look(&watch, 5000, true), MOOR_FILE_SAME);
    (void)unlink("other");
}

/* Returns the limit from before. */
static struct rlimit refuse_descriptors(void)
{
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    return before;
}

static void look__no_descriptor_is_left__change_stays_pending(void **state)
{
    (void)state;
    struct moor_file_watch watch;
    uint64_t now_ms = 20000;
    write_file("file", "one");
    moor_file_watch_init(&watch, "file", 0);
    write_file("file", "two");
    struct rlimit before = refuse_descriptors();
    enum moor_file_change first = moor_file_watch_look(&watch, 5000, false);
    int trouble = watch.trouble;
    enum moor_file_change second = moor_file_watch_look(&watch, 15000, true);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(first, MOOR_FILE_UNSETTLED);
    assert_int_equal(second, MOOR_FILE_UNSETTLED);
    assert_int_equal(trouble, EMFILE);
    assert_int_equal(settle(&watch, &now_ms), MOOR_FILE_CHANGED);
    assert_int_equal(watch.trouble, 0);
}

static void init__no_descriptor_is_left__changed_once_it_can_be_read(void **state)
{
    (void)state;
    struct moor_file_watch watch;
    uint64_t now_ms = 5000;
    write_file("file", "one");
    struct rlimit before = refuse_descriptors();
    moor_file_watch_init(&watch, "file", 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(settle(&watch, &now_ms), MOOR_FILE_CHANGED);
}

static void forget__after_a_change__changed_again(void **state)
{
    (void)state;
    struct moor_file_watch watch;
    uint64_t now_ms = 5000;
    write_file("file", "one");
    moor_file_watch_init(&watch, "file", 0);
    write_file("file", "two");
    assert_int_equal(settle(&watch, &now_ms), MOOR_FILE_CHANGED);
    moor_file_watch_forget(&watch);
    assert_int_equal(moor_file_watch_look(&watch, now_ms + 1, false), MOOR_FILE_CHANGED);
    assert_int_equal(moor_file_watch_look(&watch, now_ms + 2, false), MOOR_FILE_SAME);
}

/* --- regular_file ----------------------------------------------------------------------------- */

static void read__what_is_no_regular_file__refused_at_once(void **state)
{
    (void)state;

    static const struct {
        const char *path;
        int code;
    } rows[] = {{"/dev/zero", ESPIPE}, {"/dev/tty", ESPIPE}, {"/tmp", EISDIR},
                {"none", ENOENT},      {"file/x", ENOTDIR},  {"", ENOENT}};

    char why[MOOR_REGULAR_FILE_WHY_BYTES];
    struct moor_buf text;
    moor_buf_init(&text, 16);
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        assert_int_equal(moor_regular_file_read(&text, rows[i].path), rows[i].code);
        assert_false(moor_regular_file_is_transient(rows[i].code));
        assert_true(strlen(moor_regular_file_explain(why, rows[i].code, rows[i].path)) > 5);
    }
    write_file("file", "16 bytes, not 17");
    assert_int_equal(moor_regular_file_read(&text, "file"), 0);
    assert_slice_equal(moor_buf_slice(&text), "16 bytes, not 17");
    moor_buf_clear(&text);
    write_file("file", "16 bytes, and 1..");
    assert_int_equal(moor_regular_file_read(&text, "file"), EFBIG);
    moor_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look__nothing_happened__same),
        cmocka_unit_test(look__rewritten_with_same_size_and_time__changed_once),
        cmocka_unit_test(look__times_do_not_tell__content_does_for_a_while),
        cmocka_unit_test(look__written_in_two_halves__changed_when_it_is_whole),
        cmocka_unit_test(look__changed_and_changed_back__same),
        cmocka_unit_test(look__link_swapped__changed),
        cmocka_unit_test(look__gone_and_back__changed_each_time),
        cmocka_unit_test(look__pipe__never_waits_nor_changes),
        cmocka_unit_test(look__no_descriptor_is_left__change_stays_pending),
        cmocka_unit_test(init__no_descriptor_is_left__changed_once_it_can_be_read),
        cmocka_unit_test(forget__after_a_change__changed_again),
        cmocka_unit_test(read__what_is_no_regular_file__refused_at_once),
    };

    return cmocka_run_group_tests_name("file_watch", tests, make_folder, remove_folder);
}
