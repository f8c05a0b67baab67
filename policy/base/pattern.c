/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/base/matcher.h"

#include "policy/base/pattern.h"

/*
 * Both ends are anchored by options: whatever is written around an expression can be undone from
 * inside it, by an unbalanced parenthesis or by (*ACCEPT).
 */
#define OPTIONS                                                               \
    (PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | \
     PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY)

static int refuse(struct moor_error *err, struct moor_slice text, int code, size_t at)
{
    char reason[96] = "";
    (void)pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof reason);
    return moor_error_set(err, MOOR_ERROR_VALUE,
                          "pattern '%.*s' is no regular expression: %s (at byte %zu)",
                          MOOR_SLICE_ARGS(moor_slice_sub(text, 0, 80)), reason, at);
}

int moor_pattern_compile(struct moor_pattern *out, struct moor_slice text, struct moor_error *err)
{
    if (text.len == 0 || text.len > MOOR_PATTERN_MAX_BYTES) {
        return moor_error_set(err, MOOR_ERROR_LIMIT, "a pattern has 1 to %d bytes, not %zu",
                              MOOR_PATTERN_MAX_BYTES, text.len);
    }
    int code = 0;
    PCRE2_SIZE at = 0;
    size_t size = 0;
    /* No compilation to machine code: with it, other limits would hold than without. */
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)text.ptr, text.len, OPTIONS, &code, &at, NULL);
    if (compiled == NULL) {
        return refuse(err, text, code, at);
    }
    if (pcre2_pattern_info(compiled, PCRE2_INFO_SIZE, &size) != 0 ||
        size > MOOR_PATTERN_MAX_COMPILED) {
        pcre2_code_free(compiled);
        return moor_error_set(err, MOOR_ERROR_LIMIT,
                              "pattern '%.*s' repeats too much: it takes %zu bytes, more than %zu",
                              MOOR_SLICE_ARGS(moor_slice_sub(text, 0, 80)), size,
                              MOOR_PATTERN_MAX_COMPILED);
    }
    *out = (struct moor_pattern){.text = text, .code = compiled};
    return 0;
}

void moor_pattern_release(struct moor_pattern *pattern)
{
    pcre2_code_free(pattern->code);
    *pattern = (struct moor_pattern){0};
}

size_t moor_pattern_size(const struct moor_pattern *pattern)
{
    size_t size = 0;
    if (pattern->code != NULL) {
        (void)pcre2_pattern_info(pattern->code, PCRE2_INFO_SIZE, &size);
    }
    return size;
}

enum moor_pattern_result moor_pattern_match(const struct moor_pattern *pattern,
                                            struct moor_slice subject, struct moor_matcher *matcher)
{
    int status = pcre2_match(pattern->code, (PCRE2_SPTR)subject.ptr, subject.len, 0, 0,
                             matcher->data, matcher->patterns);
    if (status >= 0) {
        return MOOR_PATTERN_MATCH;
    }
    return status == PCRE2_ERROR_NOMATCH ? MOOR_PATTERN_NO_MATCH : MOOR_PATTERN_GAVE_UP;
}
