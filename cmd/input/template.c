/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/template.h"
#include "policy/base/utf8.h"

/*
 * Finds `{{` or `{%` in a line, outside of quotes that end in the line and of a comment.  YAML
 * accepts both inside quotes, so quoted ones do not explain an error.
 */
static bool find_in_line(struct moor_slice line, size_t *offset)
{
    char quote = '\0';
    for (size_t i = 0; i + 1 < line.len; i++) {
        char byte = line.ptr[i];
        if (quote != '\0') {
            i += quote == '"' && byte == '\\' ? 1 : 0;
            quote = byte == quote ? '\0' : quote;
        } else if (byte == '#' && (i == 0 || line.ptr[i - 1] == ' ')) {
            return false;
        } else if (byte == '{' && (line.ptr[i + 1] == '{' || line.ptr[i + 1] == '%')) {
            *offset = i;
            return true;
        } else if ((byte == '"' || byte == '\'') && (i == 0 || line.ptr[i - 1] == ' ')) {
            quote = byte;
        }
    }
    return false;
}

/* Finds the first template, its line and its offset in this line.  Returns false if there is none.
 */
static bool find(struct moor_slice text, struct moor_slice *line, uint32_t *number, size_t *offset)
{
    *number = 1;
    for (size_t at = 0; at < text.len; (*number)++) {
        const char *newline = memchr(text.ptr + at, '\n', text.len - at);
        size_t end = newline != NULL ? (size_t)(newline - text.ptr) : text.len;
        *line = moor_slice_sub(text, at, end);
        if (find_in_line(*line, offset)) {
            return true;
        }
        at = end + 1;
    }
    return false;
}

bool moor_template_explain(struct moor_error *err, struct moor_slice text)
{
    struct moor_slice line = {0};
    uint32_t number = 1;
    uint32_t column = 1;
    size_t offset = 0;
    if (err->code != MOOR_ERROR_SYNTAX || !find(text, &line, &number, &offset)) {
        return false;
    }
    column += (uint32_t)moor_utf8_count(moor_slice_sub(line, 0, offset));
    *err = (struct moor_error){.line = number, .column = column};
    (void)moor_error_set(err, MOOR_ERROR_SYNTAX,
                         "this is a template, not YAML: render it first, for example with 'helm "
                         "template CHART | tagmoor check -'");
    return true;
}

/* --- filling ---------------------------------------------------------------------------------- */

/* Writes one line.  `*is_open` tells whether a template is open at its start, and then at its end.
 */
static void fill_line(struct moor_buf *out, struct moor_slice line, bool *is_open)
{
    size_t first = SIZE_MAX; /* offset in `out` of the first filled byte */
    bool has_other = false;
    for (size_t i = 0; i < line.len; i++) {
        struct moor_slice rest = moor_slice_sub(line, i, line.len);
        bool starts = !*is_open && moor_slice_starts_with(rest, MOOR_SLICE("{{"));
        bool ends = *is_open && moor_slice_starts_with(rest, MOOR_SLICE("}}"));
        *is_open = *is_open || starts;
        if (!*is_open) {
            has_other = has_other || line.ptr[i] != ' ';
            moor_buf_append_byte(out, line.ptr[i]);
            continue;
        }
        first = first == SIZE_MAX ? out->len : first;
        if (!moor_utf8_continues(line.ptr[i])) {
            moor_buf_append_byte(out, '$');
        }
        if (ends) {
            moor_buf_append_byte(out, '$');
            *is_open = false;
            i++;
        }
    }
    if (!has_other && first != SIZE_MAX && !out->failed) {
        out->ptr[first] = '#';
    }
}

bool moor_template_fill(struct moor_buf *out, struct moor_slice text)
{
    bool is_open = false;
    if (text.len == 0 || memmem(text.ptr, text.len, "{{", 2) == NULL) {
        return false;
    }
    for (size_t at = 0; at < text.len;) {
        const char *newline = memchr(text.ptr + at, '\n', text.len - at);
        size_t end = newline != NULL ? (size_t)(newline - text.ptr) : text.len;
        fill_line(out, moor_slice_sub(text, at, end), &is_open);
        if (newline != NULL) {
            moor_buf_append_byte(out, '\n');
        }
        at = end + 1;
    }
    return true;
}
