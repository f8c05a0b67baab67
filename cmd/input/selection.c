/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/selection.h"

#include "cmd/input/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Pipelines of GitHub and GitLab are in hidden folders, and --include reads them. */
#define DEFAULTS "node_modules/\nvendor/\n.terraform/\n.*/\n!.github/\n!.gitlab/\n"

static int fail_memory(struct moor_error *err)
{
    return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the names of excluded files");
}

/* --- life ------------------------------------------------------------------------------------- */

/* The patterns become the lines of one list, so that a later one can negate an earlier one. */
static int join_excludes(struct moor_buf *out, const char *const *excludes, size_t count,
                         struct moor_error *err)
{
    struct moor_ignore ignore;
    for (size_t i = 0; i < count; i++) {
        struct moor_slice text = moor_slice_from(excludes[i]);
        if (moor_ignore_parse(&ignore, text, err) != 0) {
            return -1;
        }
        bool is_one = ignore.count == 1 && memchr(text.ptr, '\n', text.len) == NULL;
        moor_ignore_release(&ignore);
        if (!is_one) {
            return moor_error_set(err, MOOR_ERROR_VALUE,
                                  "--exclude: '%s' is not a pattern: use a name such as 'tests' or "
                                  "a path such as 'tests/*.yaml'",
                                  excludes[i]);
        }
        moor_buf_append(out, text);
        moor_buf_append_byte(out, '\n');
    }
    return moor_buf_check(out, err);
}

int moor_selection_init(struct moor_selection *out, const char *const *excludes, size_t count,
                        struct moor_error *err)
{
    struct moor_buf text;
    *out = (struct moor_selection){0};
    moor_buf_init(&text, MOOR_IGNORE_MAX_BYTES);
    int status = join_excludes(&text, excludes, count, err);
    if (status == 0) {
        status = moor_ignore_parse(&out->excludes, moor_buf_slice(&text), err);
    }
    if (status == 0) {
        status = moor_ignore_parse(&out->defaults, MOOR_SLICE(DEFAULTS), err);
    }
    moor_buf_release(&text);
    if (status != 0) {
        moor_selection_release(out);
    }
    return status;
}

void moor_selection_release(struct moor_selection *selection)
{
    while (selection->folders != NULL) {
        struct moor_selection_folder *folder = selection->folders;
        selection->folders = folder->next;
        moor_ignore_release(&folder->ignore);
        free(folder);
    }
    moor_ignore_release(&selection->excludes);
    moor_ignore_release(&selection->defaults);
}

/* --- folders ---------------------------------------------------------------------------------- */

/* Returns the length of what precedes a name in the paths of this directory. */
static size_t prefix_of(const char *directory)
{
    size_t len = strcmp(directory, ".") == 0 ? 0 : strlen(directory);
    return len > 0 && directory[len - 1] != '/' ? len + 1 : len;
}

/* Returns the path of the list in this directory, or NULL if memory is short. */
static char *list_path(const char *directory)
{
    size_t prefix = prefix_of(directory);
    char *path = NULL;
    int len = asprintf(&path, "%s%s" MOOR_SELECTION_FILE, prefix > 0 ? directory : "",
                       prefix > strlen(directory) ? "/" : "");
    return len >= 0 ? path : NULL;
}

/* A list can be a link to anything, so only a regular file is opened. */
static int read_rules(struct moor_ignore *out, const char *path, struct moor_error *err)
{
    struct moor_buf text;
    if (!moor_file_is_regular(path)) {
        return moor_error_set(err, MOOR_ERROR_VALUE, "'%s' is not a regular file",
                              moor_file_shown(path).text);
    }
    moor_buf_init(&text, MOOR_IGNORE_MAX_BYTES);
    int status = moor_file_read(&text, path, err);
    if (status == 0) {
        status = moor_ignore_parse(out, moor_buf_slice(&text), err);
    }
    moor_buf_release(&text);
    return status;
}

int moor_selection_enter(const struct moor_selection_folder **out, struct moor_selection *selection,
                         const char *directory, const struct moor_selection_folder *above,
                         struct moor_error *err)
{
    char *path = list_path(directory);
    struct moor_selection_folder *folder = calloc(1, sizeof *folder);
    if (path == NULL || folder == NULL) {
        free(path);
        free(folder);
        return fail_memory(err);
    }
    int status = read_rules(&folder->ignore, path, err);
    free(path);
    if (status != 0) {
        free(folder);
        return -1;
    }
    folder->prefix = prefix_of(directory);
    folder->above = above;
    folder->next = selection->folders;
    selection->folders = folder;
    *out = folder;
    return 0;
}

/* Returns whether `path` goes up, so that its folders are not below the current directory. */
static bool goes_up(const char *path)
{
    for (const char *at = path; at != NULL; at = strchr(at, '/')) {
        at += *at == '/';
        if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || at[2] == '\0')) {
            return true;
        }
    }
    return false;
}

/* Enters the folder that the first `len` bytes of an operand name, if it has a list. */
static int enter_one(const struct moor_selection_folder **out, struct moor_selection *selection,
                     const char *operand, size_t len, struct moor_error *err)
{
    char *directory = len > 0 ? strndup(operand, len) : strdup(".");
    char *path = directory != NULL ? list_path(directory) : NULL;
    int status = path == NULL ? fail_memory(err)
                 : access(path, F_OK) == 0
                     ? moor_selection_enter(out, selection, directory, *out, err)
                     : 0;
    free(path);
    free(directory);
    return status;
}

int moor_selection_enter_above(const struct moor_selection_folder **out,
                               struct moor_selection *selection, const char *operand,
                               struct moor_error *err)
{
    size_t len = strlen(operand);
    size_t start = 0;
    *out = NULL;
    while (len > 0 && operand[len - 1] == '/') {
        len--;
    }
    while (strncmp(operand + start, "./", 2) == 0) {
        start += 2;
    }
    bool is_here = start >= len || strcmp(operand, ".") == 0;
    if (is_here || operand[0] == '/' || goes_up(operand)) {
        return 0;
    }
    if (enter_one(out, selection, operand, start > 0 ? start - 1 : 0, err) != 0) {
        return -1;
    }
    for (size_t at = start; at < len; at++) {
        if (operand[at] == '/' && enter_one(out, selection, operand, at, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* --- deciding --------------------------------------------------------------------------------- */

/* Returns the path as reports show it, without a leading slash. */
static struct moor_slice plain(struct moor_slice path)
{
    while (moor_slice_starts_with(path, MOOR_SLICE("./")) ||
           moor_slice_starts_with(path, MOOR_SLICE("/"))) {
        path = moor_slice_sub(path, path.ptr[0] == '.' ? 2 : 1, path.len);
    }
    return path;
}

static const struct moor_ignore_rule *find(const struct moor_selection *selection,
                                           const struct moor_selection_folder *folder,
                                           struct moor_slice path, bool is_folder)
{
    const struct moor_ignore_rule *rule =
        moor_ignore_find(&selection->excludes, plain(path), is_folder);
    for (; rule == NULL && folder != NULL; folder = folder->above) {
        struct moor_slice below = plain(moor_slice_sub(path, folder->prefix, path.len));
        rule = moor_ignore_find(&folder->ignore, below, is_folder);
    }
    return rule != NULL ? rule : moor_ignore_find(&selection->defaults, plain(path), is_folder);
}

const struct moor_ignore_rule *moor_selection_find(const struct moor_selection *selection,
                                                   const struct moor_selection_folder *folder,
                                                   const char *path, bool is_folder)
{
    const struct moor_ignore_rule *rule = find(selection, folder, moor_slice_from(path), is_folder);
    return rule != NULL && !rule->is_negated ? rule : NULL;
}
