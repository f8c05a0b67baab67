/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/check/rendering.h"

#include "cmd/input/file.h"
#include "policy/base/utf8.h"

#include <limits.h>

#define SOURCE MOOR_SLICE("# Source: ")

void moor_rendering_init(struct moor_rendering *rendering)
{
    moor_buf_init(&rendering->path, PATH_MAX);
    moor_buf_init(&rendering->read, PATH_MAX);
    moor_buf_init(&rendering->content, MOOR_RENDERING_MAX_FILE);
}

void moor_rendering_release(struct moor_rendering *rendering)
{
    moor_buf_release(&rendering->path);
    moor_buf_release(&rendering->read);
    moor_buf_release(&rendering->content);
}

/* --- comments --------------------------------------------------------------------------------- */

void moor_rendering_open(struct moor_rendering *rendering, struct moor_slice text)
{
    rendering->text = text;
    rendering->at = 0;
    rendering->line = 1;
    rendering->template = (struct moor_slice){0};
    rendering->searches = 0;
}

/* Returns the line at `*at` without its end, and moves to the next one. */
static struct moor_slice next_line(struct moor_slice text, size_t *at)
{
    const char *newline = memchr(text.ptr + *at, '\n', text.len - *at);
    size_t end = newline != NULL ? (size_t)(newline - text.ptr) : text.len;
    struct moor_slice line = moor_slice_sub(text, *at, end);
    *at = newline != NULL ? end + 1 : text.len;
    line.len -= line.len > 0 && line.ptr[line.len - 1] == '\r';
    return line;
}

/*
 * Returns whether a path of a comment is one that helm writes.  The chart decides the text, so a
 * path that leaves the chart or contains control characters names no template.
 */
static bool is_template(struct moor_slice path)
{
    for (size_t i = 0; i < path.len; i++) {
        if ((unsigned char)path.ptr[i] < ' ' || path.ptr[i] == 0x7f) {
            return false;
        }
    }
    bool goes_up = path.len > 1 && memmem(path.ptr, path.len, "..", 2) != NULL;
    return path.len > 0 && path.len < NAME_MAX * 4 && path.ptr[0] != '/' && !goes_up &&
           memchr(path.ptr, '/', path.len) != NULL;
}

/* Only the first comment after `---` counts: later ones can belong to the template. */
void moor_rendering_document(struct moor_rendering *rendering, uint32_t line)
{
    rendering->template = line > 0 ? rendering->template : (struct moor_slice){0};
    while (rendering->line < line && rendering->at < rendering->text.len) {
        struct moor_slice text = next_line(rendering->text, &rendering->at);
        rendering->line++;
        if (moor_slice_starts_with(text, MOOR_SLICE("---"))) {
            rendering->template = (struct moor_slice){0};
        } else if (rendering->template.len == 0 && moor_slice_starts_with(text, SOURCE)) {
            struct moor_slice path = moor_slice_sub(text, SOURCE.len, text.len);
            rendering->template = is_template(path) ? path : (struct moor_slice){0};
        }
    }
}

/* --- files ------------------------------------------------------------------------------------ */

/* Sets the path, which ends with a NUL beyond its length.  Returns whether it is a file. */
static bool try_path(struct moor_rendering *rendering, const char *before, struct moor_slice path)
{
    struct moor_buf *out = &rendering->path;
    moor_buf_clear(out);
    moor_buf_append_text(out, before);
    if (out->len > 0 && out->ptr[out->len - 1] != '/') {
        moor_buf_append_byte(out, '/');
    }
    moor_buf_append(out, path);
    moor_buf_append_byte(out, '\0');
    if (out->failed) {
        return false;
    }
    out->len--;
    return moor_file_is_regular(out->ptr);
}

/*
 * Finds the template's file.  The chart of standard input is unknown: it is the current directory,
 * or below it or its folder `charts`.  A template that a packed dependency contains is in no file,
 * so the Chart.yaml is named.
 */
static bool find_template(struct moor_rendering *rendering)
{
    struct moor_slice template = rendering->template;
    const char *slash = memchr(template.ptr, '/', template.len);
    size_t start = (size_t)(slash - template.ptr) + 1;
    struct moor_slice inside = moor_slice_sub(template, start, template.len);
    if (rendering->chart != NULL) {
        return try_path(rendering, rendering->chart, inside) ||
               try_path(rendering, rendering->chart, MOOR_SLICE("Chart.yaml"));
    }
    (void)(try_path(rendering, "", template) || try_path(rendering, "charts", template) ||
           (moor_file_is_regular("Chart.yaml") && try_path(rendering, "", inside)) ||
           try_path(rendering, "", template));
    return !rendering->path.failed;
}

/* Reads the file at the current path, unless it was read last. */
static struct moor_slice content_of(struct moor_rendering *rendering)
{
    struct moor_error ignored = {0};
    struct moor_slice path = moor_buf_slice(&rendering->path);
    if (!moor_slice_equal(path, moor_buf_slice(&rendering->read))) {
        moor_buf_clear(&rendering->read);
        moor_buf_append(&rendering->read, path);
        moor_buf_clear(&rendering->content);
        if (!moor_file_is_regular(path.ptr) ||
            moor_file_read(&rendering->content, path.ptr, &ignored) != 0) {
            moor_buf_clear(&rendering->content);
        }
    }
    return moor_buf_slice(&rendering->content);
}

/* --- lines ------------------------------------------------------------------------------------ */

static struct moor_slice trimmed(struct moor_slice line)
{
    size_t start = 0;
    while (start < line.len && (line.ptr[start] == ' ' || line.ptr[start] == '\t')) {
        start++;
    }
    size_t end = line.len;
    while (end > start && line.ptr[end - 1] == ' ') {
        end--;
    }
    return moor_slice_sub(line, start, end);
}

/* Returns the key of a trimmed line with its colon, without the mark of a list item. */
static struct moor_slice key_of(struct moor_slice line)
{
    size_t start = moor_slice_starts_with(line, MOOR_SLICE("- ")) ? 2 : 0;
    line = trimmed(moor_slice_sub(line, start, line.len));
    const char *colon = line.len > 0 ? memchr(line.ptr, ':', line.len) : NULL;
    return colon != NULL ? moor_slice_sub(line, 0, (size_t)(colon - line.ptr) + 1)
                         : (struct moor_slice){0};
}

/* A line of a file, and the position of a part of it. */
struct place {
    struct moor_position position;
    struct moor_slice line;
};

/* Returns the place of `part`, which borrows from the line. */
static struct place place_of(uint32_t number, struct moor_slice line, struct moor_slice part)
{
    size_t before = (size_t)(part.ptr - line.ptr);
    uint32_t column = (uint32_t)moor_utf8_count(moor_slice_sub(line, 0, before)) + 1;
    uint32_t width = (uint32_t)moor_utf8_count(part);
    return (struct place){{.line = number, .column = column, .width = width > 0 ? width : 1}, line};
}

/* Returns the value of a trimmed line, or the line if it has none. */
static struct moor_slice value_of(struct moor_slice line)
{
    struct moor_slice key = key_of(line);
    size_t start = key.len > 0 ? (size_t)(key.ptr - line.ptr) + key.len : 0;
    struct moor_slice value = trimmed(moor_slice_sub(line, start, line.len));
    return value.len > 0 ? value : line;
}

/* Returns the text before the next action `{{ ... }}` of `*line`, and moves after the action. */
static struct moor_slice take_literal(struct moor_slice *line, bool *is_last)
{
    const char *open = line->len > 1 ? memmem(line->ptr, line->len, "{{", 2) : NULL;
    size_t len = open != NULL ? (size_t)(open - line->ptr) : line->len;
    struct moor_slice literal = moor_slice_sub(*line, 0, len);
    struct moor_slice rest = moor_slice_sub(*line, len, line->len);
    const char *close = rest.len > 1 ? memmem(rest.ptr, rest.len, "}}", 2) : NULL;
    size_t end = close != NULL ? (size_t)(close - rest.ptr) + 2 : rest.len;
    *is_last = open == NULL;
    *line = moor_slice_sub(rest, end, rest.len);
    return literal;
}

/* Returns whether actions of the template's line can make `text`: its literals occur in order. */
static bool can_make(struct moor_slice line, struct moor_slice text)
{
    bool is_first = true;
    for (;;) {
        bool is_last = false;
        struct moor_slice literal = take_literal(&line, &is_last);
        const char *found = literal.len == 0 ? text.ptr
                            : text.len > 0   ? memmem(text.ptr, text.len, literal.ptr, literal.len)
                                             : NULL;
        if (is_last) {
            return is_first ? moor_slice_equal(literal, text) : moor_slice_ends_with(text, literal);
        }
        if (found == NULL || (is_first && found != text.ptr)) {
            return false;
        }
        text = moor_slice_sub(text, (size_t)(found - text.ptr) + literal.len, text.len);
        is_first = false;
    }
}

/* Lines of a template that can be meant, and the first one. */
struct candidates {
    size_t count;
    struct place first;
};

static void add_candidate(struct candidates *out, struct place place)
{
    out->first = out->count++ == 0 ? place : out->first;
}

/*
 * Finds the line of a template from which `wanted`, a line of the output, was made: an equal one,
 * or the only one whose actions can make it, or else the only one with the same key.  Returns
 * whether there is such a line.
 */
static bool find_line(struct place *out, struct moor_slice content, struct moor_slice wanted)
{
    struct moor_slice text = trimmed(wanted);
    struct moor_slice key = key_of(text);
    struct candidates makers = {0};
    struct candidates keys = {0};
    uint32_t number = 1;
    for (size_t at = 0; at < content.len && text.len > 0; number++) {
        struct moor_slice line = next_line(content, &at);
        struct moor_slice part = trimmed(line);
        struct place place = place_of(number, line, value_of(part));
        bool has_key = key.len > 0 && moor_slice_equal(key_of(part), key);
        if (moor_slice_equal(part, text)) {
            *out = place;
            return true;
        }
        if (has_key) {
            add_candidate(&keys, place);
        }
        if (has_key && can_make(value_of(part), value_of(text))) {
            add_candidate(&makers, place);
        }
    }
    *out = makers.count == 1 ? makers.first : keys.first;
    return makers.count == 1 || keys.count == 1;
}

/* Finds the first place of `wanted` as a whole word. */
static bool find_word(struct place *out, struct moor_slice content, struct moor_slice wanted)
{
    uint32_t number = 1;
    for (size_t at = 0; at < content.len && wanted.len > 0; number++) {
        struct moor_slice line = next_line(content, &at);
        const char *found =
            line.len > 0 ? memmem(line.ptr, line.len, wanted.ptr, wanted.len) : NULL;
        if (found == NULL) {
            continue;
        }
        size_t start = (size_t)(found - line.ptr);
        size_t end = start + wanted.len;
        bool begins = start == 0 || strchr(" '\"", line.ptr[start - 1]) != NULL;
        bool ends = end == line.len || strchr(" '\",}]", line.ptr[end]) != NULL;
        if (begins && ends) {
            *out = place_of(number, line, (struct moor_slice){found, wanted.len});
            return true;
        }
    }
    return false;
}

/* --- placing ---------------------------------------------------------------------------------- */

/* Returns the tag of an image, with which a kustomization can replace the one of its base. */
static struct moor_slice tag_of(struct moor_slice image)
{
    const char *colon = image.len > 0 ? memrchr(image.ptr, ':', image.len) : NULL;
    size_t at = colon != NULL ? (size_t)(colon - image.ptr) + 1 : image.len;
    return moor_slice_sub(image, at, image.len);
}

/*
 * Finds the image in the files of a kustomization, or its tag in the kustomization file.  The path
 * is that of the file, or of the kustomization file if there is no such line.
 */
static bool find_in_files(struct place *out, struct moor_rendering *rendering,
                          struct moor_slice image)
{
    for (size_t i = 0; i < rendering->file_count; i++) {
        if (try_path(rendering, "", moor_slice_from(rendering->files[i])) &&
            find_word(out, content_of(rendering), image)) {
            return true;
        }
    }
    (void)try_path(rendering, "", moor_slice_from(rendering->files[0]));
    return find_word(out, content_of(rendering), tag_of(image));
}

void moor_rendering_place(struct moor_rendering *rendering, struct moor_report_finding *finding)
{
    bool is_searched = rendering->searches++ < MOOR_RENDERING_MAX_SEARCHES;
    bool has_template = rendering->template.len > 0 && find_template(rendering);
    struct place place = {0};
    if (!has_template && rendering->file_count == 0) {
        return;
    }
    if (!has_template && !is_searched) {
        (void)try_path(rendering, "", moor_slice_from(rendering->files[0]));
    }
    bool is_placed =
        is_searched && (has_template ? find_line(&place, content_of(rendering), finding->line)
                                     : find_in_files(&place, rendering, finding->image));
    finding->rendered_by = rendering->command;
    finding->template = has_template ? rendering->template : (struct moor_slice){0};
    finding->rendered = finding->position;
    finding->is_unplaced = !is_placed;
    if (is_placed) {
        finding->position = place.position;
        finding->line =
            place.line.len < MOOR_RENDERING_MAX_LINE ? place.line : (struct moor_slice){0};
    } else {
        finding->position = (struct moor_position){.line = 1, .column = 1, .width = 1};
    }
    finding->file = moor_buf_slice(&rendering->path);
}
