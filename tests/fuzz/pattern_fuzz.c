/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The input is a regular expression, a zero byte and a subject.  Stops where matching twice
 * differs, or where a literal expression is not equality.
 */
#include "policy/base/glob.h"
#include "policy/base/pattern.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static bool is_plain(struct moor_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool known = (text.ptr[i] >= 'a' && text.ptr[i] <= 'z') ||
                     (text.ptr[i] >= '0' && text.ptr[i] <= '9');
        if (!known) {
            return false;
        }
    }
    return true;
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct moor_slice input = {(const char *)data, size};
    const char *end = size > 0 ? memchr(data, '\0', size) : NULL;
    size_t len = end != NULL ? (size_t)(end - input.ptr) : size;
    struct moor_slice text = moor_slice_sub(input, 0, len);
    struct moor_slice subject = moor_slice_sub(input, len + 1, size);
    struct moor_pattern pattern;
    struct moor_error err = {0};
    if (moor_pattern_compile(&pattern, text, &err) != 0) {
        require(err.code != MOOR_ERROR_NONE && err.text[0] != '\0');
        return 0;
    }
    require(text.len > 0 && text.len <= MOOR_PATTERN_MAX_BYTES);
    enum moor_pattern_result result = moor_pattern_match(&pattern, subject, matcher());
    require(result == moor_pattern_match(&pattern, subject, matcher()));
    if (is_plain(text)) {
        require((result == MOOR_PATTERN_MATCH) == moor_slice_equal(text, subject));
    }
    moor_pattern_release(&pattern);
    return 0;
}
