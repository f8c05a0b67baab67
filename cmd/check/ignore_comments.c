/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/check/ignore_comments.h"

#include "cmd/input/source.h"

#include <stdlib.h>
#include <string.h>

#define MARK            MOOR_SLICE("tagmoor:")
#define WORD            MOOR_SLICE("ignore")
#define BYTE_ORDER_MARK MOOR_SLICE("\xEF\xBB\xBF")

void moor_ignore_comments_release(struct moor_ignore_comments *comments)
{
    free(comments->items);
    *comments = (struct moor_ignore_comments){0};
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

static size_t skip_blanks(struct moor_slice text, size_t at)
{
    while (at < text.len && is_blank(text.ptr[at])) {
        at++;
    }
    return at;
}

static struct moor_slice trim(struct moor_slice text)
{
    size_t end = text.len;
    size_t start = skip_blanks(text, 0);
    while (end > start && is_blank(text.ptr[end - 1])) {
        end--;
    }
    return moor_slice_sub(text, start, end);
}

static void add(struct moor_ignore_comments *out, const struct moor_ignore_comment *comment)
{
    if (out->count == out->room) {
        size_t room = out->room == 0 ? 16 : out->room * 2;
        struct moor_ignore_comment *grown = reallocarray(out->items, room, sizeof *grown);
        if (grown == NULL) {
            out->failed = true;
            return;
        }
        out->items = grown;
        out->room = room;
    }
    out->items[out->count++] = *comment;
}

/*
 * Reads the comment whose mark is at `at` in the line.  Returns false for other text: the `#` needs
 * a blank before it, as in YAML, and the word a blank or the end of the line after it.
 */
static bool read_comment(struct moor_ignore_comment *out, struct moor_slice line, size_t at)
{
    size_t hash = at;
    while (hash > 0 && is_blank(line.ptr[hash - 1])) {
        hash--;
    }
    size_t word = skip_blanks(line, at + MARK.len);
    struct moor_slice rest = moor_slice_sub(line, word, line.len);
    if (hash == 0 || line.ptr[hash - 1] != '#' || !moor_slice_starts_with(rest, WORD)) {
        return false;
    }
    hash--;
    rest = moor_slice_sub(rest, WORD.len, rest.len);
    if ((hash > 0 && !is_blank(line.ptr[hash - 1])) || (rest.len > 0 && !is_blank(rest.ptr[0]))) {
        return false;
    }
    out->column = moor_source_characters(moor_slice_sub(line, 0, hash)) + 1;
    out->reason = trim(rest);
    out->is_alone = line.ptr[skip_blanks(line, 0)] == '#';
    return true;
}

static void read_line(struct moor_ignore_comments *out, struct moor_slice line, uint32_t number)
{
    for (size_t at = 0; out->count < MOOR_IGNORE_COMMENTS_MAX;) {
        const char *found = memmem(line.ptr + at, line.len - at, MARK.ptr, MARK.len);
        if (found == NULL) {
            return;
        }
        struct moor_ignore_comment comment = {.line = number};
        if (read_comment(&comment, line, (size_t)(found - line.ptr))) {
            add(out, &comment);
        }
        at = (size_t)(found - line.ptr) + MARK.len;
    }
}

/* Sets the target of the comments that were read after the line before it. */
static void set_targets(struct moor_ignore_comments *out, size_t *pending, uint32_t line)
{
    for (; *pending < out->count; (*pending)++) {
        out->items[*pending].target = line;
    }
}

void moor_ignore_comments_read(struct moor_ignore_comments *out, struct moor_slice text)
{
    uint32_t number = 1;
    size_t pending = 0;
    out->count = 0;
    /* Most files have no such comment, and one search is much faster than a loop over lines. */
    if (text.len == 0 || memmem(text.ptr, text.len, MARK.ptr, MARK.len) == NULL) {
        return;
    }
    size_t at = moor_slice_starts_with(text, BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.len : 0;
    for (; at < text.len; number++) {
        const char *newline = memchr(text.ptr + at, '\n', text.len - at);
        size_t end = newline != NULL ? (size_t)(newline - text.ptr) : text.len;
        struct moor_slice line = moor_slice_sub(text, at, end);
        size_t first = skip_blanks(line, 0);
        read_line(out, line, number);
        if (first == line.len || line.ptr[first] != '#') {
            set_targets(out, &pending, number);
        }
        at = end + 1;
    }
    set_targets(out, &pending, number);
}

/* Returns the index of the first comment for a line after this one. */
static size_t first_after(const struct moor_ignore_comments *comments, uint32_t line)
{
    size_t low = 0;
    size_t high = comments->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (comments->items[middle].target <= line) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The text of a block scalar begins on the line after its indicator, which can have a comment. */
static bool is_beside(const struct moor_ignore_comment *comment, const struct moor_span *span)
{
    return span->is_block && comment->line == span->line;
}

bool moor_ignore_comment_is_one(const struct moor_ignore_comment *comment,
                                const struct moor_spans *spans)
{
    const struct moor_span *span = moor_spans_find(spans, comment->line, comment->column);
    return span == NULL || is_beside(comment, span);
}

/*
 * Returns whether the text is a comment for a finding on `line`.  A block scalar that contains both
 * is a file in a file, such as Helm values, and its comments count.
 */
static bool is_comment(const struct moor_ignore_comment *comment, const struct moor_spans *spans,
                       uint32_t line)
{
    const struct moor_span *span =
        spans != NULL ? moor_spans_find(spans, comment->line, comment->column) : NULL;
    bool has_both = span != NULL && line > span->line && line < span->end_line;
    return span == NULL || has_both || is_beside(comment, span);
}

struct moor_ignore_comment *moor_ignore_comments_find(const struct moor_ignore_comments *comments,
                                                      const struct moor_spans *spans, uint32_t line)
{
    struct moor_ignore_comment *found = NULL;
    size_t end = first_after(comments, line);
    /* Of the comments of one line, the first one is the comment, and the others are its text. */
    for (size_t i = 0; i < MOOR_IGNORE_COMMENTS_BLOCK && i < end; i++) {
        struct moor_ignore_comment *comment = &comments->items[end - 1 - i];
        bool is_placed = comment->is_alone || spans != NULL;
        if (comment->target != line || (found != NULL && found->line != comment->line)) {
            break;
        }
        found = is_placed && is_comment(comment, spans, line) ? comment : found;
    }
    return found;
}
