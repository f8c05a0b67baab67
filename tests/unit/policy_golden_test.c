/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policies of tests/golden/policy: what the loader reports of each, byte for byte.  Good ones
 * load, bad ones do not.
 *
 * A policy is a file of good/ or bad/whole/, its reports are the `.txt` beside it, if there is one.
 * Or it is a part of a file of bad/: `# case: NAME` begins it, and each `# expect: LINE:COLUMN:
 * TEXT` is a report of it.  Both kinds of lines are taken out.  An expected line that ends in
 * ` has ...` matches any list of keys, so that a new key changes no file here.
 */
#include <glob.h>

#include "tests/unit/test.h"

#include "policy/file/loader.h"

#define MAX_CASES 400

struct golden {
    char name[128]; /* as in its reports */
    bool is_bad;
    struct moor_buf text;
    struct moor_buf reports;
};

static struct golden goldens[MAX_CASES];
static size_t golden_count;

/* `name` is without `.yaml`. */
static struct golden *new_golden(struct moor_slice name, bool is_bad)
{
    assert_true(golden_count < MAX_CASES);
    struct golden *golden = &goldens[golden_count];
    golden_count++;
    int len = snprintf(golden->name, sizeof golden->name, "%.*s.yaml", MOOR_SLICE_ARGS(name));
    assert_in_range(len, 1, sizeof golden->name - 1);
    golden->is_bad = is_bad;
    moor_buf_init(&golden->text, (size_t)2 * 1024 * 1024);
    moor_buf_init(&golden->reports, (size_t)64 * 1024);
    return golden;
}

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

/* good/NAME.yaml, or bad/whole/NAME.yaml */
static void read_whole(const char *path)
{
    struct moor_slice name = moor_slice_from(strrchr(path, '/') + 1);
    struct golden *golden = new_golden(moor_slice_sub(name, 0, name.len - strlen(".yaml")),
                                       strstr(path, "/bad/") != NULL);
    read_file(&golden->text, path);
    struct moor_buf expected;
    moor_buf_init(&expected, 512);
    moor_buf_append(&expected, (struct moor_slice){path, strlen(path) - strlen("yaml")});
    moor_buf_append(&expected, (struct moor_slice){"txt", sizeof "txt"});
    assert_int_equal(moor_buf_check(&expected, NULL), 0);
    read_file(&golden->reports, expected.ptr);
    moor_buf_release(&expected);
}

/* Takes `prefix` off the line, if it begins with it. */
static bool take_prefix(struct moor_slice *line, struct moor_slice prefix)
{
    bool is_there = moor_slice_starts_with(*line, prefix);
    if (is_there) {
        *line = moor_slice_sub(*line, prefix.len, line->len);
    }
    return is_there;
}

/* A line of a file of bad/, with its line feed; returns the golden that the next line belongs to.
 */
static struct golden *read_line(struct golden *golden, struct moor_slice line)
{
    if (take_prefix(&line, MOOR_SLICE("# case: "))) {
        return new_golden(moor_slice_sub(line, 0, line.len - 1), true);
    }
    assert_non_null(golden);
    if (take_prefix(&line, MOOR_SLICE("# expect: "))) {
        moor_buf_append_text(&golden->reports, golden->name);
        moor_buf_append_byte(&golden->reports, ':');
        moor_buf_append(&golden->reports, line);
    } else {
        moor_buf_append(&golden->text, line);
    }
    return golden;
}

/* bad/TOPIC.yaml */
static void read_topic(const char *path)
{
    struct moor_buf file;
    moor_buf_init(&file, (size_t)256 * 1024);
    read_file(&file, path);
    struct moor_slice rest = moor_buf_slice(&file);
    struct golden *golden = NULL;
    while (rest.len > 0) {
        const char *end = memchr(rest.ptr, '\n', rest.len);
        assert_non_null(end);
        size_t len = (size_t)(end - rest.ptr) + 1;
        golden = read_line(golden, moor_slice_sub(rest, 0, len));
        rest = moor_slice_sub(rest, len, rest.len);
    }
    moor_buf_release(&file);
}

/* Takes a line, without its end, from the front of `rest`. */
static struct moor_slice take_line(struct moor_slice *rest)
{
    const char *end = rest->len > 0 ? memchr(rest->ptr, '\n', rest->len) : NULL;
    size_t len = end != NULL ? (size_t)(end - rest->ptr) : rest->len;
    struct moor_slice line = moor_slice_sub(*rest, 0, len);
    *rest = moor_slice_sub(*rest, end != NULL ? len + 1 : len, rest->len);
    return line;
}

static bool is_expected(struct moor_slice reports, struct moor_slice expected)
{
    const struct moor_slice dots = MOOR_SLICE("...");
    while (reports.len > 0 && expected.len > 0) {
        struct moor_slice line = take_line(&reports);
        struct moor_slice wanted = take_line(&expected);
        if (moor_slice_ends_with(wanted, MOOR_SLICE(" has ..."))) {
            wanted.len -= dots.len;
            line.len = line.len < wanted.len ? line.len : wanted.len;
        }
        if (!moor_slice_equal(line, wanted)) {
            return false;
        }
    }
    return reports.len == expected.len;
}

static void load__golden__reports_as_written(void **state)
{
    struct golden *golden = *state;
    struct moor_slice expected = moor_buf_slice(&golden->reports);
    struct moor_buf reports;
    moor_buf_init(&reports, (size_t)64 * 1024);
    struct moor_policy *policy = NULL;
    size_t errors =
        moor_policy_load(&policy, moor_buf_slice(&golden->text), golden->name, &reports);
    bool is_same = is_expected(moor_buf_slice(&reports), expected);
    if (!is_same) {
        print_error("%s: reported\n%.*sexpected\n%.*s", golden->name,
                    MOOR_SLICE_ARGS(moor_buf_slice(&reports)), MOOR_SLICE_ARGS(expected));
    }
    assert_true(is_same);
    assert_int_equal(errors > 0, golden->is_bad);
    assert_int_equal(policy == NULL, golden->is_bad);
    moor_policy_release(policy);
    moor_buf_release(&reports);
    moor_buf_release(&golden->reports);
    moor_buf_release(&golden->text);
}

/* Reads every file that the pattern matches; returns whether there is one. */
static bool read_files(const char *pattern, void (*read_one)(const char *path))
{
    glob_t files = {0};
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nothing else runs yet */
    bool found = glob(pattern, 0, NULL, &files) == 0;
    for (size_t i = 0; i < files.gl_pathc; i++) {
        read_one(files.gl_pathv[i]);
    }
    globfree(&files);
    return found;
}

int main(void)
{
    static struct CMUnitTest tests[MAX_CASES];
    if (!read_files("tests/golden/policy/bad/*.yaml", read_topic) ||
        !read_files("tests/golden/policy/bad/whole/*.yaml", read_whole) ||
        !read_files("tests/golden/policy/good/*.yaml", read_whole)) {
        (void)fprintf(stderr, "no cases; the folder must be the project's top\n");
        return 1;
    }
    for (size_t i = 0; i < golden_count; i++) {
        tests[i] = test_of_row(goldens[i].name, load__golden__reports_as_written, &goldens[i]);
    }
    return _cmocka_run_group_tests("policy_golden", tests, golden_count, NULL, NULL);
}
