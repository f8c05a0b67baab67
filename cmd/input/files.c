/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cmd/input/files.h"

#include <string.h>

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

/* Takes `path`, which is freed where there is no room. */
static int push(struct moor_files *files, char *path, bool is_operand, struct moor_error *err)
{
    if (path == NULL || !make_room(files)) {
        free(path);
        return fail_memory(err);
    }
    files->waiting[files->count++] = (struct moor_files_waiting){path, is_operand};
    return 0;
}

int moor_files_init(struct moor_files *out, char *const *operands, size_t count,
                    bool (*wants)(const void *context, const char *path), const void *context,
                    struct moor_error *err)
{
    *out = (struct moor_files){.wants = wants, .context = context};
    for (size_t i = count; i > 0; i--) {
        if (push(out, strdup(operands[i - 1]), true, err) != 0) {
            moor_files_release(out);
            return -1;
        }
    }
    return 0;
}

void moor_files_release(struct moor_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->waiting[i].path);
    }
    free(files->waiting);
    free(files->seen);
    free(files->current);
    *files = (struct moor_files){0};
}

/* Notes a directory; `*is_new` is false where it was searched before. */
static int mark_seen(struct moor_files *files, const struct stat *found, bool *is_new,
                     struct moor_error *err)
{
    *is_new = false;
    for (size_t i = 0; i < files->seen_count; i++) {
        if (files->seen[i].device == found->st_dev && files->seen[i].inode == found->st_ino) {
            return 0;
        }
    }
    if (files->seen_count == files->seen_room) {
        size_t room = files->seen_room == 0 ? 64 : files->seen_room * 2;
        struct moor_files_seen *grown = reallocarray(files->seen, room, sizeof *grown);
        if (grown == NULL) {
            return fail_memory(err);
        }
        files->seen = grown;
        files->seen_room = room;
    }
    files->seen[files->seen_count++] = (struct moor_files_seen){found->st_dev, found->st_ino};
    *is_new = true;
    return 0;
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

static int by_name_backwards(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*right)->d_name, (*left)->d_name);
}

static int expand(struct moor_files *files, const char *path, struct moor_error *err)
{
    struct dirent **names = NULL;
    int count = scandir(path, &names, skip_dots, by_name_backwards);
    if (count < 0) {
        return moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot search '%s': %s", path,
                              strerrordesc_np(errno));
    }
    int status = 0;
    for (int i = 0; i < count; i++) {
        if (status == 0) {
            status = push(files, join(path, names[i]->d_name), false, err);
        }
        free(names[i]);
    }
    free((void *)names);
    return status;
}

/* What is to be done with one path: 1 give it, 0 nothing more, -1 it cannot be read. */
static int visit(struct moor_files *files, const struct moor_files_waiting *next,
                 struct moor_error *err)
{
    struct stat found;
    bool is_new = false;
    if (next->is_operand && strcmp(next->path, "-") == 0) {
        return 1;
    }
    if (stat(next->path, &found) != 0) {
        bool is_wanted = next->is_operand || files->wants(files->context, next->path);
        return is_wanted ? moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot open '%s': %s",
                                          next->path, strerrordesc_np(errno))
                         : 0;
    }
    if (S_ISDIR(found.st_mode)) {
        return mark_seen(files, &found, &is_new, err) != 0 ? -1
               : is_new                                    ? expand(files, next->path, err)
                                                           : 0;
    }
    return next->is_operand || (S_ISREG(found.st_mode) && files->wants(files->context, next->path));
}

int moor_files_next(struct moor_files *files, const char **path, struct moor_error *err)
{
    while (files->count > 0) {
        struct moor_files_waiting next = files->waiting[--files->count];
        free(files->current);
        files->current = next.path;
        *path = next.path;
        int status = visit(files, &next, err);
        if (status != 0) {
            return status;
        }
    }
    return 0;
}
