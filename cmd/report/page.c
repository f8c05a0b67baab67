/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/report/page.h"

#include "cmd/input/source.h"
#include "policy/base/escape.h"
#include "policy/base/utf8.h"

#define GUTTER      5   /* width of a line number */
#define MARGIN      3   /* width of ` | ` */
#define NARROWEST   40  /* narrower pages are not folded */
#define EXCERPT_MAX 160 /* width of an excerpt if the page has no width */

enum moor_shade moor_shade_of(enum moor_decision decision)
{
    static const enum moor_shade shades[] = {
        [MOOR_DECISION_ALLOW] = MOOR_SHADE_GOOD,
        [MOOR_DECISION_AUDIT] = MOOR_SHADE_NOTE,
        [MOOR_DECISION_WARN] = MOOR_SHADE_WARNING,
        [MOOR_DECISION_DENY] = MOOR_SHADE_ERROR,
    };

    return shades[decision];
}

void moor_page_init(struct moor_page *page, FILE *out, const struct moor_page_style *style)
{
    *page = (struct moor_page){.out = out, .style = *style};
    moor_buf_init(&page->text, MOOR_PAGE_TEXT_MAX);
}

void moor_page_release(struct moor_page *page)
{
    moor_buf_release(&page->text);
}

void moor_page_escape(FILE *out, struct moor_slice text)
{
    struct moor_buf scratch;
    moor_buf_init(&scratch, SIZE_MAX);
    struct moor_slice shown = moor_escaped(&scratch, text, text.len);
    (void)fwrite(shown.ptr != NULL ? shown.ptr : "", 1, shown.len, out);
    moor_buf_release(&scratch);
}

unsigned moor_page_width(struct moor_slice text)
{
    struct moor_buf scratch;
    moor_buf_init(&scratch, SIZE_MAX);
    /* The width is that of the escaped text, which is what the terminal shows. */
    unsigned width = moor_source_characters(moor_escaped(&scratch, text, text.len));
    moor_buf_release(&scratch);
    return width;
}

const char *moor_page_plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* --- words ------------------------------------------------------------------------------------ */

/* Only the eight basic colors, which every terminal and theme can show. */
void moor_page_shade(const struct moor_page *page, enum moor_shade shade)
{
    static const char *const codes[] = {
        [MOOR_SHADE_NONE] = "\x1b[0m",     [MOOR_SHADE_BOLD] = "\x1b[1m",
        [MOOR_SHADE_DIM] = "\x1b[2m",      [MOOR_SHADE_GOOD] = "\x1b[32m",
        [MOOR_SHADE_NOTE] = "\x1b[36m",    [MOOR_SHADE_WARNING] = "\x1b[1;33m",
        [MOOR_SHADE_ERROR] = "\x1b[1;31m",
    };

    if (page->style.colour) {
        (void)fputs(codes[shade], page->out);
    }
}

void moor_page_put(const struct moor_page *page, enum moor_shade shade, struct moor_slice text)
{
    if (shade == MOOR_SHADE_NONE) {
        moor_page_escape(page->out, text);
        return;
    }
    moor_page_shade(page, shade);
    moor_page_escape(page->out, text);
    moor_page_shade(page, MOOR_SHADE_NONE);
}

void moor_page_pad(const struct moor_page *page, unsigned from, unsigned to)
{
    (void)fprintf(page->out, "%*s", from < to ? (int)(to - from) : 0, "");
}

void moor_page_cell(const struct moor_page *page, enum moor_shade shade, struct moor_slice text,
                    unsigned width)
{
    moor_page_put(page, shade, text);
    moor_page_pad(page, moor_page_width(text), width);
}

/* Prints the folded text without the end of the last line. */
static void fold(const struct moor_page *page, struct moor_slice text, unsigned column,
                 unsigned indent)
{
    unsigned most = page->style.columns;
    for (size_t at = 0; at < text.len;) {
        const char *space = memchr(text.ptr + at, ' ', text.len - at);
        size_t end = space != NULL ? (size_t)(space - text.ptr) : text.len;
        struct moor_slice word = moor_slice_sub(text, at, end);
        unsigned width = moor_page_width(word);
        /* A word is never split, so that references and paths can be copied from the output. */
        if (at > 0 && most > 0 && column + 1 + width > most) {
            (void)fputc('\n', page->out);
            moor_page_pad(page, 0, indent);
            column = indent;
        } else if (at > 0) {
            (void)fputc(' ', page->out);
            column++;
        }
        moor_page_escape(page->out, word);
        column += width;
        at = end + 1;
    }
}

void moor_page_fold(const struct moor_page *page, struct moor_slice text, unsigned column,
                    unsigned indent)
{
    fold(page, text, column, indent);
    (void)fputc('\n', page->out);
}

void moor_page_fold_shaded(const struct moor_page *page, enum moor_shade shade,
                           struct moor_slice text, unsigned column, unsigned indent)
{
    moor_page_shade(page, shade);
    fold(page, text, column, indent);
    moor_page_shade(page, MOOR_SHADE_NONE);
    (void)fputc('\n', page->out);
}

void moor_page_fold_scratch(struct moor_page *page, unsigned indent)
{
    moor_page_pad(page, 0, indent);
    moor_page_fold(page, moor_buf_slice(&page->text), indent, indent);
    moor_buf_clear(&page->text);
}

/* --- excerpts --------------------------------------------------------------------------------- */

/* Returns whether `?` replaces a character.  An escape would be wider and shift the mark below. */
static bool is_replaced(struct moor_slice line, const char *at, size_t len)
{
    /* GitHub reads `##[command]` in a log as a command. */
    bool ends_command = *at == '[' && at - line.ptr >= 2 && at[-1] == '#' && at[-2] == '#';
    return len == 0 || ends_command || moor_utf8_is_hidden(moor_utf8_point(at, len));
}

/* Prints the characters [from, to) of the line in one column each. */
static void put_characters(const struct moor_page *page, struct moor_slice line, uint32_t from,
                           uint32_t to)
{
    const char *end = line.ptr + line.len;
    uint32_t number = 0;
    for (const char *at = line.ptr; at < end && number < to; number++) {
        size_t len = moor_utf8_length(at, end);
        if (number >= from && is_replaced(line, at, len)) {
            (void)fputc(*at == '\t' ? ' ' : '?', page->out);
        } else if (number >= from) {
            (void)fwrite(at, 1, len, page->out);
        }
        /* An invalid byte counts as one character, as in moor_source_characters(). */
        at += len == 0 ? 1 : len;
    }
}

static void put_gutter(const struct moor_page *page, uint32_t line)
{
    moor_page_shade(page, MOOR_SHADE_DIM);
    if (line > 0) {
        (void)fprintf(page->out, "%*u | ", GUTTER, line);
    } else {
        (void)fprintf(page->out, "%*s | ", GUTTER, "");
    }
    moor_page_shade(page, MOOR_SHADE_NONE);
}

static void put_mark(const struct moor_page *page, uint32_t from, uint32_t to,
                     enum moor_shade shade)
{
    put_gutter(page, 0);
    moor_page_pad(page, 0, from);
    moor_page_shade(page, shade);
    for (uint32_t i = from; i < to; i++) {
        (void)fputc('^', page->out);
    }
    moor_page_shade(page, MOOR_SHADE_NONE);
    (void)fputc('\n', page->out);
}

void moor_page_excerpt(const struct moor_page *page, struct moor_slice line,
                       const struct moor_position *position, enum moor_shade shade)
{
    unsigned columns = page->style.columns > NARROWEST ? page->style.columns : EXCERPT_MAX;
    uint32_t room = columns - GUTTER - MARGIN;
    /* A line of an input can have any length; only the part around the value is printed. */
    uint32_t total = moor_source_characters(line);
    uint32_t start = position->column > 0 ? position->column - 1 : 0;
    if (line.len == 0 || start >= total) {
        return;
    }
    uint32_t end = start + position->width < total ? start + position->width : total;
    /* A long line is cut so that the end of the value is visible: it has the tag of the image. */
    uint32_t from = end <= room ? 0 : end - room < start ? end - room : start;

    uint32_t to = total - from <= room ? total : from + room;
    put_gutter(page, position->line);
    put_characters(page, line, from, to);
    (void)fputc('\n', page->out);
    put_mark(page, start - from, (end < to ? end : to) - from, shade);
}
