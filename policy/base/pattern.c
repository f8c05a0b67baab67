/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/base/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/*
 * Options anchor both ends.  Text around an expression could not do so safely: an unbalanced
 * parenthesis or (*ACCEPT) inside the expression would undo it.
 */
#define OPTIONS                                                               \
    (PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | \
     PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY)

/*
 * The costs of PCRE2 in steps, as measured: a match before its first item, and an item.  An item
 * costs more the more bytes it may compare, and the larger the frame that PCRE2 copies to be able
 * to backtrack.
 */
#define MATCH_COST             512
#define ITEM_COST              16
#define SUBJECT_BYTES_PER_STEP 4
#define FRAME_BYTES_PER_STEP   128

enum role {
    ROLE_PATTERN,
    ROLE_GLOB
};

static int refuse(struct moor_error *err, struct moor_slice text, enum role role, int code,
                  size_t at)
{
    char reason[96] = "";
    (void)pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof reason);
    return moor_error_set(err, MOOR_ERROR_VALUE, "pattern '%.*s' is %s: %s (at byte %zu)",
                          MOOR_SLICE_ARGS(moor_slice_sub(text, 0, 80)),
                          role == ROLE_GLOB ? "not a glob" : "not a regular expression", reason,
                          at);
}

static pcre2_code *compile_code(struct moor_slice expression, uint32_t options, int *code,
                                size_t *at)
{
    return pcre2_compile((PCRE2_SPTR)expression.ptr, expression.len, options, code, at, NULL);
}

/* `written` is the text for error messages: the pattern itself, or the glob before conversion. */
static int compile(struct moor_pattern *out, struct moor_slice expression, enum role role,
                   struct moor_slice written, struct moor_error *err)
{
    int code = 0;
    size_t at = 0;
    size_t frame = 0;
    pcre2_code *compiled = compile_code(
        /* The conversion of a glob anchors the expression itself. */
        expression, (role == ROLE_PATTERN ? OPTIONS : 0) | PCRE2_AUTO_CALLOUT, &code, &at);
    if (compiled == NULL) {
        return refuse(err, written, role, code, at);
    }
    (void)pcre2_pattern_info(compiled, PCRE2_INFO_FRAMESIZE, &frame);
    *out = (struct moor_pattern){.text = written,
                                 .code = compiled,
                                 .charge = ITEM_COST + (uint32_t)(frame / FRAME_BYTES_PER_STEP)};
    return 0;
}

static int check_length(struct moor_slice text, struct moor_error *err)
{
    return text.len > 0 && text.len <= MOOR_PATTERN_MAX_BYTES
               ? 0
               : moor_error_set(err, MOOR_ERROR_LIMIT, "a pattern has 1 to %d bytes, not %zu",
                                MOOR_PATTERN_MAX_BYTES, text.len);
}

/* The size is measured without callouts, so that counting steps does not lower the limit. */
static int check_size(struct moor_slice text, struct moor_error *err)
{
    int code = 0;
    size_t at = 0;
    struct moor_pattern plain = {.code = compile_code(text, OPTIONS, &code, &at)};
    if (plain.code == NULL) {
        return refuse(err, text, ROLE_PATTERN, code, at);
    }
    size_t size = moor_pattern_size(&plain);
    moor_pattern_release(&plain);
    return size <= MOOR_PATTERN_MAX_COMPILED
               ? 0
               : moor_error_set(err, MOOR_ERROR_LIMIT,
                                "pattern '%.*s' repeats too much: it takes %zu bytes, more than "
                                "%zu",
                                MOOR_SLICE_ARGS(moor_slice_sub(text, 0, 80)), size,
                                MOOR_PATTERN_MAX_COMPILED);
}

int moor_pattern_compile(struct moor_pattern *out, struct moor_slice text, struct moor_error *err)
{
    return check_length(text, err) != 0 || check_size(text, err) != 0
               ? -1
               : compile(out, text, ROLE_PATTERN, text, err);
}

/* Converts a glob to a new expression; only checks it if `expression` is NULL. */
static int convert(PCRE2_UCHAR **expression, PCRE2_SIZE *length, struct moor_slice text,
                   struct moor_error *err)
{
    if (check_length(text, err) != 0) {
        return -1;
    }
    int code = pcre2_pattern_convert((PCRE2_SPTR)text.ptr, text.len, PCRE2_CONVERT_GLOB, expression,
                                     length, NULL);
    /* On failure, PCRE2 stores the position of the error in the length. */
    return code == 0 ? 0 : refuse(err, text, ROLE_GLOB, code, *length);
}

int moor_pattern_check_glob(struct moor_slice text, struct moor_error *err)
{
    PCRE2_SIZE length = 0;
    return convert(NULL, &length, text, err);
}

int moor_pattern_compile_glob(struct moor_pattern *out, struct moor_slice text,
                              struct moor_error *err)
{
    PCRE2_UCHAR *expression = NULL;
    PCRE2_SIZE length = 0;
    if (convert(&expression, &length, text, err) != 0) {
        return -1;
    }
    int status =
        compile(out, (struct moor_slice){(const char *)expression, length}, ROLE_GLOB, text, err);
    pcre2_converted_pattern_free(expression);
    return status;
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

static enum moor_pattern_result match(const struct moor_pattern *pattern, void *context,
                                      struct moor_slice subject, struct moor_matcher *matcher)
{
    if (!moor_matcher_take(matcher, MATCH_COST + subject.len / SUBJECT_BYTES_PER_STEP)) {
        return MOOR_PATTERN_GAVE_UP;
    }
    int status = pcre2_match(pattern->code, (PCRE2_SPTR)subject.ptr, subject.len, 0, 0,
                             matcher->data, context);
    if (status >= 0) {
        return MOOR_PATTERN_MATCH;
    }
    return status == PCRE2_ERROR_NOMATCH ? MOOR_PATTERN_NO_MATCH : MOOR_PATTERN_GAVE_UP;
}

enum moor_pattern_result moor_pattern_match(const struct moor_pattern *pattern,
                                            struct moor_slice subject, struct moor_matcher *matcher)
{
    /* A single item, such as `.*`, may compare the whole rest of the subject. */
    matcher->charge = pattern->charge + subject.len / SUBJECT_BYTES_PER_STEP;
    return match(pattern, matcher->patterns, subject, matcher);
}

enum moor_pattern_result moor_pattern_match_glob(const struct moor_pattern *pattern,
                                                 struct moor_slice subject,
                                                 struct moor_matcher *matcher)
{
    matcher->charge = pattern->charge;
    return match(pattern, matcher->globs, subject, matcher);
}
