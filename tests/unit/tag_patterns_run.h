/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tag_patterns_run - evaluates the tables of policy/image/tag_patterns.h with PCRE2.
 *
 * It takes the steps that the header describes, as the exported expression does in the API server.
 *
 * Threads:  one thread: the compiled patterns are kept in static memory.
 * Limits:   a tag has at most 128 bytes.
 */
#ifndef MOOR_TESTS_UNIT_TAG_PATTERNS_RUN_H
#define MOOR_TESTS_UNIT_TAG_PATTERNS_RUN_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "policy/base/ascii.h"
#include "policy/image/tag_patterns.h"
#include "policy/image/tag_words.h"
#include "tests/unit/test.h"

#define RUN_MAX_BYTES    600
#define RUN_MAX_PATTERNS 256

/* A text that is built up. */
struct run_text {
    char bytes[RUN_MAX_BYTES];
    size_t len;
};

/* Returns the compiled form, which is kept by the address of the pattern. */
static inline pcre2_code *run_compiled(const char *pattern)
{
    static const char *patterns[RUN_MAX_PATTERNS];
    static pcre2_code *codes[RUN_MAX_PATTERNS];
    size_t i = 0;
    while (patterns[i] != NULL && patterns[i] != pattern) {
        i++;
        assert_true(i < RUN_MAX_PATTERNS);
    }
    if (patterns[i] == NULL) {
        int error = 0;
        PCRE2_SIZE at = 0;
        codes[i] = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_DOLLAR_ENDONLY,
                                 &error, &at, NULL);
        assert_non_null(codes[i]);
        patterns[i] = pattern;
    }
    return codes[i];
}

/* Finds the first match from `from` on.  Returns whether there is one. */
static inline bool run_find(const char *pattern, struct moor_slice text, size_t from,
                            struct moor_slice *found)
{
    static pcre2_match_data *data = NULL;
    data = data != NULL ? data : pcre2_match_data_create(64, NULL);
    int status = pcre2_match(run_compiled(pattern), (PCRE2_SPTR)(text.len > 0 ? text.ptr : ""),
                             text.len, from, 0, data, NULL);
    if (status < 0) {
        assert_int_equal(status, PCRE2_ERROR_NOMATCH);
        return false;
    }
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(data);
    *found = moor_slice_sub(text, at[0], at[1]);
    return true;
}

static inline bool run_matches(const char *pattern, struct moor_slice text)
{
    struct moor_slice found;
    return run_find(pattern, text, 0, &found);
}

/* Gives the next match after `*at`, and moves `*at` past it. */
static inline bool run_next(const char *pattern, struct moor_slice text, size_t *at,
                            struct moor_slice *found)
{
    if (*at >= text.len || !run_find(pattern, text, *at, found)) {
        return false;
    }
    *at = (size_t)(found->ptr - text.ptr) + found->len;
    return true;
}

static inline void run_append(struct run_text *out, struct moor_slice text)
{
    assert_true(out->len + text.len <= sizeof out->bytes);
    memcpy(out->bytes + out->len, text.ptr, text.len);
    out->len += text.len;
}

static inline struct moor_slice run_slice(const struct run_text *text)
{
    return (struct moor_slice){text->bytes, text->len};
}

static inline char run_sign(struct moor_slice word)
{
    for (size_t i = 0; i < moor_tag_named_word_count; i++) {
        if (moor_slice_is(word, moor_tag_named_words[i].text)) {
            return moor_tag_named_words[i].sign;
        }
    }
    for (size_t i = 0; i < moor_tag_word_count; i++) {
        if (moor_slice_is(word, moor_tag_words[i].text)) {
            return moor_tag_sign(i);
        }
    }
    return run_matches("^[a-f]+$", word) ? 'h' : 'w';
}

/* Step 1. */
static inline void run_signs(struct run_text *out, struct moor_slice tag)
{
    struct moor_slice token;
    for (size_t at = 0; run_next(MOOR_TAG_CUT, tag, &at, &token);) {
        char last = token.ptr[token.len - 1];
        char sign = last == '.' ? ',' : last;
        if (moor_ascii_is_lower(last)) {
            sign = run_sign(token);
        }
        run_append(out, moor_ascii_is_digit(last) ? token : (struct moor_slice){&sign, 1});
    }
}

static inline void run_part(struct run_text *out, struct moor_slice part)
{
    bool updated = run_matches(moor_tag_updated, part);
    bool taken = !updated && run_matches(moor_tag_taken, part);
    if (updated || (!taken && !run_matches(moor_tag_no_stage, part))) {
        run_append(out, part);
        return;
    }
    struct moor_slice piece;
    for (size_t at = 0; run_next(MOOR_TAG_PIECES, part, &at, &piece);) {
        bool is_number = taken && moor_ascii_is_digit(piece.ptr[0]);
        bool is_stage = run_matches("^" MOOR_TAG_STAGES, piece);
        run_append(out, is_number ? MOOR_SLICE("#") : is_stage ? MOOR_SLICE("o") : piece);
    }
}

/* Step 2. */
static inline void run_parts(struct run_text *out, struct moor_slice signs)
{
    struct moor_slice part;
    struct moor_slice given;
    struct run_text parts = {.len = 0};
    for (size_t at = 0; run_next(moor_tag_parts, signs, &at, &part);) {
        run_part(&parts, part);
    }
    struct moor_slice all = run_slice(&parts);
    if (!run_matches("[0-9]", all) && run_find(moor_tag_given_back, signs, 0, &given)) {
        struct moor_slice place = {0};
        assert_true(run_find(moor_tag_given_place, all, 0, &place));
        run_append(out, given);
        run_append(out, moor_slice_sub(all, place.len, all.len));
    } else {
        run_append(out, all);
    }
    bool headers = run_matches(moor_tag_headers, run_slice(out));
    for (size_t i = 0; headers && i < out->len; i++) {
        out->bytes[i] = out->bytes[i] == 'H' ? 'o' : out->bytes[i];
    }
}

static inline bool run_piece(const struct moor_tag_rule *rule, struct moor_slice piece)
{
    bool holds = true;
    for (size_t i = 0; i < MOOR_TAG_CONDITIONS && rule->conditions[i].pattern != NULL; i++) {
        const struct moor_tag_condition *condition = &rule->conditions[i];
        holds = holds && (condition->subject != MOOR_TAG_OF_PIECE ||
                          run_matches(condition->pattern, piece) != condition->is_negated);
    }
    return holds;
}

static inline bool run_has_piece(const struct moor_tag_rule *rule, struct moor_slice tag)
{
    struct moor_slice piece;
    for (size_t at = 0; run_next(MOOR_TAG_LONG_PIECE, tag, &at, &piece);) {
        if (run_piece(rule, piece)) {
            return true;
        }
    }
    return false;
}

/* Step 3, for one rule. */
static inline bool run_rule(const struct moor_tag_rule *rule, struct moor_slice tag,
                            struct moor_slice signs)
{
    bool holds = true;
    bool has_piece = false;
    for (size_t i = 0; holds && i < MOOR_TAG_CONDITIONS && rule->conditions[i].pattern != NULL;
         i++) {
        const struct moor_tag_condition *condition = &rule->conditions[i];
        struct moor_slice subject = condition->subject == MOOR_TAG_OF_TEXT ? tag : signs;
        has_piece = has_piece || condition->subject == MOOR_TAG_OF_PIECE;
        holds = condition->subject == MOOR_TAG_OF_PIECE ||
                run_matches(condition->pattern, subject) != condition->is_negated;
    }
    return holds && (!has_piece || run_has_piece(rule, tag));
}

/* Returns the class of a tag by the tables; `signs` receives the result of step 2. */
static inline enum moor_class run_classify(struct moor_slice tag, struct run_text *signs)
{
    char lower[RUN_MAX_BYTES];
    struct run_text words = {.len = 0};
    assert_true(tag.len < sizeof lower);
    for (size_t i = 0; i < tag.len; i++) {
        lower[i] = moor_ascii_lower(tag.ptr[i]);
    }
    const struct moor_slice text = {lower, tag.len};
    signs->len = 0;
    run_signs(&words, text);
    run_parts(signs, run_slice(&words));
    for (size_t i = 0; i < moor_tag_rule_count; i++) {
        if (run_rule(&moor_tag_rules[i], text, run_slice(signs))) {
            return moor_tag_rules[i].class;
        }
    }
    return MOOR_CLASS_UNKNOWN;
}

#endif
