/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

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

/*
 * Takes ownership of `path`, and frees `path` on failure.  `directory` contains the path;
 * NULL means that the path is an operand.
 */
static int push(struct moor_files *files, char *path, const struct stat *directory,
                struct moor_error *err)
{
    if (path == NULL || !make_room(files)) {
        free(path);
        return fail_memory(err);
    }
    files->waiting[files->count++] = (struct moor_files_waiting){
        .path = path,
        .is_operand = directory == NULL,
        .device = directory != NULL ? directory->st_dev : 0,
        .inode = directory != NULL ? directory->st_ino : 0,
    };
    return 0;
}

int moor_files_init(struct moor_files *out, char *const *operands, size_t count, unsigned formats,
                    struct moor_error *err)
{
    *out = (struct moor_files){.formats = formats};
    /* The list is a stack: the first operand must be on top. */
    for (size_t i = count; i > 0; i--) {
        if (push(out, strdup(operands[i - 1]), NULL, err) != 0) {
            moor_files_release(out);
            return -1;
        }
    }
    return 0;
}

/* The list `marks` owns the nodes, so tdestroy() must not free them. */
static void keep(void *mark)
{
    (void)mark;
}

void moor_files_release(struct moor_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->waiting[i].path);
    }
    free(files->waiting);
    tdestroy(files->tree, keep);
    while (files->marks != NULL) {
        struct moor_files_seen *mark = files->marks;
        files->marks = mark->next;
        free(mark);
    }
    free(files->current);
    free(files->searched);
    *files = (struct moor_files){0};
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

static int expand(struct moor_files *files, const char *path, const struct stat *directory,
                  struct moor_error *err)
{
    struct dirent **names = NULL;
    int count = scandir(path, &names, skip_dots, by_name_backwards);
    if (count < 0) {
        return moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot search '%s': %s",
                              moor_file_shown(path).text, strerrordesc_np(errno));
    }
    int status = 0;
    for (int i = 0; i < count; i++) {
        if (status == 0) {
            status = push(files, join(path, names[i]->d_name), directory, err);
        }
        free(names[i]);
    }
    free((void *)names);
    return status;
}

static int visit_directory(struct moor_files *files, const struct moor_files_waiting *next,
                           const struct stat *found, struct moor_error *err)
{
    int is_new = mark_seen(files, found->st_dev, found->st_ino, "", err);
    files->found += is_new == 0; /* Its files were returned before, so the search is not empty. */
    if (is_new <= 0) {
        return is_new;
    }
    if (next->is_operand) {
        files->searched = strdup(next->path);
        files->found = 0;
    }
    return expand(files, next->path, found, err);
}

/*
 * Ends the search of a directory operand.  Returns -1 if the directory contains no file to
 * evaluate: a wrong path in CI must fail rather than pass with zero images.
 */
static int end_search(struct moor_files *files, const char **path, struct moor_error *err)
{
    if (files->searched == NULL) {
        return 0;
    }
    free(files->current);
    files->current = files->searched;
    files->searched = NULL;
    *path = files->current;
    return files->found > 0 ? 0
                            : moor_error_set(err, MOOR_ERROR_VALUE,
                                             "directory '%s' contains no file to evaluate (*.yaml, "
                                             "*.yml, *.json, and the formats of --include)",
                                             moor_file_shown(*path).text);
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

/* Returns 1 if the path is to be returned, 0 if there is nothing to do, and -1 on an error. */
static int visit(struct moor_files *files, const struct moor_files_waiting *next,
                 struct moor_error *err)
{
    struct stat found;
    if (next->is_operand && strcmp(next->path, "-") == 0) {
        return mark_seen(files, 0, 0, "-", err);
    }
    if (stat(next->path, &found) != 0) {
        /* A dangling link matters only if its name would have been evaluated. */
        bool is_given = next->is_operand || is_wanted(files, next->path);
        return is_given ? moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot open '%s': %s",
                                         moor_file_shown(next->path).text, strerrordesc_np(errno))
                        : 0;
    }
    if (S_ISDIR(found.st_mode)) {
        return visit_directory(files, next, &found, err);
    }
    if (!next->is_operand && !is_wanted(files, next->path)) {
        return 0;
    }
    files->found++;
    return next->is_operand || S_ISREG(found.st_mode)
               ? visit_file(files, next, err)
               : moor_error_set(err, MOOR_ERROR_VALUE, "'%s' is not a regular file",
                                moor_file_shown(next->path).text);
}

int moor_files_next(struct moor_files *files, const char **path, struct moor_error *err)
{
    while (files->count > 0) {
        bool is_operand = files->waiting[files->count - 1].is_operand;
        if (is_operand && end_search(files, path, err) != 0) {
            return -1;
        }
        struct moor_files_waiting next = files->waiting[--files->count];
        free(files->current);
        files->current = next.path;
        *path = next.path;
        int status = visit(files, &next, err);
        if (status != 0) {
            return status;
        }
    }
    return end_search(files, path, err);
}
