/* SPDX-License-Identifier: Apache-2.0 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "policy/base/glob.h"

/* Globs have no nesting: what needs more steps than this is a pattern made to be slow. */
#define MATCH_LIMIT    100000
#define HEAP_LIMIT_KIB 1024

struct moor_matcher {
    pcre2_match_data *data;
    pcre2_match_context *context;
};

struct moor_matcher *moor_matcher_new(void)
{
    struct moor_matcher *matcher = calloc(1, sizeof *matcher);
    if (matcher == NULL) {
        return NULL;
    }
    matcher->data = pcre2_match_data_create(1, NULL);
    matcher->context = pcre2_match_context_create(NULL);
    if (matcher->data == NULL || matcher->context == NULL) {
        moor_matcher_free(matcher);
        return NULL;
    }
    (void)pcre2_set_match_limit(matcher->context, MATCH_LIMIT);
    (void)pcre2_set_depth_limit(matcher->context, MATCH_LIMIT);
    (void)pcre2_set_heap_limit(matcher->context, HEAP_LIMIT_KIB);
    return matcher;
}

void moor_matcher_free(struct moor_matcher *matcher)
{
    if (matcher == NULL) {
        return;
    }
    pcre2_match_data_free(matcher->data);
    pcre2_match_context_free(matcher->context);
    free(matcher);
}

static bool is_literal(struct moor_slice text)
{
    static const char special[] = {'*', '?', '[', '\\'};
    for (size_t i = 0; i < text.len; i++) {
        if (memchr(special, text.ptr[i], sizeof special) != NULL) {
            return false;
        }
    }
    return true;
}

static int refuse(struct moor_error *err, struct moor_slice text, int code, size_t at)
{
    char reason[96] = "";
    (void)pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof reason);
    return moor_error_set(err, MOOR_ERROR_VALUE, "pattern '%.*s' is not a glob: %s (at byte %zu)",
                          MOOR_SLICE_ARGS(moor_slice_sub(text, 0, 80)), reason, at);
}

int moor_glob_compile(struct moor_glob *out, struct moor_slice text, struct moor_error *err)
{
    if (text.len == 0 || text.len > MOOR_GLOB_MAX_BYTES) {
        return moor_error_set(err, MOOR_ERROR_LIMIT, "a pattern has 1 to %d bytes, not %zu",
                              MOOR_GLOB_MAX_BYTES, text.len);
    }
    if (is_literal(text)) {
        *out = (struct moor_glob){.text = text};
        return 0;
    }
    PCRE2_UCHAR *expression = NULL;
    PCRE2_SIZE length = 0;
    int code = pcre2_pattern_convert((PCRE2_SPTR)text.ptr, text.len, PCRE2_CONVERT_GLOB,
                                     &expression, &length, NULL);
    if (code != 0) {
        return refuse(err, text, code, length);
    }
    PCRE2_SIZE at = 0;
    pcre2_code *compiled = pcre2_compile(expression, length, 0, &code, &at, NULL);
    pcre2_converted_pattern_free(expression);
    if (compiled == NULL) {
        return refuse(err, text, code, at);
    }
    /* Where the system forbids executable memory, the interpreter does the same, slower. */
    (void)pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
    *out = (struct moor_glob){.text = text, .code = compiled};
    return 0;
}

void moor_glob_release(struct moor_glob *glob)
{
    pcre2_code_free(glob->code);
    *glob = (struct moor_glob){0};
}

bool moor_glob_match(const struct moor_glob *glob, struct moor_slice subject,
                     struct moor_matcher *matcher)
{
    if (glob->code == NULL) {
        return moor_slice_equal(glob->text, subject);
    }
    return pcre2_match(glob->code, (PCRE2_SPTR)subject.ptr, subject.len, 0, 0, matcher->data,
                       matcher->context) >= 0;
}
