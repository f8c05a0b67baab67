/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings as a table in GitHub Flavored Markdown, for the summary of a job or a comment on a
 * change.  Denied findings come first, because readers of a long table see its beginning only.
 *
 * Text from outside must not become markup, and must not end its cell.  A name is a code span if
 * it has none of the characters that a code span in a table cannot contain; all other text has
 * every special character as a reference to it.
 */
#include "cmd/report/formats.h"

#include "cmd/report/page.h"
#include "policy/base/ascii.h"
#include "policy/base/escape.h"

#define TEXT_MAX  ((size_t)64 * 1024)
#define MAX_ROWS  ((size_t)1000)
#define MAX_BYTES ((size_t)900 * 1000) /* GitHub rejects a summary of more than 1 MiB */

/* --- text from outside ------------------------------------------------------------------------ */

/* Returns whether the byte at `i` would begin a mention of a user, or be part of a link. */
static bool is_reference(struct moor_slice text, size_t i)
{
    char before = i > 0 ? text.ptr[i - 1] : ' ';
    char after = i + 1 < text.len ? text.ptr[i + 1] : ' ';
    switch (text.ptr[i]) {
    case '@':
        return !moor_ascii_is_digit(before) && !moor_ascii_is_lower(moor_ascii_lower(before));
    case ':':
        return after == '/';
    case '.':
        return before == 'w' || before == 'W';
    default:
        return false;
    }
}

/* Appends one byte; what Markdown or HTML would read becomes a character reference. */
static void append_byte(struct moor_buf *out, struct moor_slice text, size_t i)
{
    static const char special[] = "\\`*_[]|~$#!";
    char byte = text.ptr[i];
    if (byte == '<' || byte == '>' || byte == '&') {
        moor_buf_append_text(out, byte == '<' ? "&lt;" : byte == '>' ? "&gt;" : "&amp;");
    } else if (byte == '@' && is_reference(text, i)) {
        /* A reference would still be read as a mention of a user; an element separates the two. */
        moor_buf_append_text(out, "<code>@</code>");
    } else if (memchr(special, byte, sizeof special - 1) != NULL || is_reference(text, i)) {
        moor_buf_printf(out, "&#%u;", (unsigned)(unsigned char)byte);
    } else {
        moor_buf_append_byte(out, byte);
    }
}

/* Appends text that must be shown as it is. */
static void append_plain(struct moor_buf *out, struct moor_slice text)
{
    struct moor_buf scratch;
    moor_buf_init(&scratch, SIZE_MAX);
    struct moor_slice shown = moor_escaped(&scratch, text, text.len);
    for (size_t i = 0; i < shown.len; i++) {
        append_byte(out, shown, i);
    }
    moor_buf_release(&scratch);
}

/* Appends a name as code.  An empty name appends nothing, because an empty code span is text. */
static void append_code(struct moor_buf *out, struct moor_slice text)
{
    struct moor_buf scratch;
    moor_buf_init(&scratch, SIZE_MAX);
    struct moor_slice shown = moor_escaped(&scratch, text, text.len);
    bool is_plain = true;
    for (size_t i = 0; i < shown.len; i++) {
        char byte = shown.ptr[i];
        is_plain = is_plain && byte != '`' && byte != '|' && byte != '\\';
    }
    if (shown.len > 0 && is_plain && shown.ptr[0] != ' ' && shown.ptr[shown.len - 1] != ' ') {
        moor_buf_printf(out, "`%.*s`", MOOR_SLICE_ARGS(shown));
    } else if (shown.len > 0) {
        moor_buf_append_text(out, "<code>");
        append_plain(out, shown);
        moor_buf_append_text(out, "</code>");
    }
    moor_buf_release(&scratch);
}

/* --- rows ------------------------------------------------------------------------------------- */

static void append_position(struct moor_buf *out, struct moor_slice file, uint32_t line,
                            uint32_t column)
{
    struct moor_buf text;
    moor_buf_init(&text, TEXT_MAX);
    moor_buf_append(&text, moor_report_shown(file));
    if (line > 0) {
        moor_buf_printf(&text, ":%u:%u", line, column);
    }
    append_code(out, moor_buf_slice(&text));
    moor_buf_release(&text);
}

/* Texts of the input are escaped: a pipe would end the cell, and HTML would be rendered. */
static void append_finding(struct moor_buf *out, const struct moor_report_finding *finding)
{
    struct moor_buf text;
    moor_buf_init(&text, TEXT_MAX);
    const char *state = moor_report_state(finding);
    moor_buf_printf(out, "| %s | ", state != NULL ? state : moor_decision_past(finding->decision));
    append_position(out, finding->file, finding->position.line, finding->position.column);
    moor_buf_append_text(out, " | ");
    moor_report_append_object(&text, finding);
    append_plain(out, moor_buf_slice(&text));
    moor_buf_append_text(out, " | ");
    append_code(out, finding->container.len > 0 ? finding->container : finding->path);
    moor_buf_append_text(out, " | ");
    moor_buf_clear(&text);
    if (finding->suppression != MOOR_SUPPRESSION_NONE) {
        moor_report_append_state(&text, finding);
    }
    moor_report_append_message(&text, finding);
    append_plain(out, moor_buf_slice(&text));
    moor_buf_append_text(out, " |\n");
    moor_buf_release(&text);
}

/* Writes the findings of one rank while there is room.  Returns the number of rows so far. */
static size_t write_rank(FILE *out, const struct moor_report *report, unsigned rank, size_t *bytes,
                         size_t rows)
{
    struct moor_buf row;
    moor_buf_init(&row, MAX_BYTES);
    for (size_t i = 0; i < report->finding_count && rows < MAX_ROWS && *bytes < MAX_BYTES; i++) {
        if (moor_report_rank(&report->findings[i]) != rank) {
            continue;
        }
        moor_buf_clear(&row);
        append_finding(&row, &report->findings[i]);
        *bytes += row.len;
        if (row.failed || *bytes > MAX_BYTES) {
            break;
        }
        (void)fwrite(row.ptr, 1, row.len, out);
        rows++;
    }
    moor_buf_release(&row);
    return rows;
}

static void write_table(FILE *out, const struct moor_report *report)
{
    size_t bytes = 0;
    size_t rows = 0;
    if (report->finding_count == 0) {
        return;
    }
    (void)fputs("\n| Decision | Position | Object | Container | Reason |\n"
                "| --- | --- | --- | --- | --- |\n",
                out);
    for (unsigned rank = 0; rank < MOOR_REPORT_RANKS; rank++) {
        rows = write_rank(out, report, rank, &bytes, rows);
    }
    size_t rest = report->finding_count - rows;
    if (rest > 0) {
        (void)fprintf(out, "\n%zu more finding%s: the other formats list all.\n", rest,
                      moor_page_plural(rest));
    }
}

/* --- errors and notes ------------------------------------------------------------------------- */

/* Writes a list of input errors or stale entries, each of which can be long. */
static void write_list(FILE *out, const char *title, const struct moor_report_input_error *items,
                       size_t count)
{
    struct moor_buf text;
    size_t shown = count < MAX_ROWS / 10 ? count : MAX_ROWS / 10;
    moor_buf_init(&text, TEXT_MAX);
    if (count > 0) {
        (void)fprintf(out, "\n%s:\n\n", title);
    }
    for (size_t i = 0; i < shown; i++) {
        moor_buf_append_text(&text, "- ");
        append_position(&text, items[i].file, items[i].line, items[i].column);
        moor_buf_append_text(&text, " ");
        append_plain(&text, items[i].text);
        (void)fprintf(out, "%.*s\n", MOOR_SLICE_ARGS(moor_buf_slice(&text)));
        moor_buf_clear(&text);
    }
    if (shown < count) {
        (void)fprintf(out, "- %zu more\n", count - shown);
    }
    moor_buf_release(&text);
}

static void write(FILE *out, const struct moor_report *report, const struct moor_page_style *style)
{
    struct moor_buf text;
    (void)style;
    moor_buf_init(&text, (size_t)1024);
    moor_report_append_counts(&text, report);
    (void)fprintf(out, "### tagmoor: %.*s\n", MOOR_SLICE_ARGS(moor_buf_slice(&text)));
    moor_buf_release(&text);
    write_list(out, "Could not be read", report->input_errors, report->input_error_count);
    write_table(out, report);
    write_list(out, "Stale baseline entries", report->stale, report->stale_count);
}

const struct moor_report_format moor_report_format_markdown = {
    .name = "markdown",
    .description = "table in Markdown, for the summary of a job or a comment",
    .write = write,
};
