/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Golden AdmissionReviews: each is accepted whole, in every way of reading, and no text that it
 * begins with is: a body cut off on the way must never count as one.
 */
#include "tests/unit/forms.h"

#include "policy/json/reader.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_REVIEWS 1000
#define MAX_BYTES   65536

/* Every prefix of a review up to this size is tried, and some prefixes of a larger one.  With
 * MOOR_LONG_TESTS in the environment, every prefix of every review: about a minute.  With
 * MOOR_SHORT_TESTS every review is a larger one. */
#define SMALL_BYTES 3500
#define STRIDE      499
#define LAST        200

static struct moor_json_reader reader;

static size_t read_review(char *out, const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(out, 1, MAX_BYTES, file);
    assert_int_equal(fclose(file), 0);
    assert_in_range(len, 20, MAX_BYTES - 1);
    return len;
}

static bool is_skipped(struct moor_slice text)
{
    moor_json_reader_init(&reader, text);
    return moor_json_skip(&reader, NULL) == 0;
}

static bool is_walked(struct moor_slice text)
{
    struct moor_json_token token;
    enum moor_json_event event = MOOR_JSON_NULL;
    moor_json_reader_init(&reader, text);
    while (event != MOOR_JSON_END && event != MOOR_JSON_ERROR) {
        event = moor_json_next(&reader, &token);
    }
    return event == MOOR_JSON_END;
}

static void assert_refused(const char *bytes, size_t len)
{
    char *prefix = malloc(len > 0 ? len : 1);
    assert_non_null(prefix);
    memcpy(prefix, bytes, len);
    struct moor_slice text = {prefix, len};
    bool accepted = is_skipped(text);
    size_t skip_offset = reader.error.offset;
    accepted = is_walked(text) || accepted;
    size_t walk_offset = reader.error.offset;
    free(prefix);
    if (accepted || skip_offset != walk_offset || skip_offset > len) {
        print_error("the first %zu bytes: %d, %zu, %zu\n", len, accepted, skip_offset, walk_offset);
        fail();
    }
}

/* The value ends with its last brace; a line feed may follow. */
static size_t value_length(const char *bytes, size_t len)
{
    while (len > 0 && bytes[len - 1] != '}') {
        len--;
    }
    return len;
}

static void review__row(void **state)
{
    static char bytes[MAX_BYTES];
    size_t len = read_review(bytes, *state);
    assert_true(is_skipped((struct moor_slice){bytes, len}));
    assert_true(is_walked((struct moor_slice){bytes, len}));
    size_t value = value_length(bytes, len);
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the test has one thread
    bool is_every = (value <= SMALL_BYTES && !is_short()) || getenv("MOOR_LONG_TESTS") != NULL;
    size_t step = is_every ? 1 : STRIDE;
    for (size_t cut = 0; cut < value; cut += cut + LAST >= value ? 1 : step) {
        assert_refused(bytes, cut);
    }
}

int main(void)
{
    static struct CMUnitTest tests[MAX_REVIEWS];
    glob_t files = {0};
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nothing else runs yet */
    int recorded = glob("tests/golden/review/recorded/*.json", 0, NULL, &files);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nothing else runs yet */
    int odd = glob("tests/golden/review/json/*.json", GLOB_APPEND, NULL, &files);
    if (recorded != 0 || odd != 0 || files.gl_pathc > MAX_REVIEWS) {
        (void)fprintf(stderr, "no reviews; the folder must be the project's top\n");
        return 1;
    }
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char *path = files.gl_pathv[i];
        tests[i] = (struct CMUnitTest){strrchr(path, '/') + 1, review__row, NULL, NULL, path};
    }
    int failed = run_in_each_form("json_prefix", tests, files.gl_pathc);
    globfree(&files);
    return failed;
}
