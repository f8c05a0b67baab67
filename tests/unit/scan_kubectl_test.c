/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/scan/kubectl.h"

#include <stdlib.h>

#define OUT_MAX 400000

/* A call of a shell in place of kubectl: its output and its exit. */
struct fixture {
    struct moor_kubectl kubectl;
    struct moor_error err;
    struct moor_buf out;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    *state = fixture;
    if (fixture == NULL) {
        return -1;
    }
    fixture->kubectl.program = "/bin/sh";
    moor_buf_init(&fixture->out, OUT_MAX);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    moor_buf_release(&fixture->out);
    free(fixture);
    return 0;
}

static int run_shell(struct fixture *fixture, const char *script)
{
    const char *const arguments[] = {"-c", script, NULL};
    return moor_kubectl_run(&fixture->out, &fixture->kubectl, arguments, &fixture->err);
}

static void output__of_any_size_is_taken(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(run_shell(fixture, "head -c 300000 /dev/zero"), 0);
    assert_int_equal(fixture->out.len, 300000);
}

static void output__that_is_too_long__stopped_and_said(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(run_shell(fixture, "cat /dev/zero"), -1);
    assert_string_equal(fixture->err.text, "'/bin/sh' printed more than 400000 bytes");
}

static void failure__its_status_and_last_line(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(run_shell(fixture, "echo partly; echo one >&2; echo two >&2; exit 3"), -1);
    assert_string_equal(fixture->err.text, "'/bin/sh' failed with status 3");
    assert_string_equal(fixture->kubectl.said, "two");
    assert_slice_equal(moor_buf_slice(&fixture->out), "partly\n");
}

static void noise__of_one_call_is_not_that_of_the_next(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(run_shell(fixture, "echo noise >&2"), 0);
    assert_string_equal(fixture->kubectl.said, "noise");
    assert_int_equal(run_shell(fixture, "exit 1"), -1);
    assert_string_equal(fixture->err.text, "'/bin/sh' failed with status 1");
}

static void noise__a_line_without_end_is_cut(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(run_shell(fixture, "head -c 1500 /dev/zero | tr '\\0' x >&2; echo >&2"), 0);
    assert_int_equal(strlen(fixture->kubectl.said), sizeof fixture->kubectl.said - 1);
}

static void arguments__too_many__refused(void **state)
{
    const char *arguments[MOOR_KUBECTL_MAX_ARGUMENTS + 1];
    struct fixture *fixture = *state;
    fixture->kubectl.program = "/bin/true";
    for (size_t i = 0; i < MOOR_KUBECTL_MAX_ARGUMENTS; i++) {
        arguments[i] = "x";
    }
    arguments[MOOR_KUBECTL_MAX_ARGUMENTS] = NULL;
    assert_int_equal(moor_kubectl_run(&fixture->out, &fixture->kubectl, arguments, &fixture->err),
                     -1);
    assert_string_equal(fixture->err.text, "too many arguments for '/bin/true'");
}

static void options__after_the_arguments_of_each_call(void **state)
{
    static const char *const arguments[] = {"get", "x", NULL};
    struct fixture *fixture = *state;
    fixture->kubectl.program = "/bin/echo";
    moor_kubectl_option(&fixture->kubectl, "--context", "here");
    moor_kubectl_option(&fixture->kubectl, "--as", NULL);
    assert_int_equal(moor_kubectl_run(&fixture->out, &fixture->kubectl, arguments, &fixture->err),
                     0);
    assert_slice_equal(moor_buf_slice(&fixture->out), "get x --context here\n");
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(output__of_any_size_is_taken),
        WITH_FIXTURE(output__that_is_too_long__stopped_and_said),
        WITH_FIXTURE(failure__its_status_and_last_line),
        WITH_FIXTURE(noise__of_one_call_is_not_that_of_the_next),
        WITH_FIXTURE(noise__a_line_without_end_is_cut),
        WITH_FIXTURE(arguments__too_many__refused),
        WITH_FIXTURE(options__after_the_arguments_of_each_call),
    };
    return cmocka_run_group_tests_name("scan_kubectl", tests, NULL, NULL);
}
