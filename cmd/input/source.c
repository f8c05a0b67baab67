/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/source.h"

#include "cmd/input/file.h"
#include "policy/base/utf8.h"

/* Longer lines are not shown: JSON without line ends is one line as long as the file. */
#define LONGEST_LINE    ((size_t)4096)
/* Editors do not count the mark at the start of a file as a column. */
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

void moor_source_init(struct moor_source *source)
{
    *source = (struct moor_source){.line = 1, .column = 1};
    moor_buf_init(&source->bytes, MOOR_SOURCE_MAX_BYTES);
    moor_buf_init(&source->input, MOOR_SOURCE_MAX_BYTES);
}

void moor_source_release(struct moor_source *source)
{
    moor_buf_release(&source->bytes);
    moor_buf_release(&source->input);
}

/*
 * Positions are asked for mostly in order.  The last one is kept, so that a file is searched once
 * and not from its start for each finding.
 */
static void rewind_positions(struct moor_source *source)
{
    source->line_start = 0;
    source->line = 1;
    source->offset = 0;
    source->column = 1;
}

/* Standard input can be read once.  A command that reads its inputs twice needs the copy. */
static int read_input(struct moor_source *source, struct moor_error *err)
{
    if (source->has_input) {
        moor_buf_append(&source->bytes, moor_buf_slice(&source->input));
        return moor_buf_check(&source->bytes, err);
    }
    if (moor_file_read(&source->bytes, "-", err) != 0) {
        return -1;
    }
    /* Only on demand: the copy doubles the memory for an input of many megabytes. */
    if (source->keeps_input) {
        source->has_input = true;
        moor_buf_append(&source->input, moor_buf_slice(&source->bytes));
    }
    return moor_buf_check(&source->input, err);
}

int moor_source_read(struct moor_source *source, const char *path, struct moor_error *err)
{
    moor_buf_clear(&source->bytes);
    rewind_positions(source);
    if (strcmp(path, "-") == 0) {
        return read_input(source, err);
    }
    return moor_file_read(&source->bytes, path, err);
}

void moor_source_set(struct moor_source *source, struct moor_slice text)
{
    moor_buf_clear(&source->bytes);
    rewind_positions(source);
    moor_buf_append(&source->bytes, text);
}

uint32_t moor_source_characters(struct moor_slice text)
{
    return (uint32_t)moor_utf8_count(text);
}

/* Moves to the next line.  Returns false on the last line. */
static bool pass_line(struct moor_source *source, size_t before)
{
    struct moor_slice text = moor_buf_slice(&source->bytes);
    const char *newline = before > source->line_start ? memchr(text.ptr + source->line_start, '\n',
                                                               before - source->line_start)
                                                      : NULL;
    if (newline == NULL) {
        return false;
    }
    source->line_start = (size_t)(newline - text.ptr) + 1;
    source->line++;
    source->offset = source->line_start;
    source->column = 1;
    return true;
}

struct moor_position moor_source_position(struct moor_source *source, size_t offset, size_t len)
{
    struct moor_slice text = moor_buf_slice(&source->bytes);
    size_t at = offset < text.len ? offset : text.len;
    if (at < source->offset) {
        rewind_positions(source);
    }
    /* Search from the last position, not from the start of the line: a line can have 50 MB. */
    const char *newline =
        at > source->offset ? memchr(text.ptr + source->offset, '\n', at - source->offset) : NULL;
    while (newline != NULL && pass_line(source, at)) {
    }
    struct moor_slice passed = moor_slice_sub(text, source->offset, at);
    source->column += moor_source_characters(passed);
    /* The mark was counted as a character of the first line, which is taken back once. */
    source->column -= source->offset == source->line_start &&
                      moor_slice_starts_with(passed, MOOR_SLICE(BYTE_ORDER_MARK));
    source->offset = at;
    struct moor_slice value = moor_slice_sub(text, at, at + len);
    bool is_one_line = value.len > 0 && memchr(value.ptr, '\n', value.len) == NULL;
    /* A mark below a value over several lines would be longer than the line that is shown. */
    uint32_t width = is_one_line ? moor_source_characters(value) : 1;
    return (struct moor_position){
        .line = source->line, .column = source->column, .width = width > 0 ? width : 1};
}

struct moor_slice moor_source_line(struct moor_source *source, uint32_t line)
{
    struct moor_slice text = moor_buf_slice(&source->bytes);
    if (line < source->line) {
        rewind_positions(source);
    }
    while (source->line < line && pass_line(source, text.len)) {
    }
    if (line == 0 || source->line != line) {
        return (struct moor_slice){0};
    }
    struct moor_slice rest = moor_slice_sub(text, source->line_start, text.len);
    /*
     * The search is bounded too: each finding in a file of one long line would otherwise read all
     * of it.
     */
    size_t most = rest.len < LONGEST_LINE ? rest.len : LONGEST_LINE;
    const char *newline = rest.len > 0 ? memchr(rest.ptr, '\n', most) : NULL;
    if (newline == NULL && most < rest.len) {
        return (struct moor_slice){0};
    }
    size_t len = newline != NULL ? (size_t)(newline - rest.ptr) : rest.len;
    size_t start = moor_slice_starts_with(rest, MOOR_SLICE(BYTE_ORDER_MARK)) ? 3 : 0;
    return moor_slice_sub(rest, start, len > 0 && rest.ptr[len - 1] == '\r' ? len - 1 : len);
}
