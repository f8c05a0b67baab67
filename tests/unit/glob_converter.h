/* SPDX-License-Identifier: Apache-2.0 */
/* PCRE2's converter of globs: the reference for the matcher of glob.h. */
#ifndef MOOR_TESTS_UNIT_GLOB_CONVERTER_H
#define MOOR_TESTS_UNIT_GLOB_CONVERTER_H

#include "policy/base/slice.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* NULL where the text is no glob. */
static inline pcre2_code *converter_compile(struct moor_slice glob)
{
    PCRE2_UCHAR *expression = NULL;
    PCRE2_SIZE length = 0;
    PCRE2_SIZE at = 0;
    int code = 0;
    if (pcre2_pattern_convert((PCRE2_SPTR)glob.ptr, glob.len, PCRE2_CONVERT_GLOB, &expression,
                              &length, NULL) != 0) {
        return NULL;
    }
    pcre2_code *compiled = pcre2_compile(expression, length, 0, &code, &at, NULL);
    pcre2_converted_pattern_free(expression);
    return compiled;
}

/* PCRE2's result: not negative for a match, PCRE2_ERROR_NOMATCH, or a limit. */
static inline int converter_match(const pcre2_code *compiled, struct moor_slice subject)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    int result = data == NULL
                     ? PCRE2_ERROR_NOMEMORY
                     : pcre2_match(compiled, (PCRE2_SPTR)(subject.len > 0 ? subject.ptr : ""),
                                   subject.len, 0, 0, data, NULL);
    pcre2_match_data_free(data);
    return result;
}

#endif
