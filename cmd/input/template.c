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
