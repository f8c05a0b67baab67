/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every file of tests/golden/policy/{good,bad}/ is a test: what the loader reports of `<case>.yaml`
 * is `<case>.txt`, byte for byte; without one, nothing.  Good files load, bad ones do not.
 */
#include <glob.h>

#include "tests/unit/test.h"

#include "policy/file/loader.h"

#define MAX_CASES 400

static void read_file(struct moor_buf *out, const char *path)
{
    FILE *file = fopen(path, "rb");
    char chunk[4096];
    size_t len = 0;
    while (file != NULL && (len = fread(chunk, 1, sizeof chunk, file)) > 0) {
        moor_buf_append(out, (struct moor_slice){chunk, len});
    }
    if (file != NULL) {
        assert_int_equal(fclose(file), 0);
    }
    assert_int_equal(moor_buf_check(out, NULL), 0);
}

/* `tests/golden/policy/bad/empty.yaml` -> `tests/golden/policy/bad/empty.txt` */
static void read_expected(struct moor_buf *out, const char *path)
{
    struct moor_buf name;
    moor_buf_init(&name, 512);
    moor_buf_append(&name, (struct moor_slice){path, strlen(path) - strlen("yaml")});
    moor_buf_append(&name, (struct moor_slice){"txt", sizeof "txt"});
    assert_int_equal(moor_buf_check(&name, NULL), 0);
    read_file(out, name.ptr);
    moor_buf_release(&name);
}

static void load__golden_file__reports_as_written(void **state)
{
    const char *path = *state;
    struct moor_buf text;
    struct moor_buf expected;
    struct moor_buf diagnostics;
    moor_buf_init(&text, (size_t)2 * 1024 * 1024);
    moor_buf_init(&expected, (size_t)64 * 1024);
    moor_buf_init(&diagnostics, (size_t)64 * 1024);
    read_file(&text, path);
    read_expected(&expected, path);
    struct moor_policy *policy = NULL;
    size_t errors =
        moor_policy_load(&policy, moor_buf_slice(&text), strrchr(path, '/') + 1, &diagnostics);
    bool is_bad = strstr(path, "/bad/") != NULL;
    bool is_same = moor_slice_equal(moor_buf_slice(&diagnostics), moor_buf_slice(&expected));
    if (!is_same) {
        print_error("%s: reported\n%.*sexpected\n%.*s", path,
                    MOOR_SLICE_ARGS(moor_buf_slice(&diagnostics)),
                    MOOR_SLICE_ARGS(moor_buf_slice(&expected)));
    }
    assert_true(is_same);
    assert_int_equal(errors > 0, is_bad);
    assert_int_equal(policy == NULL, is_bad);
    moor_policy_release(policy);
    moor_buf_release(&diagnostics);
    moor_buf_release(&expected);
    moor_buf_release(&text);
}

int main(void)
{
    glob_t files = {0};
    static struct CMUnitTest tests[MAX_CASES];
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nothing else runs yet */
    int bad = glob("tests/golden/policy/bad/*.yaml", 0, NULL, &files);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nothing else runs yet */
    int good = glob("tests/golden/policy/good/*.yaml", GLOB_APPEND, NULL, &files);
    if (bad != 0 || good != 0 || files.gl_pathc > MAX_CASES) {
        (void)fprintf(stderr, "no cases, or more than %d; the folder must be the project's top\n",
                      MAX_CASES);
        return 1;
    }
    for (size_t i = 0; i < files.gl_pathc; i++) {
        tests[i] = (struct CMUnitTest){
            .name = strstr(files.gl_pathv[i], "policy/") + sizeof "policy/" - 1,
            .test_func = load__golden_file__reports_as_written,
            .initial_state = files.gl_pathv[i],
        };
    }
    int failed = _cmocka_run_group_tests("policy_golden", tests, files.gl_pathc, NULL, NULL);
    globfree(&files);
    return failed;
}
