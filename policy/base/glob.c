/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/base/matcher.h"

#include "policy/base/glob.h"

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

size_t moor_glob_size(const struct moor_glob *glob)
{
    size_t size = 0;
    size_t machine_code = 0;
    if (glob->code != NULL) {
        (void)pcre2_pattern_info(glob->code, PCRE2_INFO_SIZE, &size);
        (void)pcre2_pattern_info(glob->code, PCRE2_INFO_JITSIZE, &machine_code);
    }
    return size + machine_code;
}

bool moor_glob_match(const struct moor_glob *glob, struct moor_slice subject,
                     struct moor_matcher *matcher)
{
    if (glob->code == NULL) {
        return moor_slice_equal(glob->text, subject);
    }
    return pcre2_match(glob->code, (PCRE2_SPTR)subject.ptr, subject.len, 0, 0, matcher->data,
                       matcher->globs) >= 0;
}

bool moor_glob_list_match(const struct moor_glob_list *globs, struct moor_slice subject,
                          struct moor_matcher *matcher)
{
    for (size_t i = 0; i < globs->count; i++) {
        if (moor_glob_match(&globs->items[i], subject, matcher)) {
            return true;
        }
    }
    return false;
}

void moor_glob_list_release(struct moor_glob_list *globs)
{
    for (size_t i = 0; i < globs->count; i++) {
        moor_glob_release(&globs->items[i]);
    }
    *globs = (struct moor_glob_list){0};
}
