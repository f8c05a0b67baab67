/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/dockerfile/heredoc.h"

#include <ctype.h>

/* Takes the text up to a line feed, and moves `*at` after it. */
static bool take_line(struct moor_slice *out, struct moor_slice lines, size_t *at)
{
    const char *end = *at < lines.len ? memchr(lines.ptr + *at, '\n', lines.len - *at) : NULL;
    if (end == NULL) {
        return false;
    }
    *out = moor_slice_sub(lines, *at, (size_t)(end - lines.ptr));
    *at += out->len + 1;
    return true;
}

/*
 * Splits a word such as `3<<-"EOF"`.  Returns the name with its quotes, which is empty if the word
 * begins no here-document.
 */
static struct moor_slice name_of(struct moor_slice word, bool *has_tabs)
{
    size_t at = 0;
    while (at < word.len && isdigit((unsigned char)word.ptr[at])) {
        at++;
    }
    if (!moor_slice_starts_with(moor_slice_sub(word, at, word.len), MOOR_SLICE("<<"))) {
        return (struct moor_slice){0};
    }
    at += 2;
    *has_tabs = at < word.len && word.ptr[at] == '-';
    at += *has_tabs ? 1 : 0;
    while (at < word.len && (word.ptr[at] == ' ' || word.ptr[at] == '\t' || word.ptr[at] == '\r')) {
        at++;
    }
    struct moor_slice name = moor_slice_sub(word, at, word.len);
    bool has_arrow = name.len > 0 && memchr(name.ptr, '<', name.len) != NULL;
    return !has_arrow ? name : (struct moor_slice){0};
}

/* Appends the here-document of a word, if it begins one. */
static int append(struct moor_buf *out, struct moor_dockerfile_lexer *lexer, struct moor_slice word,
                  struct moor_error *err)
{
    bool has_tabs = false;
    size_t at = 0;
    struct moor_slice end;
    struct moor_slice name = name_of(word, &has_tabs);
    if (name.len == 0) {
        return 0;
    }
    if (moor_dockerfile_lex(lexer, MOOR_DOCKERFILE_UNQUOTE, name, err) != 0) {
        return -1;
    }
    struct moor_slice words = moor_buf_slice(&lexer->words);
    if (take_line(&end, words, &at) && at == words.len) {
        moor_buf_append_byte(out, has_tabs ? '-' : ' ');
        moor_buf_append(out, end);
        moor_buf_append_byte(out, '\n');
    }
    return moor_buf_check(out, err);
}

int moor_dockerfile_heredocs_find(struct moor_buf *out, struct moor_dockerfile_lexer *lexer,
                                  struct moor_slice line, struct moor_error *err)
{
    struct moor_error why = {0};
    struct moor_buf words;
    struct moor_slice word;
    int status = 0;
    moor_buf_clear(out);
    if (moor_dockerfile_lex(lexer, MOOR_DOCKERFILE_RAW_WORDS, line, &why) != 0) {
        return why.code == MOOR_ERROR_SYNTAX ? 0 : moor_error_set(err, why.code, "%s", why.text);
    }
    /* The lexer is used again for the names, so its words are copied. */
    moor_buf_init(&words, lexer->words.max);
    moor_buf_append(&words, moor_buf_slice(&lexer->words));
    status = moor_buf_check(&words, err);
    for (size_t at = 0; status == 0 && take_line(&word, moor_buf_slice(&words), &at);) {
        status = append(out, lexer, word, err);
    }
    moor_buf_release(&words);
    return status;
}

bool moor_dockerfile_heredoc_next(struct moor_dockerfile_heredoc *out, struct moor_slice heredocs,
                                  size_t *at)
{
    struct moor_slice line;
    if (!take_line(&line, heredocs, at)) {
        return false;
    }
    *out = (struct moor_dockerfile_heredoc){.end = moor_slice_sub(line, 1, line.len),
                                            .has_tabs = line.ptr[0] == '-'};
    return true;
}
