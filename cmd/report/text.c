/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings for people: grouped by file, each with its line and a mark below the image, and a
 * summary that also says what was not judged.
 */
#include "cmd/report/report.h"

#include "cmd/input/source.h"
#include "cmd/report/visible.h"
#include "policy/base/utf8.h"

#define GUTTER       5
#define INDENT       7
#define MOST_NAMES   6
#define TEXT_MAX     ((size_t)64 * 1024)
#define LINE_MAX_OFF 160 /* characters of a line where nothing says how wide the terminal is */

enum shade {
    SHADE_NONE,
    SHADE_FILE,
    SHADE_ERROR,
    SHADE_WARNING,
    SHADE_NOTE,
    SHADE_DIM,
    SHADE_GOOD
};

struct page {
    FILE *out;
    const struct moor_report_style *style;
    struct moor_buf text; /* scratch */
};

static void shade(const struct page *page, enum shade shade)
{
    static const char *const codes[] = {
        [SHADE_NONE] = "\x1b[0m",       [SHADE_FILE] = "\x1b[1m",  [SHADE_ERROR] = "\x1b[1;31m",
        [SHADE_WARNING] = "\x1b[1;33m", [SHADE_NOTE] = "\x1b[36m", [SHADE_DIM] = "\x1b[2m",
        [SHADE_GOOD] = "\x1b[32m",
    };

    if (page->style->colour) {
        (void)fputs(codes[shade], page->out);
    }
}

static void put(const struct page *page, struct moor_slice text)
{
    moor_visible_write(page->out, text);
}

/* Prints `text` from `column` on, folded between words where the style says so. */
static void put_folded(const struct page *page, struct moor_slice text, unsigned column)
{
    unsigned most = page->style->columns;
    for (size_t at = 0; at < text.len;) {
        const char *space = memchr(text.ptr + at, ' ', text.len - at);
        size_t end = space != NULL ? (size_t)(space - text.ptr) : text.len;
        struct moor_slice word = moor_slice_sub(text, at, end);
        unsigned width = moor_visible_width(word);
        if (at > 0 && most > 0 && column + 1 + width > most) {
            (void)fprintf(page->out, "\n%*s", INDENT, "");
            column = INDENT;
        } else if (at > 0) {
            (void)fputc(' ', page->out);
            column++;
        }
        put(page, word);
        column += width;
        at = end + 1;
    }
    (void)fputc('\n', page->out);
}

static enum shade shade_of(const struct moor_report_finding *finding)
{
    static const enum shade shades[] = {
        [MOOR_SEVERITY_NOTE] = SHADE_NOTE,
        [MOOR_SEVERITY_WARNING] = SHADE_WARNING,
        [MOOR_SEVERITY_ERROR] = SHADE_ERROR,
    };

    return finding->is_known ? SHADE_DIM : shades[finding->severity];
}

/* Whether a mark in place of the character at `at` keeps the line's columns and what it shows. */
static bool is_replaced(struct moor_slice line, const char *at, size_t len)
{
    bool ends_command = *at == '[' && at - line.ptr >= 2 && at[-1] == '#' && at[-2] == '#';
    return len == 0 || ends_command || moor_utf8_is_hidden(moor_utf8_point(at, len));
}

/* The characters [from, to) of a line, one for one, with a mark for each that escape.h escapes. */
static void put_characters(const struct page *page, struct moor_slice line, uint32_t from,
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
        at += len == 0 ? 1 : len;
    }
}

static void put_gutter(const struct page *page, uint32_t line)
{
    shade(page, SHADE_DIM);
    if (line > 0) {
        (void)fprintf(page->out, "%*u | ", GUTTER, line);
    } else {
        (void)fprintf(page->out, "%*s | ", GUTTER, "");
    }
    shade(page, SHADE_NONE);
}

/* The line of the file with a mark below the image; a part of it where it is too long. */
static void put_excerpt(const struct page *page, const struct moor_report_finding *finding)
{
    uint32_t total = moor_source_characters(finding->line);
    uint32_t start = finding->position.column > 0 ? finding->position.column - 1 : 0;
    uint32_t room = (page->style->columns > 40 ? page->style->columns : LINE_MAX_OFF) - GUTTER - 3;
    if (finding->line.len == 0 || start >= total) {
        return;
    }
    uint32_t end =
        start + finding->position.width < total ? start + finding->position.width : total;
    uint32_t from = end <= room ? 0 : end - room < start ? end - room : start;
    uint32_t to = total - from <= room ? total : from + room;
    put_gutter(page, finding->position.line);
    put_characters(page, finding->line, from, to);
    (void)fputc('\n', page->out);
    put_gutter(page, 0);
    (void)fprintf(page->out, "%*s", (int)(start - from), "");
    shade(page, shade_of(finding));
    for (uint32_t i = start; i < end && i < to; i++) {
        (void)fputc('^', page->out);
    }
    shade(page, SHADE_NONE);
    (void)fputc('\n', page->out);
}

static void put_object(struct page *page, const struct moor_report_finding *finding)
{
    moor_buf_clear(&page->text);
    moor_report_append_object(&page->text, finding);
    if (finding->path.len > 0) {
        moor_buf_append_text(&page->text, ", ");
        moor_buf_append(&page->text, finding->path);
    }
    if (finding->container.len > 0) {
        moor_buf_append_text(&page->text, " \"");
        moor_buf_append(&page->text, finding->container);
        moor_buf_append_byte(&page->text, '"');
    }
    (void)fprintf(page->out, "%*s", INDENT, "");
    put_folded(page, moor_buf_slice(&page->text), INDENT);
}

static void put_finding(struct page *page, const struct moor_report_finding *finding)
{
    const char *decision = finding->is_known ? "known" : moor_severity_decision(finding->severity);
    moor_buf_clear(&page->text);
    moor_buf_printf(&page->text, "%u:%u", finding->position.line, finding->position.column);
    (void)fprintf(page->out, "  %.*s  ", MOOR_SLICE_ARGS(moor_buf_slice(&page->text)));
    unsigned column = (unsigned)(page->text.len + strlen(decision) + 6);
    shade(page, shade_of(finding));
    (void)fputs(decision, page->out);
    shade(page, SHADE_NONE);
    (void)fputs("  ", page->out);
    put_folded(page, finding->reason, column);
    if (finding->is_known) {
        return;
    }
    put_excerpt(page, finding);
    put_object(page, finding);
    if (finding->repair.len > 0) {
        (void)fprintf(page->out, "%*s", INDENT, "");
        shade(page, SHADE_GOOD);
        put_folded(page, finding->repair, INDENT);
        shade(page, SHADE_NONE);
    }
}

static void put_findings(struct page *page, const struct moor_report *report)
{
    struct moor_slice file = {0};
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct moor_report_finding *finding = &report->findings[i];
        if (!moor_slice_equal(finding->file, file)) {
            file = finding->file;
            shade(page, SHADE_FILE);
            put(page, moor_slice_is(file, "-") ? MOOR_SLICE("standard input") : file);
            shade(page, SHADE_NONE);
            (void)fputc('\n', page->out);
        }
        put_finding(page, finding);
        (void)fputc('\n', page->out);
    }
}

static void put_stale(struct page *page, const struct moor_report *report)
{
    for (size_t i = 0; i < report->stale_count; i++) {
        const struct moor_report_input_error *stale = &report->stale[i];
        moor_buf_clear(&page->text);
        moor_buf_append(&page->text, stale->file);
        moor_buf_printf(&page->text, ":%u: ", stale->line);
        moor_buf_append(&page->text, stale->text);
        put_folded(page, moor_buf_slice(&page->text), 0);
    }
    if (report->stale_count > 0) {
        (void)fputc('\n', page->out);
    }
}

/* --- summary ---------------------------------------------------------------------------------- */

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* `kinds without images 3 (Service 2, ConfigMap 1)` */
static void append_unjudged(struct moor_buf *out, const struct moor_report *report,
                            enum moor_unjudged why)
{
    size_t named = 0;
    size_t names = 0;
    moor_buf_printf(out, "%s %zu", moor_unjudged_name(why), report->unjudged[why]);
    for (size_t i = 0; i < report->tally_count && names < MOST_NAMES; i++) {
        const struct moor_report_tally *tally = &report->tallies[i];
        if (tally->why != why || tally->name.len == 0) {
            continue;
        }
        moor_buf_append_text(out, names == 0 ? " (" : ", ");
        moor_buf_append(out, tally->name);
        if (tally->count != report->unjudged[why]) {
            moor_buf_printf(out, " %zu", tally->count);
        }
        named += tally->count;
        names++;
    }
    if (names > 0 && named < report->unjudged[why]) {
        moor_buf_printf(out, ", others %zu", report->unjudged[why] - named);
    }
    moor_buf_append_text(out, names > 0 ? ")" : "");
}

static void put_unjudged(struct page *page, const struct moor_report *report)
{
    static const char heading[] = "not judged: ";
    struct moor_buf *text = &page->text;
    moor_buf_clear(text);
    moor_buf_append_text(text, heading);
    for (size_t i = 0; i < MOOR_UNJUDGED_COUNT; i++) {
        if (report->unjudged[i] == 0) {
            continue;
        }
        moor_buf_append_text(text, text->len > sizeof heading - 1 ? "; " : "");
        append_unjudged(text, report, (enum moor_unjudged)i);
    }
    if (text->len > sizeof heading - 1) {
        put_folded(page, moor_buf_slice(text), 0);
    }
}

static void put_summary(struct page *page, const struct moor_report *report)
{
    static const enum shade shades[] = {SHADE_GOOD, SHADE_ERROR, SHADE_WARNING};
    struct moor_buf *text = &page->text;
    int status = moor_report_status(report);
    moor_buf_clear(text);
    moor_buf_printf(text, "%zu refused, %zu warned of, ", report->counts[MOOR_SEVERITY_ERROR],
                    report->counts[MOOR_SEVERITY_WARNING]);
    if (report->counts[MOOR_SEVERITY_NOTE] > 0) {
        moor_buf_printf(text, "%zu recorded, ", report->counts[MOOR_SEVERITY_NOTE]);
    }
    if (report->known > 0) {
        moor_buf_printf(text, "%zu known, ", report->known);
    }
    moor_buf_printf(text, "%zu passed in %zu object%s of %zu file%s", report->passed,
                    report->objects, plural(report->objects), report->files, plural(report->files));
    shade(page, report->counts[MOOR_SEVERITY_ERROR] > 0 ? SHADE_ERROR : shades[status]);
    put_folded(page, moor_buf_slice(text), 0);
    shade(page, SHADE_NONE);
    if (report->fault_count > 0) {
        shade(page, SHADE_ERROR);
        (void)fprintf(page->out, "could not be judged: %zu input%s, see standard error\n",
                      report->fault_count, plural(report->fault_count));
        shade(page, SHADE_NONE);
    }
    put_unjudged(page, report);
    if (report->stale_count > 0) {
        (void)fprintf(page->out, "stale in the baseline: %zu\n", report->stale_count);
    }
}

void moor_report_write_text(FILE *out, const struct moor_report *report,
                            const struct moor_report_style *style)
{
    struct page page = {.out = out, .style = style};
    moor_buf_init(&page.text, TEXT_MAX);
    put_findings(&page, report);
    put_stale(&page, report);
    put_summary(&page, report);
    moor_buf_release(&page.text);
}
