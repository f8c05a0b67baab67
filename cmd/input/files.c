/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/input/file.h"
#include "cmd/input/files.h"
#include "cmd/input/formats.h"
#include "policy/base/array_size.h"

#include <string.h>

/*
 * Identifies a file by its directory and name, and a directory by itself with an empty name.  The
 * inode of the file is not enough: kubectl applies a link under another name as another file, and
 * --include selects by names, so that a Dockerfile could hide as a link to a manifest.
 */
struct moor_files_seen {
    struct moor_files_seen *next;
    dev_t device;
    ino_t inode;
    char name[];
};

static int fail_memory(struct moor_error *err)
{
    return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the names of files");
}

static bool make_room(struct moor_files *files)
{
    if (files->count < files->room) {
        return true;
    }
    size_t room = files->room == 0 ? 64 : files->room * 2;
    struct moor_files_waiting *grown = realloc(files->waiting, room * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    files->waiting = grown;
    files->room = room;
    return true;
}

/* Takes ownership of the path of `item`, and frees it on failure.  A path can be NULL. */
static int push(struct moor_files *files, struct moor_files_waiting item, struct moor_error *err)
{
    if (item.path == NULL || !make_room(files)) {
        free(item.path);
        return fail_memory(err);
    }
    files->waiting[files->count++] = item;
    return 0;
}

int moor_files_init(struct moor_files *out, char *const *operands, size_t count,
                    const struct moor_files_choice *choice, struct moor_error *err)
{
    *out =
        (struct moor_files){.formats = choice->formats, .forces_excludes = choice->forces_excludes};
    int status = moor_selection_init(&out->selection, choice->excludes, choice->exclude_count, err);
    /* The list is a stack: the first operand must be on top. */
    for (size_t i = count; status == 0 && i > 0; i--) {
        status = push(
            out, (struct moor_files_waiting){.path = strdup(operands[i - 1]), .is_operand = true},
            err);
    }
    if (status != 0) {
        moor_files_release(out);
    }
    return status;
}

static int compare(const void *left, const void *right)
{
    const struct moor_files_seen *a = left;
    const struct moor_files_seen *b = right;
    if (a->device != b->device) {
        return a->device < b->device ? -1 : 1;
    }
    if (a->inode != b->inode) {
        return a->inode < b->inode ? -1 : 1;
    }
    return strcmp(a->name, b->name);
}

void moor_files_release(struct moor_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->waiting[i].path);
    }
    free(files->waiting);
    while (files->marks != NULL) {
        struct moor_files_seen *mark = files->marks;
        files->marks = mark->next;
        (void)tdelete(mark, &files->tree, compare);
        free(mark);
    }
    free(files->current);
    free(files->searched);
    moor_selection_release(&files->selection);
    *files = (struct moor_files){0};
}

/*
 * Records a directory that is searched or a file that is returned.  Returns 1 if it is new, 0 if it
 * was recorded before, and -1 if memory is short.
 */
static int mark_seen(struct moor_files *files, dev_t device, ino_t inode, const char *name,
                     struct moor_error *err)
{
    size_t len = strlen(name) + 1;
    struct moor_files_seen *mark = malloc(sizeof *mark + len);
    if (mark == NULL) {
        return fail_memory(err);
    }
    mark->device = device;
    mark->inode = inode;
    memcpy(mark->name, name, len);
    struct moor_files_seen *const *found = tsearch(mark, &files->tree, compare);
    if (found == NULL || *found != mark) {
        free(mark);
        return found == NULL ? fail_memory(err) : 0;
    }
    mark->next = files->marks;
    files->marks = mark;
    return 1;
}

static char *join(const char *directory, const char *name)
{
    size_t len = strlen(directory);
    const char *slash = len > 0 && directory[len - 1] == '/' ? "" : "/";
    char *path = NULL;
    if (strcmp(directory, ".") == 0) {
        return strdup(name);
    }
    return asprintf(&path, "%s%s%s", directory, slash, name) >= 0 ? path : NULL;
}

static int skip_dots(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
           strcmp(entry->d_name, ".git") != 0;
}

/* Names are pushed in reverse order, so that the stack returns them sorted. */
static int by_name_backwards(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*right)->d_name, (*left)->d_name);
}

/* --- directories ------------------------------------------------------------------------------ */

/* Properties of a directory that its names tell. */
struct contents {
    bool has_rules;
    bool is_chart;
    bool is_kustomization;
};

static struct contents contents_of(struct dirent *const *names, int count)
{
    static const char *const kustomizations[] = {"kustomization.yaml", "kustomization.yml",
                                                 "Kustomization"};
    struct contents contents = {0};
    for (int i = 0; i < count; i++) {
        const char *name = names[i]->d_name;
        contents.has_rules |= strcmp(name, MOOR_SELECTION_FILE) == 0;
        contents.is_chart |= strcmp(name, "Chart.yaml") == 0;
        for (size_t k = 0; k < MOOR_ARRAY_SIZE(kustomizations); k++) {
            contents.is_kustomization |= strcmp(name, kustomizations[k]) == 0;
        }
    }
    return contents;
}

/* Returns whether the file `name` exists beside `path`, a directory; `up` leads there. */
static bool exists_above(const char *path, const char *up, const char *name)
{
    char *other = NULL;
    bool exists = asprintf(&other, "%s%s%s", path, up, name) >= 0 && access(other, F_OK) == 0;
    free(other);
    return exists;
}

/* Returns whether the last part of `path`, without the slashes at its end, is `name`. */
static bool is_called(const char *path, size_t len, const char *name)
{
    size_t size = strlen(name);
    while (len > 0 && path[len - 1] == '/') {
        len--;
    }
    return len >= size && memcmp(path + len - size, name, size) == 0 &&
           (len == size || path[len - size - 1] == '/');
}

/* Returns whether the chart at `path` is in the folder `charts` of another chart. */
static bool is_subchart(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL && is_called(path, (size_t)(slash - path), "charts") &&
           exists_above(path, "/../..", "/Chart.yaml");
}

/* Pushes the directory once more, as a chart or a kustomization, to be returned next. */
static int push_found(struct moor_files *files, const char *path, enum moor_files_type type,
                      struct moor_error *err)
{
    return push(files, (struct moor_files_waiting){.path = strdup(path), .type = type}, err);
}

/* Pushes the paths of a directory, whose rules are those of `folder`. */
static int push_names(struct moor_files *files, const struct moor_files_waiting *at,
                      struct dirent *const *names, int count, struct moor_error *err)
{
    struct contents contents = contents_of(names, count);
    struct moor_files_waiting item = *at;
    int status = 0;
    item.is_operand = false;
    item.is_in_chart |= contents.is_chart;
    if (contents.has_rules &&
        moor_selection_enter(&item.folder, &files->selection, at->path, at->folder, err) != 0) {
        return -1;
    }
    for (int i = 0; status == 0 && i < count; i++) {
        if (!contents.is_chart || strcmp(names[i]->d_name, "templates") != 0) {
            item.path = join(at->path, names[i]->d_name);
            status = push(files, item, err);
        }
    }
    if (status == 0 && contents.is_kustomization) {
        status = push_found(files, at->path, MOOR_FILES_KUSTOMIZATION, err);
    }
    if (status == 0 && contents.is_chart && !is_subchart(at->path)) {
        status = push_found(files, at->path, MOOR_FILES_CHART, err);
    }
    return status;
}

/* Searches the directory `at`, whose own identity is in it. */
static int expand(struct moor_files *files, const struct moor_files_waiting *at,
                  struct moor_error *err)
{
    struct dirent **names = NULL;
    int count = scandir(at->path, &names, skip_dots, by_name_backwards);
    if (count < 0) {
        return moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot search '%s': %s",
                              moor_file_shown(at->path).text, strerrordesc_np(errno));
    }
    int status = push_names(files, at, names, count, err);
    for (int i = 0; i < count; i++) {
        free(names[i]);
    }
    free((void *)names);
    return status;
}

/* An operand can be the `templates` folder of a chart, which means the chart. */
static bool is_templates(const struct moor_files_waiting *next)
{
    return is_called(next->path, strlen(next->path), "templates") &&
           exists_above(next->path, "/..", "/Chart.yaml");
}

static int visit_templates(struct moor_files *files, const char *path, struct moor_error *err)
{
    size_t len = strlen(path);
    while (len > 0 && path[len - 1] == '/') {
        len--;
    }
    len -= strlen("templates");
    files->found++;
    char *chart = len > 1 ? strndup(path, len - 1) : strdup(len == 1 ? "/" : ".");
    return push(files, (struct moor_files_waiting){.path = chart, .type = MOOR_FILES_CHART}, err);
}

static int visit_directory(struct moor_files *files, const struct moor_files_waiting *next,
                           const struct stat *found, struct moor_error *err)
{
    struct moor_files_waiting at = *next;
    int is_new = mark_seen(files, found->st_dev, found->st_ino, "", err);
    files->found += is_new == 0; /* Its files were returned before, so the search is not empty. */
    if (is_new <= 0) {
        return is_new;
    }
    at.device = found->st_dev;
    at.inode = found->st_ino;
    if (next->is_operand) {
        files->searched = strdup(next->path);
        files->found = 0;
    }
    if (next->is_operand && is_templates(next)) {
        return visit_templates(files, next->path, err);
    }
    return expand(files, &at, err);
}

/*
 * Ends the search of a directory operand.  Returns -1 if the directory contains no file to
 * evaluate: a wrong path in CI must fail rather than pass with zero images.
 */
static int end_search(struct moor_files *files, struct moor_files_item *out, struct moor_error *err)
{
    if (files->searched == NULL) {
        return 0;
    }
    free(files->current);
    files->current = files->searched;
    files->searched = NULL;
    out->path = files->current;
    return files->found > 0 ? 0
                            : moor_error_set(err, MOOR_ERROR_VALUE,
                                             "directory '%s' contains no file to evaluate (*.yaml, "
                                             "*.yml, *.json, and the formats of --include)",
                                             moor_file_shown(out->path).text);
}

/* Finds the directory of an operand, which is the path up to its last slash. */
static int stat_directory(struct stat *out, const char *path, size_t len)
{
    char *directory = len > 0 ? strndup(path, len) : strdup(".");
    int status = directory != NULL ? stat(directory, out) : -1;
    free(directory);
    return status;
}

/*
 * Returns 1 if the file is new, and 0 if it was returned before.  An operand whose directory is
 * unreadable counts as new: reading the file then reports the error.
 */
static int visit_file(struct moor_files *files, const struct moor_files_waiting *next,
                      struct moor_error *err)
{
    const char *slash = strrchr(next->path, '/');
    const char *name = slash != NULL ? slash + 1 : next->path;
    struct stat directory = {.st_dev = next->device, .st_ino = next->inode};
    if (next->is_operand &&
        stat_directory(&directory, next->path, (size_t)(name - next->path)) != 0) {
        return 1;
    }
    return mark_seen(files, directory.st_dev, directory.st_ino, name, err);
}

/* Returns whether a file that was found in a directory is evaluated. */
static bool is_wanted(const struct moor_files *files, const char *path)
{
    static const char *const endings[] = {".yaml", ".yml", ".json"};
    size_t len = strlen(path);
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(endings); i++) {
        size_t ending = strlen(endings[i]);
        if (len > ending && strcmp(path + len - ending, endings[i]) == 0) {
            return true;
        }
    }
    return moor_input_is_named(files->formats, moor_slice_from(path));
}

/*
 * Finds the rule that excludes an operand, and the rules of the folders above it.  A file that the
 * user named is excluded only if this is forced.
 */
static int find_above(struct moor_files *files, struct moor_files_waiting *next, bool is_folder,
                      const struct moor_ignore_rule **rule, struct moor_error *err)
{
    struct moor_selection_operand operand = {
        .path = next->path, .is_folder = is_folder, .is_forced = files->forces_excludes};
    if (!is_folder && !files->forces_excludes) {
        return 0;
    }
    if (moor_selection_enter_above(&files->selection, &operand, err) != 0) {
        return -1;
    }
    next->folder = operand.folder;
    *rule = operand.excluded;
    return 0;
}

/* Finds the rule that excludes a path, or NULL.  Paths that would not be returned do not count. */
static int find_rule(struct moor_files *files, struct moor_files_waiting *next, bool is_folder,
                     const struct moor_ignore_rule **rule, struct moor_error *err)
{
    *rule = NULL;
    if (next->is_operand) {
        return find_above(files, next, is_folder, rule, err);
    }
    if (is_folder || is_wanted(files, next->path) ||
        moor_input_named(moor_slice_from(next->path)) != 0) {
        *rule = moor_selection_find(&files->selection, next->folder, next->path, is_folder);
    }
    return 0;
}

static int fail_open(const struct moor_files *files, const struct moor_files_waiting *next,
                     struct moor_error *err)
{
    int why = errno;
    /* A dangling link matters only if its name would have been evaluated. */
    bool is_given = next->is_operand || is_wanted(files, next->path);
    return is_given ? moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot open '%s': %s",
                                     moor_file_shown(next->path).text, strerrordesc_np(why))
                    : 0;
}

static int visit_regular(struct moor_files *files, const struct moor_files_waiting *next,
                         const struct stat *found, struct moor_files_item *out,
                         struct moor_error *err)
{
    if (!next->is_operand && !is_wanted(files, next->path)) {
        out->type = MOOR_FILES_UNREAD;
        return S_ISREG(found->st_mode) && moor_input_named(moor_slice_from(next->path)) != 0;
    }
    files->found++;
    return next->is_operand || S_ISREG(found->st_mode)
               ? visit_file(files, next, err)
               : moor_error_set(err, MOOR_ERROR_VALUE, "'%s' is not a regular file",
                                moor_file_shown(next->path).text);
}

/* Returns whether an operand is a file of a chart or of its folder `ci`, as in pre-commit hooks. */
static bool is_beside_chart(const struct moor_files_waiting *next)
{
    const char *slash = strrchr(next->path, '/');
    char *directory = NULL;
    if (!next->is_operand || strcmp(next->path, "-") == 0) {
        return false;
    }
    directory =
        slash != NULL ? strndup(next->path, (size_t)(slash - next->path) + 1) : strdup("./");
    bool is_beside = directory != NULL && (exists_above(directory, "", "Chart.yaml") ||
                                           exists_above(directory, "../", "Chart.yaml"));
    free(directory);
    return is_beside;
}

/* Returns 1 if the path is to be returned, 0 if there is nothing to do, and -1 on an error. */
static int visit(struct moor_files *files, struct moor_files_waiting *next,
                 struct moor_files_item *out, struct moor_error *err)
{
    struct stat found;
    if (next->type != MOOR_FILES_FILE) {
        return 1;
    }
    if (next->is_operand && strcmp(next->path, "-") == 0) {
        return mark_seen(files, 0, 0, "-", err);
    }
    bool is_found = stat(next->path, &found) == 0;
    int why = errno;
    bool is_folder = is_found && S_ISDIR(found.st_mode);
    const struct moor_ignore_rule *rule = NULL;
    if (find_rule(files, next, is_folder, &rule, err) != 0) {
        return -1;
    }
    if (rule != NULL) {
        out->type = MOOR_FILES_EXCLUDED;
        out->rule = rule->text;
        return 1;
    }
    errno = why;
    return !is_found   ? fail_open(files, next, err)
           : is_folder ? visit_directory(files, next, &found, err)
                       : visit_regular(files, next, &found, out, err);
}

int moor_files_next(struct moor_files *files, struct moor_files_item *out, struct moor_error *err)
{
    *out = (struct moor_files_item){0};
    while (files->count > 0) {
        bool is_operand = files->waiting[files->count - 1].is_operand;
        if (is_operand && end_search(files, out, err) != 0) {
            return -1;
        }
        struct moor_files_waiting next = files->waiting[--files->count];
        free(files->current);
        files->current = next.path;
        *out = (struct moor_files_item){.type = next.type,
                                        .path = next.path,
                                        .is_operand = next.is_operand,
                                        .is_in_chart = next.is_in_chart || is_beside_chart(&next)};
        int status = visit(files, &next, out, err);
        if (status != 0) {
            return status;
        }
    }
    return end_search(files, out, err);
}
