/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The input is a glob, a zero byte and a subject.  Stops where a pattern without special characters
 * is not equality, where a subject of one `**` is not matched, where matching twice differs, or
 * where PCRE2's converter says otherwise.
 */
#include "policy/base/glob.h"
#include "tests/unit/glob_converter.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static bool has_special(struct moor_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (strchr("*?[\\", text.ptr[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static struct moor_matcher *matcher(void)
{
    static struct moor_matcher *only;
    if (only == NULL) {
        only = moor_matcher_new();
        require(only != NULL);
    }
    return only;
}

/* Where PCRE2 reaches a limit it says nothing. */
static void check_converter(const struct moor_glob *glob, struct moor_slice subject, bool matches)
{
    pcre2_code *reference = converter_compile(glob->text);
    require(reference != NULL);
    int result = converter_match(reference, subject);
    require((result < 0 && result != PCRE2_ERROR_NOMATCH) || matches == (result >= 0));
    pcre2_code_free(reference);
}

static void check_match(const struct moor_glob *glob, struct moor_slice subject)
{
    bool matches = moor_glob_match(glob, subject, matcher());
    /* A glob with a set is matched by PCRE2 itself, under limits of our own. */
    if (glob->kind != MOOR_GLOB_SETS) {
        check_converter(glob, subject, matches);
    }
    require(matches == moor_glob_match(glob, subject, matcher()));
    if (moor_slice_is(glob->text, "**")) {
        require(matches);
    }
    if (!has_special(glob->text)) {
        require(matches == moor_slice_equal(glob->text, subject));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct moor_slice input = {(const char *)data, size};
    const char *end = size > 0 ? memchr(data, '\0', size) : NULL;
    size_t len = end != NULL ? (size_t)(end - input.ptr) : size;
    struct moor_slice text = moor_slice_sub(input, 0, len);
    struct moor_slice subject = moor_slice_sub(input, len + 1, size);
    struct moor_glob glob;
    struct moor_error err = {0};
    if (moor_glob_compile(&glob, text, &err) != 0) {
        pcre2_code *reference =
            text.len > 0 && text.len <= MOOR_GLOB_MAX_BYTES ? converter_compile(text) : NULL;
        require(reference == NULL);
        require(err.code != MOOR_ERROR_NONE && err.text[0] != '\0');
        return 0;
    }
    require(text.len > 0 && text.len <= MOOR_GLOB_MAX_BYTES);
    check_match(&glob, subject);
    check_match(&glob, text);
    moor_glob_release(&glob);
    return 0;
}
