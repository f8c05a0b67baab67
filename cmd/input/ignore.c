/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/ignore.h"

#include "cmd/input/ignore_glob.h"

#include <stdlib.h>

#define BYTE_ORDER_MARK MOOR_SLICE("\xEF\xBB\xBF")

/* Blanks at the end do not count, but `\ ` does: a name can end with a blank. */
static struct moor_slice without_blanks(struct moor_slice line)
{
    size_t kept = 0;
    for (size_t at = 0; at < line.len; at++) {
        if (line.ptr[at] == '\\' && at + 1 < line.len) {
            at++;
            kept = at + 1;
        } else if (line.ptr[at] != ' ') {
            kept = at + 1;
        }
    }
    return moor_slice_sub(line, 0, kept);
}

/* Parses one line.  Returns false for a comment and for a line without a pattern. */
static bool parse_rule(struct moor_ignore_rule *out, struct moor_slice line)
{
    if (line.len > 0 && line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    bool is_comment = line.len > 0 && line.ptr[0] == '#';
    struct moor_slice text = without_blanks(line);
    struct moor_slice glob = text;
    bool is_negated = glob.len > 0 && glob.ptr[0] == '!';
    glob = moor_slice_sub(glob, is_negated, glob.len);
    bool is_for_folders = glob.len > 0 && glob.ptr[glob.len - 1] == '/';
    glob = moor_slice_sub(glob, 0, glob.len - is_for_folders);
    bool has_path = glob.len > 0 && memchr(glob.ptr, '/', glob.len) != NULL;
    glob = moor_slice_sub(glob, has_path && glob.ptr[0] == '/', glob.len);
    *out = (struct moor_ignore_rule){text, glob, is_negated, is_for_folders, has_path};
    return !is_comment && glob.len > 0;
}

/* Returns the end of the line that begins at `at`. */
static size_t line_end(struct moor_slice text, size_t at)
{
    const char *newline = at < text.len ? memchr(text.ptr + at, '\n', text.len - at) : NULL;
    return newline != NULL ? (size_t)(newline - text.ptr) : text.len;
}

static int count_lines(size_t *out, struct moor_slice text, struct moor_error *err)
{
    struct moor_ignore_rule ignored;
    size_t count = 0;
    for (size_t at = 0; at < text.len; at = line_end(text, at) + 1) {
        count += parse_rule(&ignored, moor_slice_sub(text, at, line_end(text, at)));
    }
    *out = count;
    return text.len <= MOOR_IGNORE_MAX_BYTES && count <= MOOR_IGNORE_MAX_RULES
               ? 0
               : moor_error_set(err, MOOR_ERROR_LIMIT,
                                "the list of excluded files is larger than %zu bytes or %d "
                                "patterns",
                                MOOR_IGNORE_MAX_BYTES, MOOR_IGNORE_MAX_RULES);
}

int moor_ignore_parse(struct moor_ignore *out, struct moor_slice text, struct moor_error *err)
{
    size_t count = 0;
    *out = (struct moor_ignore){0};
    text = moor_slice_sub(text, moor_slice_starts_with(text, BYTE_ORDER_MARK) ? 3 : 0, text.len);
    if (count_lines(&count, text, err) != 0) {
        return -1;
    }
    out->text = malloc(text.len + 1);
    out->rules = calloc(count + 1, sizeof *out->rules);
    if (out->text == NULL || out->rules == NULL) {
        moor_ignore_release(out);
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the list of excluded files");
    }
    /* The rules borrow from their text, so the list has a copy that lives as long as they do. */
    memcpy(out->text, text.len > 0 ? text.ptr : "", text.len);
    struct moor_slice copy = {out->text, text.len};
    for (size_t at = 0; at < copy.len; at = line_end(copy, at) + 1) {
        out->count +=
            parse_rule(&out->rules[out->count], moor_slice_sub(copy, at, line_end(copy, at)));
    }
    return 0;
}

void moor_ignore_release(struct moor_ignore *ignore)
{
    free(ignore->text);
    free(ignore->rules);
    *ignore = (struct moor_ignore){0};
}

static struct moor_slice name_of(struct moor_slice path)
{
    const char *slash = path.len > 0 ? memrchr(path.ptr, '/', path.len) : NULL;
    return slash != NULL ? moor_slice_sub(path, (size_t)(slash - path.ptr) + 1, path.len) : path;
}

bool moor_ignore_matches(const struct moor_ignore_rule *rule, struct moor_slice path,
                         bool is_folder)
{
    return (is_folder || !rule->is_for_folders) &&
           moor_ignore_glob_match(rule->glob, rule->has_path ? path : name_of(path));
}

const struct moor_ignore_rule *moor_ignore_find(const struct moor_ignore *ignore,
                                                struct moor_slice path, bool is_folder)
{
    /* From the end, because the last pattern that matches decides, as in a .gitignore file. */
    for (size_t i = ignore->count; i > 0; i--) {
        if (moor_ignore_matches(&ignore->rules[i - 1], path, is_folder)) {
            return &ignore->rules[i - 1];
        }
    }
    return NULL;
}
