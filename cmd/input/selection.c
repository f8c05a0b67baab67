/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/selection.h"

#include "cmd/input/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Pipelines of GitHub and GitLab are in hidden folders, and --include reads them. */
#define DEFAULTS "node_modules/\nvendor/\n.terraform/\n.*/\n!.github/\n!.gitlab/\n"

/* The rules of one `.tagmoorignore` file. */
struct moor_selection_list {
    struct moor_selection_list *next;
    char *path; /* absolute path of its folder; NULL if only one folder has these rules */
    struct moor_ignore ignore;
};

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
    struct moor_error ignored = {0};
    *out = (struct moor_selection){0};
    moor_buf_init(&text, MOOR_IGNORE_MAX_BYTES);
    moor_buf_init(&out->operand, MOOR_RELATIVE_MAX_BYTES);
    moor_buf_init(&out->path, 2 * MOOR_RELATIVE_MAX_BYTES);
    out->has_here = moor_relative_init(&out->here, "-", &ignored) == 0;
    int status = join_excludes(&text, excludes, count, err);
    if (status == 0) {
        status = moor_ignore_parse(&out->excludes, moor_buf_slice(&text), err);
    }
    if (status == 0) {
        status = moor_ignore_parse(&out->defaults, MOOR_SLICE(DEFAULTS), err);
    }
    moor_buf_release(&text);
    out->is_used = calloc(count + 1, sizeof *out->is_used);
    if (status == 0 && out->is_used == NULL) {
        status = fail_memory(err);
    }
    if (status != 0) {
        moor_selection_release(out);
    }
    return status;
}

void moor_selection_release(struct moor_selection *selection)
{
    /* Folders only borrow the rules: several of them can share one list. */
    while (selection->folders != NULL) {
        struct moor_selection_folder *folder = selection->folders;
        selection->folders = folder->next;
        free(folder->lead);
        free(folder);
    }
    while (selection->lists != NULL) {
        struct moor_selection_list *list = selection->lists;
        selection->lists = list->next;
        moor_ignore_release(&list->ignore);
        free(list->path);
        free(list);
    }
    moor_relative_release(&selection->here);
    moor_buf_release(&selection->operand);
    moor_buf_release(&selection->path);
    free(selection->is_used);
    selection->is_used = NULL;
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

/* Reads the list in this directory.  Returns NULL with the reason on failure. */
static struct moor_selection_list *add_list(struct moor_selection *selection, const char *directory,
                                            struct moor_error *err)
{
    char *path = list_path(directory);
    struct moor_selection_list *list = calloc(1, sizeof *list);
    if (path == NULL || list == NULL) {
        free(path);
        free(list);
        (void)fail_memory(err);
        return NULL;
    }
    int status = read_rules(&list->ignore, path, err);
    free(path);
    if (status != 0) {
        free(list);
        return NULL;
    }
    list->next = selection->lists;
    selection->lists = list;
    return list;
}

static struct moor_selection_folder *add_folder(struct moor_selection *selection,
                                                const struct moor_selection_list *list,
                                                const struct moor_selection_folder *above,
                                                const char *directory)
{
    struct moor_selection_folder *folder = calloc(1, sizeof *folder);
    if (folder != NULL) {
        folder->ignore = &list->ignore;
        folder->prefix = prefix_of(directory);
        folder->above = above;
        folder->next = selection->folders;
        selection->folders = folder;
    }
    return folder;
}

int moor_selection_enter(const struct moor_selection_folder **out, struct moor_selection *selection,
                         const char *directory, const struct moor_selection_folder *above,
                         struct moor_error *err)
{
    const struct moor_selection_list *list = add_list(selection, directory, err);
    if (list == NULL) {
        return -1;
    }
    const struct moor_selection_folder *folder = add_folder(selection, list, above, directory);
    if (folder == NULL) {
        return fail_memory(err);
    }
    *out = folder;
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

/* Finds the pattern of --exclude that decides, and marks all that match. */
static const struct moor_ignore_rule *find_exclude(struct moor_selection *selection,
                                                   struct moor_slice path, bool is_folder)
{
    const struct moor_ignore_rule *found = NULL;
    for (size_t i = 0; i < selection->excludes.count; i++) {
        const struct moor_ignore_rule *rule = &selection->excludes.rules[i];
        if (moor_ignore_matches(rule, plain(path), is_folder)) {
            selection->is_used[i] = true;
            found = rule;
        }
    }
    return found;
}

/* Returns the way from the folder to `path`, which is a path as reports show it. */
static struct moor_slice below(struct moor_selection *selection,
                               const struct moor_selection_folder *folder, struct moor_slice path)
{
    struct moor_slice rest = plain(moor_slice_sub(path, folder->prefix, path.len));
    if (folder->lead == NULL) {
        return rest;
    }
    moor_buf_clear(&selection->path);
    moor_buf_append_text(&selection->path, folder->lead);
    moor_buf_append(&selection->path, rest);
    return moor_buf_slice(&selection->path);
}

static const struct moor_ignore_rule *excluding(const struct moor_ignore_rule *rule)
{
    return rule != NULL && !rule->is_negated ? rule : NULL;
}

const struct moor_ignore_rule *moor_selection_find(struct moor_selection *selection,
                                                   const struct moor_selection_folder *folder,
                                                   const char *path, bool is_folder)
{
    struct moor_slice text = moor_slice_from(path);
    const struct moor_ignore_rule *rule = find_exclude(selection, text, is_folder);
    for (; rule == NULL && folder != NULL; folder = folder->above) {
        rule = moor_ignore_find(folder->ignore, below(selection, folder, text), is_folder);
    }
    return excluding(rule != NULL ? rule
                                  : moor_ignore_find(&selection->defaults, plain(text), is_folder));
}

bool moor_selection_is_used(const struct moor_selection *selection, size_t index)
{
    return index < selection->excludes.count && selection->is_used[index];
}

/* --- folders above operands ------------------------------------------------------------------- */

/* Returns the length of the folder that contains the first `len` bytes of an absolute path. */
static size_t parent_of(const struct moor_buf *path, size_t len)
{
    while (len > 0 && path->ptr[len - 1] != '/') {
        len--;
    }
    return len > 0 ? len - 1 : 0;
}

/* Returns the first `len` bytes of the operand's absolute path as a folder; the caller frees it. */
static char *folder_at(const struct moor_selection *selection, size_t len)
{
    return len > 0 ? strndup(selection->operand.ptr, len) : strdup("/");
}

static bool has_git(const struct moor_selection *selection, size_t len)
{
    char *path = NULL;
    bool has = asprintf(&path, "%.*s/.git", (int)len, selection->operand.ptr) >= 0 &&
               access(path, F_OK) == 0;
    free(path);
    return has;
}

/* Returns whether an absolute path is the current directory or below it. */
static bool is_here(const struct moor_selection *selection, struct moor_slice path)
{
    struct moor_slice here = moor_buf_slice(&selection->here.current);
    return moor_slice_starts_with(path, here) &&
           (path.len == here.len || path.ptr[here.len] == '/');
}

/* Returns the length of the path of the highest folder whose list applies, at most `deepest`. */
static size_t find_top(const struct moor_selection *selection, size_t deepest)
{
    /*
     * Lists above the root of a repository belong to another project, or in /tmp to another user,
     * who must not hide files from the check.
     */
    size_t top = deepest;
    while (top > 0 && !has_git(selection, top)) {
        top = parent_of(&selection->operand, top);
    }
    top = top > 0 || has_git(selection, 0) ? top : deepest;
    size_t here = selection->here.current.len;
    struct moor_slice path = moor_slice_sub(moor_buf_slice(&selection->operand), 0, deepest);
    return is_here(selection, path) && here < top ? here : top;
}

/* Returns the list in the folder of this length, reading it if no operand before has it above. */
static int find_list(const struct moor_selection_list **out, struct moor_selection *selection,
                     size_t len, struct moor_error *err)
{
    struct moor_slice wanted = moor_slice_sub(moor_buf_slice(&selection->operand), 0, len);
    for (*out = selection->lists; *out != NULL; *out = (*out)->next) {
        if ((*out)->path != NULL && moor_slice_is(wanted, (*out)->path)) {
            return 0;
        }
    }
    char *directory = folder_at(selection, len);
    char *path = directory != NULL ? list_path(directory) : NULL;
    struct moor_selection_list *list = NULL;
    bool exists = path != NULL && access(path, F_OK) == 0;
    int status = path == NULL ? fail_memory(err) : 0;
    if (exists) {
        list = add_list(selection, directory, err);
        status = list != NULL ? 0 : -1;
    }
    if (list != NULL) {
        list->path = strndup(wanted.ptr, wanted.len);
        status = list->path != NULL ? 0 : fail_memory(err);
    }
    free(path);
    free(directory);
    *out = list;
    return status;
}

/* Adds the rules of the folder in the first `len` bytes of the path, if it has a list. */
static int enter_one(struct moor_selection *selection, struct moor_selection_operand *operand,
                     size_t len, struct moor_error *err)
{
    const struct moor_selection_list *list = NULL;
    if (find_list(&list, selection, len, err) != 0) {
        return -1;
    }
    if (list == NULL) {
        return 0;
    }
    struct moor_selection_folder *folder =
        add_folder(selection, list, operand->folder, operand->path);
    if (folder == NULL || asprintf(&folder->lead, "%.*s/", (int)(selection->operand.len - len - 1),
                                   selection->operand.ptr + len + 1) < 0) {
        return fail_memory(err);
    }
    folder->absolute = len;
    operand->folder = folder;
    return 0;
}

/* Returns the first `len` bytes of the operand's absolute path as reports show such a path. */
static struct moor_slice shown(const struct moor_selection *selection,
                               const struct moor_selection_operand *operand, size_t len)
{
    struct moor_slice path = moor_slice_sub(moor_buf_slice(&selection->operand), 0, len);
    bool is_relative = operand->path[0] != '/' && is_here(selection, path);
    return plain(moor_slice_sub(path, is_relative ? selection->here.current.len : 0, path.len));
}

/* Finds the rule for the operand, or for a folder above it, which has `len` bytes. */
static const struct moor_ignore_rule *find_at(struct moor_selection *selection,
                                              const struct moor_selection_operand *operand,
                                              size_t len)
{
    bool is_last = len == selection->operand.len;
    bool is_folder = operand->is_folder || !is_last;
    struct moor_slice path = moor_slice_sub(moor_buf_slice(&selection->operand), 0, len);
    const struct moor_ignore_rule *rule =
        is_last || operand->is_forced
            ? find_exclude(selection, shown(selection, operand, len), is_folder)
            : NULL;
    const struct moor_selection_folder *folder = operand->folder;
    for (; rule == NULL && folder != NULL; folder = folder->above) {
        rule = moor_ignore_find(folder->ignore, moor_slice_sub(path, folder->absolute + 1, len),
                                is_folder);
    }
    return excluding(rule == NULL && operand->is_forced
                         ? moor_ignore_find(&selection->defaults, plain(path), is_folder)
                         : rule);
}

int moor_selection_enter_above(struct moor_selection *selection,
                               struct moor_selection_operand *operand, struct moor_error *err)
{
    struct moor_buf *path = &selection->operand;
    operand->folder = NULL;
    operand->excluded = NULL;
    if (!selection->has_here) {
        return 0;
    }
    moor_buf_clear(path);
    moor_relative_append_absolute(path, &selection->here, moor_slice_from(operand->path));
    if (moor_buf_check(path, err) != 0) {
        return -1;
    }
    size_t len = find_top(selection, operand->is_folder ? path->len : parent_of(path, path->len));
    while (len < path->len && operand->excluded == NULL) {
        if (enter_one(selection, operand, len, err) != 0) {
            return -1;
        }
        len++;
        while (len < path->len && path->ptr[len] != '/') {
            len++;
        }
        operand->excluded = find_at(selection, operand, len);
    }
    return 0;
}
