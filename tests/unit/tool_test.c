/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/test.h"

#include "cmd/input/tool.h"

#define TIMEOUT_MS 10000

static struct moor_buf out;
static struct moor_tool_result result;
static struct moor_error err;

static int run(const char *script, uint32_t timeout_ms)
{
    const char *const words[] = {"/bin/sh", "-c", script, "name", "$(argument)", NULL};
    moor_buf_clear(&out);
    err = (struct moor_error){0};
    return moor_tool_run(&out, &result, words, timeout_ms, &err);
}

static void output__both_streams__kept(void **state)
{
    (void)state;
    assert_int_equal(run("echo out; echo noise >&2; echo more", TIMEOUT_MS), 0);
    assert_slice_equal(moor_buf_slice(&out), "out\nmore\n");
    assert_string_equal(result.said, "noise\n");
}

static void arguments__special_characters__passed_as_they_are(void **state)
{
    (void)state;
    assert_int_equal(run("echo \"$1\"", TIMEOUT_MS), 0);
    assert_slice_equal(moor_buf_slice(&out), "$(argument)\n");
}

static void input__read__empty(void **state)
{
    (void)state;
    assert_int_equal(run("cat", TIMEOUT_MS), 0);
    assert_slice_equal(moor_buf_slice(&out), "");
}

static void status__not_zero__failure(void **state)
{
    (void)state;
    assert_int_equal(run("echo out; echo why >&2; exit 3", TIMEOUT_MS), -1);
    assert_string_equal(err.text, "'/bin/sh' failed with status 3");
    assert_string_equal(result.said, "why\n");
    assert_false(result.is_missing);
}

static void signal__terminated__failure(void **state)
{
    (void)state;
    assert_int_equal(run("kill -9 $$", TIMEOUT_MS), -1);
    assert_string_equal(err.text, "'/bin/sh' was terminated by signal 9");
}

static void program__absent__missing(void **state)
{
    const char *const words[] = {"no-such-program-here", NULL};
    (void)state;
    err = (struct moor_error){0};
    assert_int_equal(moor_tool_run(&out, &result, words, TIMEOUT_MS, &err), -1);
    assert_true(result.is_missing);
    assert_string_equal(err.text, "cannot run 'no-such-program-here': No such file or directory");
}

/* Without the limit, this output would have no end. */
static void output__beyond_the_maximum__stopped(void **state)
{
    (void)state;
    assert_int_equal(run("while echo 0123456789; do :; done", TIMEOUT_MS), -1);
    assert_int_equal(err.code, MOOR_ERROR_LIMIT);
    assert_string_equal(err.text, "'/bin/sh' was stopped after 65536 bytes of output");
    assert_true(out.len <= out.max);
}

static void said__long__cut(void **state)
{
    (void)state;
    assert_int_equal(
        run("i=0; while [ $i -lt 20000 ]; do echo noise$i >&2; i=$((i+1)); done; echo end",
            TIMEOUT_MS),
        0);
    assert_int_equal(strlen(result.said), MOOR_TOOL_SAID_BYTES - 1);
    assert_slice_equal(moor_buf_slice(&out), "end\n");
}

/* The child of the shell holds the pipes open: it must be killed, and not be waited for. */
static void time__exceeded__group_killed(void **state)
{
    struct timespec before;
    struct timespec after;
    char command[64];
    (void)state;
    (void)clock_gettime(CLOCK_MONOTONIC, &before);
    assert_int_equal(run("sleep 600 & echo $!; wait", 300), -1);
    (void)clock_gettime(CLOCK_MONOTONIC, &after);
    assert_int_equal(err.code, MOOR_ERROR_LIMIT);
    assert_non_null(strstr(err.text, "was stopped after 300 ms"));
    assert_true(after.tv_sec - before.tv_sec < 60);
    long pid = strtol(out.ptr, NULL, 10);
    assert_true(pid > 1);
    (void)snprintf(command, sizeof command, "while kill -0 %ld 2>/dev/null; do :; done", pid);
    assert_int_equal(run(command, TIMEOUT_MS), 0);
}

static void time__exceeded_after_the_output_ended__killed(void **state)
{
    (void)state;
    assert_int_equal(run("exec >&- 2>&-; sleep 600", 300), -1);
    assert_int_equal(err.code, MOOR_ERROR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output__both_streams__kept),
        cmocka_unit_test(arguments__special_characters__passed_as_they_are),
        cmocka_unit_test(input__read__empty),
        cmocka_unit_test(status__not_zero__failure),
        cmocka_unit_test(signal__terminated__failure),
        cmocka_unit_test(program__absent__missing),
        cmocka_unit_test(output__beyond_the_maximum__stopped),
        cmocka_unit_test(said__long__cut),
        cmocka_unit_test(time__exceeded__group_killed),
        cmocka_unit_test(time__exceeded_after_the_output_ended__killed),
    };
    moor_buf_init(&out, 65536);
    int status = cmocka_run_group_tests_name("tool", tests, NULL, NULL);
    moor_buf_release(&out);
    return status;
}
