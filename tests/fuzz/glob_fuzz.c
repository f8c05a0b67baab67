/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The input is a glob, a zero byte and a subject.  Stops where a pattern without special characters
 * is not equality, where a subject of one `**` is not matched, or where matching twice differs.
 */
#include "policy/base/glob.h"

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

static void check_match(const struct moor_glob *glob, struct moor_slice subject)
{
    bool matches = moor_glob_match(glob, subject, matcher());
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
        require(err.code != MOOR_ERROR_NONE && err.text[0] != '\0');
        return 0;
    }
    require(text.len > 0 && text.len <= MOOR_GLOB_MAX_BYTES);
    check_match(&glob, subject);
    check_match(&glob, text);
    moor_glob_release(&glob);
    return 0;
}
