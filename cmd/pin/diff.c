/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/pin/diff.h"

#include <stdbool.h>
#include <stdlib.h>

#define CONTEXT 3 /* unchanged lines around a change */

/* The lines of one text. */
struct lines {
    struct moor_slice text;
    size_t *starts; /* offsets of the lines, and of the end */
    size_t count;
};

struct context {
    FILE *out;
    struct lines sides[2];
};

static size_t count_lines(struct moor_slice text)
{
    size_t count = 0;
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr; at < end; count++) {
        /* A last line without a newline is a line too, which write_line() marks. */
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline != NULL ? newline + 1 : end;
    }
    return count;
}

static int split(struct lines *out, struct moor_slice text, struct moor_error *err)
{
    *out = (struct lines){.text = text, .count = text.len > 0 ? count_lines(text) : 0};
    /* One more than the lines: the end of a line is the start of the next one. */
    out->starts = calloc(out->count + 1, sizeof *out->starts);
    if (out->starts == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for a difference");
    }
    for (size_t i = 1; i <= out->count; i++) {
        size_t start = out->starts[i - 1];
        const char *newline = memchr(text.ptr + start, '\n', text.len - start);
        out->starts[i] = newline != NULL ? (size_t)(newline - text.ptr) + 1 : text.len;
    }
    return 0;
}

static struct moor_slice line_of(const struct lines *lines, size_t index)
{
    return moor_slice_sub(lines->text, lines->starts[index], lines->starts[index + 1]);
}

static bool is_changed(const struct context *context, size_t index)
{
    /*
     * Lines are compared by their number, without a search for the longest common part: an edit
     * stays in its line, so that both sides have the same lines.
     */
    return !moor_slice_equal(line_of(&context->sides[0], index),
                             line_of(&context->sides[1], index));
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Both tools read C escapes in quotes.  A tab ends a name that contains blanks. */
static void write_name(FILE *out, const char *mark, const char *path)
{
    bool is_odd = strpbrk(path, "\"\\") != NULL;
    for (const char *at = path; *at != '\0' && !is_odd; at++) {
        is_odd = (unsigned char)*at < ' ' || *at == '\x7F';
    }
    (void)fprintf(out, "%s %s", mark, is_odd ? "\"" : "");
    for (const char *at = path; *at != '\0'; at++) {
        if (is_odd && ((unsigned char)*at < ' ' || *at == '\x7F')) {
            (void)fprintf(out, "\\%03o", (unsigned)(unsigned char)*at);
        } else {
            (void)fprintf(out, "%s%c", *at == '"' || *at == '\\' ? "\\" : "", *at);
        }
    }
    (void)fputs(is_odd ? "\"\n" : strchr(path, ' ') != NULL ? "\t\n" : "\n", out);
}

static void write_line(FILE *out, char mark, struct moor_slice line)
{
    (void)fputc(mark, out);
    (void)fwrite(line.ptr, 1, line.len, out);
    if (line.len == 0 || line.ptr[line.len - 1] != '\n') {
        (void)fputs("\n\\ No newline at end of file\n", out);
    }
}

/* Writes the changed lines from `first` on, and returns the first line after them. */
static size_t write_run(const struct context *context, size_t first, size_t end)
{
    size_t last = first;
    while (last < end && is_changed(context, last)) {
        last++;
    }
    for (size_t side = 0; side < 2; side++) {
        for (size_t i = first; i < last; i++) {
            write_line(context->out, side == 0 ? '-' : '+', line_of(&context->sides[side], i));
        }
    }
    return last;
}

static void write_hunk(const struct context *context, size_t first, size_t end)
{
    (void)fprintf(context->out, "@@ -%zu,%zu +%zu,%zu @@\n", first + 1, end - first, first + 1,
                  end - first);
    for (size_t i = first; i < end;) {
        if (is_changed(context, i)) {
            i = write_run(context, i, end);
        } else {
            write_line(context->out, ' ', line_of(&context->sides[0], i));
            i++;
        }
    }
}

/* Returns the index of the next changed line, or the number of lines. */
static size_t next_change(const struct context *context, size_t from)
{
    while (from < context->sides[0].count && !is_changed(context, from)) {
        from++;
    }
    return from;
}

static void write_hunks(const struct context *context)
{
    size_t count = context->sides[0].count;
    size_t change = next_change(context, 0);
    while (change < count) {
        size_t first = change > CONTEXT ? change - CONTEXT : 0;
        size_t last = change;
        size_t next = next_change(context, change + 1);
        /*
         * Changes whose context lines touch share a hunk, because `patch` rejects hunks that
         * overlap.
         */
        while (next < count && next - last <= (size_t)2 * CONTEXT) {
            last = next;
            next = next_change(context, next + 1);
        }
        size_t end = last + 1 + CONTEXT < count ? last + 1 + CONTEXT : count;
        write_hunk(context, first, end);
        change = next;
    }
}

int moor_pin_diff_write(FILE *out, const char *path, struct moor_slice before,
                        struct moor_slice after, struct moor_error *err)
{
    struct context context = {.out = out};
    int status = moor_slice_equal(before, after) || (split(&context.sides[0], before, err) == 0 &&
                                                     split(&context.sides[1], after, err) == 0)
                     ? 0
                     : -1;
    /*
     * If the sides had different numbers of lines, a comparison by number would print a wrong diff.
     */
    if (status == 0 && context.sides[0].count > 0 &&
        context.sides[0].count == context.sides[1].count) {
        write_name(out, "---", path);
        write_name(out, "+++", path);
        write_hunks(&context);
    }
    free(context.sides[0].starts);
    free(context.sides[1].starts);
    return status;
}
