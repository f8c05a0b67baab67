/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/scan/kubectl.h"

/* A shell stands in for kubectl: what it prints and how it ends. */
static int run_shell(struct moor_buf *out, struct moor_kubectl *kubectl, const char *script,
                     struct moor_error *err)
{
    const char *const arguments[] = {"-c", script, NULL};
    kubectl->program = "/bin/sh";
    return moor_kubectl_run(out, kubectl, arguments, err);
}

static void output__of_any_size_is_taken(void **state)
{
    struct moor_kubectl kubectl = {0};
    struct moor_error err = {0};
    struct moor_buf out;
    (void)state;
    moor_buf_init(&out, 1 << 20);
    assert_int_equal(run_shell(&out, &kubectl, "head -c 300000 /dev/zero", &err), 0);
    assert_int_equal(out.len, 300000);
    moor_buf_release(&out);
}

static void output__that_is_too_long__stopped_and_said(void **state)
{
    struct moor_kubectl kubectl = {0};
    struct moor_error err = {0};
    struct moor_buf out;
    (void)state;
    moor_buf_init(&out, 100000);
    assert_int_equal(run_shell(&out, &kubectl, "cat /dev/zero", &err), -1);
    assert_string_equal(err.text, "'/bin/sh' printed more than 100000 bytes");
    moor_buf_release(&out);
}

static void failure__its_status_and_first_line(void **state)
{
    struct moor_kubectl kubectl = {0};
    struct moor_error err = {0};
    struct moor_buf out;
    (void)state;
    moor_buf_init(&out, 4096);
    assert_int_equal(
        run_shell(&out, &kubectl, "echo partly; echo one >&2; echo two >&2; exit 3", &err), -1);
    assert_string_equal(err.text, "'/bin/sh' failed with status 3");
    assert_string_equal(kubectl.said, "one");
    assert_slice_equal(moor_buf_slice(&out), "partly\n");
    moor_buf_release(&out);
}

static void noise__of_one_call_is_not_that_of_the_next(void **state)
{
    struct moor_kubectl kubectl = {0};
    struct moor_error err = {0};
    struct moor_buf out;
    (void)state;
    moor_buf_init(&out, 4096);
    assert_int_equal(run_shell(&out, &kubectl, "echo noise >&2", &err), 0);
    assert_string_equal(kubectl.said, "noise");
    assert_int_equal(run_shell(&out, &kubectl, "exit 1", &err), -1);
    assert_string_equal(err.text, "'/bin/sh' failed with status 1");
    moor_buf_release(&out);
}

static void noise__a_line_without_end_is_cut(void **state)
{
    struct moor_kubectl kubectl = {0};
    struct moor_error err = {0};
    struct moor_buf out;
    (void)state;
    moor_buf_init(&out, 4096);
    assert_int_equal(
        run_shell(&out, &kubectl, "head -c 1500 /dev/zero | tr '\\0' x >&2; echo >&2", &err), 0);
    assert_int_equal(strlen(kubectl.said), sizeof kubectl.said - 1);
    moor_buf_release(&out);
}

static void arguments__too_many__refused(void **state)
{
    struct moor_kubectl kubectl = {.program = "/bin/true"};
    const char *arguments[MOOR_KUBECTL_MAX_ARGUMENTS + 1];
    struct moor_error err = {0};
    struct moor_buf out;
    (void)state;
    for (size_t i = 0; i < MOOR_KUBECTL_MAX_ARGUMENTS; i++) {
        arguments[i] = "x";
    }
    arguments[MOOR_KUBECTL_MAX_ARGUMENTS] = NULL;
    moor_buf_init(&out, 4096);
    assert_int_equal(moor_kubectl_run(&out, &kubectl, arguments, &err), -1);
    assert_string_equal(err.text, "too many arguments for '/bin/true'");
    moor_buf_release(&out);
}

static void options__behind_the_arguments_of_each_call(void **state)
{
    struct moor_kubectl kubectl = {.program = "/bin/echo"};
    static const char *const arguments[] = {"get", "x", NULL};
    struct moor_error err = {0};
    struct moor_buf out;
    (void)state;
    moor_buf_init(&out, 4096);
    moor_kubectl_option(&kubectl, "--context", "here");
    moor_kubectl_option(&kubectl, "--as", NULL);
    assert_int_equal(moor_kubectl_run(&out, &kubectl, arguments, &err), 0);
    assert_slice_equal(moor_buf_slice(&out), "get x --context here\n");
    moor_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output__of_any_size_is_taken),
        cmocka_unit_test(output__that_is_too_long__stopped_and_said),
        cmocka_unit_test(failure__its_status_and_first_line),
        cmocka_unit_test(noise__of_one_call_is_not_that_of_the_next),
        cmocka_unit_test(noise__a_line_without_end_is_cut),
        cmocka_unit_test(arguments__too_many__refused),
        cmocka_unit_test(options__behind_the_arguments_of_each_call),
    };
    return cmocka_run_group_tests_name("scan_kubectl", tests, NULL, NULL);
}
