/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/dockerfile/directives.h"

#include "cmd/input/dockerfile/space.h"
#include "policy/base/array_size.h"

#include <ctype.h>
#include <strings.h>

/* The directives that BuildKit knows.  Any other comment ends them. */
static const char *const names[] = {"escape", "syntax", "check"};

enum {
    ESCAPE,
    SYNTAX
};

#define NAME_COUNT MOOR_ARRAY_SIZE(names)

/* The white space of Go's regular expressions has no vertical tab. */
static bool is_blank(char byte)
{
    return moor_dockerfile_is_blank(byte) && byte != '\v';
}

/* Every carriage return at the end is dropped, as BuildKit does for files from Windows. */
static struct moor_slice next_line(struct moor_slice text, size_t *at)
{
    const char *newline = memchr(text.ptr + *at, '\n', text.len - *at);
    size_t end = newline != NULL ? (size_t)(newline - text.ptr) : text.len;
    struct moor_slice line = moor_slice_sub(text, *at, end);
    *at = end + 1;
    while (line.len > 0 && line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    return line;
}

/* Returns the index of the directive's name, or NAME_COUNT if the line is not a directive. */
static size_t read_line(struct moor_slice *value, struct moor_slice line, struct moor_slice prefix)
{
    if (!moor_slice_starts_with(line, prefix)) {
        return NAME_COUNT;
    }
    line = moor_dockerfile_trim_start(moor_slice_sub(line, prefix.len, line.len));
    size_t len = 0;
    while (len < line.len && isalnum((unsigned char)line.ptr[len])) {
        len++;
    }
    size_t at = len;
    while (at < line.len && is_blank(line.ptr[at])) {
        at++;
    }
    if (at >= line.len || line.ptr[at] != '=') {
        return NAME_COUNT;
    }
    for (at++; at < line.len && is_blank(line.ptr[at]);) {
        at++;
    }
    size_t end = line.len;
    while (end > at && is_blank(line.ptr[end - 1])) {
        end--;
    }
    *value = moor_slice_sub(line, at, end);
    size_t name = 0;
    while (name < NAME_COUNT &&
           (len != strlen(names[name]) || strncasecmp(line.ptr, names[name], len) != 0)) {
        name++;
    }
    return value->len > 0 ? name : NAME_COUNT;
}

/* A repeated directive is an error, because readers disagree on which of the two counts. */
static int read_escape(char *escape, struct moor_slice text, struct moor_error *err)
{
    bool is_seen[NAME_COUNT] = {false};
    struct moor_slice value;
    for (size_t at = 0; at < text.len;) {
        size_t start = at;
        struct moor_slice line = moor_dockerfile_trim_start(next_line(text, &at));
        size_t name = read_line(&value, line, MOOR_SLICE("#"));
        if (name == NAME_COUNT) {
            return 0;
        }
        bool is_wrong = name == ESCAPE && !moor_slice_is(value, "`") && !moor_slice_is(value, "\\");
        if (is_seen[name] || is_wrong) {
            *err = (struct moor_error){.offset = start};
            return is_wrong ? moor_error_set(err, MOOR_ERROR_SYNTAX,
                                             "the escape must be a backslash or a backquote")
                            : moor_error_set(err, MOOR_ERROR_SYNTAX,
                                             "the directive '%s' appears twice", names[name]);
        }
        is_seen[name] = true;
        *escape = name == ESCAPE ? value.ptr[0] : *escape;
    }
    return 0;
}

/* The image is the first word of the value; the others are options of the frontend. */
static struct moor_slice find_syntax(struct moor_slice text, struct moor_slice prefix)
{
    bool is_seen[NAME_COUNT] = {false};
    struct moor_slice value;
    /* Here a repeated directive ends the search, while the parser reports it. */
    for (size_t at = 0; at < text.len;) {
        size_t name = read_line(&value, next_line(text, &at), prefix);
        if (name == NAME_COUNT || is_seen[name]) {
            break;
        }
        is_seen[name] = true;
        if (name == SYNTAX) {
            const char *blank = memchr(value.ptr, ' ', value.len);
            return moor_slice_sub(value, 0,
                                  blank != NULL ? (size_t)(blank - value.ptr) : value.len);
        }
    }
    return (struct moor_slice){0};
}

int moor_dockerfile_directives_read(struct moor_dockerfile_directives *out, struct moor_slice text,
                                    struct moor_error *err)
{
    size_t at = 0;
    struct moor_slice rest = text;
    out->escape = '\\';
    if (moor_slice_starts_with(text, MOOR_SLICE("#!"))) {
        (void)next_line(text, &at);
        rest = moor_slice_sub(text, at, text.len);
    }
    out->syntax = find_syntax(rest, MOOR_SLICE("#"));
    /* A frontend with another language can have comments of another form. */
    if (out->syntax.len == 0) {
        out->syntax = find_syntax(rest, MOOR_SLICE("//"));
    }
    return read_escape(&out->escape, text, err);
}
