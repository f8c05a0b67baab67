/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/report/whole_file.h"

#define MAX_LINKS 40 /* limit of the Linux kernel */

static int fail(const struct moor_whole_file *file, struct moor_error *err)
{
    return moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot write '%s': %s", file->path,
                          strerrordesc_np(errno));
}

/* Returns the mode of the file that is replaced, or the mode of a new file. */
static mode_t rights_of(const char *target)
{
    struct stat status;
    if (stat(target, &status) == 0) {
        return status.st_mode & 0777;
    }
    mode_t mask = umask(0);
    (void)umask(mask);
    return 0666 & ~mask;
}

/* Creates the temporary file.  Returns NULL if the directory permits none. */
static FILE *open_beside(struct moor_whole_file *file)
{
    if (asprintf(&file->beside, "%s.XXXXXX", file->target) < 0) {
        file->beside = NULL;
        return NULL;
    }
    int fd = mkostemp(file->beside, O_CLOEXEC);
    FILE *out = fd >= 0 && fchmod(fd, rights_of(file->target)) == 0 ? fdopen(fd, "w") : NULL;
    if (out == NULL) {
        if (fd >= 0) {
            (void)close(fd);
            (void)unlink(file->beside);
        }
        free(file->beside);
        file->beside = NULL;
    }
    return out;
}

static bool is_no_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/* --- links ------------------------------------------------------------------------------------ */

/* Returns `/tmp/` for `/tmp/report` and an empty text for `report`; false if it is too long. */
static bool find_directory(char directory[PATH_MAX], const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    if (len >= PATH_MAX) {
        return false;
    }
    memcpy(directory, path, len);
    directory[len] = '\0';
    return true;
}

/*
 * Returns whether another user could choose the file that is overwritten through this link.  The
 * link is then in a directory where every user can create links, such as /tmp, and belongs neither
 * to this user nor to the owner of the directory.  With fs.protected_symlinks, the kernel rejects
 * such links too, but only if it follows them itself.
 */
static bool is_foreign(const struct stat *link, const char *directory)
{
    struct stat status;
    return stat(directory[0] != '\0' ? directory : ".", &status) == 0 &&
           (status.st_mode & S_ISVTX) != 0 && (status.st_mode & S_IWOTH) != 0 &&
           link->st_uid != geteuid() && link->st_uid != status.st_uid;
}

/* Replaces `*path` by the target of the link. */
static int follow(char **path, const struct stat *link)
{
    char text[PATH_MAX];
    char directory[PATH_MAX];
    char *next = NULL;
    if (!find_directory(directory, *path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (is_foreign(link, directory)) {
        errno = EACCES;
        return -1;
    }
    ssize_t len = readlink(*path, text, sizeof text);
    if (len < 0 || len == sizeof text) {
        errno = len < 0 ? errno : ENAMETOOLONG;
        return -1;
    }
    if (asprintf(&next, "%s%.*s", text[0] == '/' ? "" : directory, (int)len, text) < 0) {
        return -1;
    }
    free(*path);
    *path = next;
    return 0;
}

/* Follows links at the end of the path: a rename onto a link would replace the link. */
static int find_target(struct moor_whole_file *file)
{
    struct stat status;
    file->target = strdup(file->path);
    if (file->target == NULL) {
        return -1;
    }
    for (int links = 0; lstat(file->target, &status) == 0 && S_ISLNK(status.st_mode); links++) {
        if (links == MAX_LINKS) {
            errno = ELOOP;
            return -1;
        }
        if (follow(&file->target, &status) != 0) {
            return -1;
        }
    }
    return 0;
}

/* --- beginning and end ------------------------------------------------------------------------ */

static FILE *open_itself(const char *path, int flags)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY | flags, 0666);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (fd >= 0 && out == NULL) {
        (void)close(fd);
    }
    return out;
}

/* A directory that permits no new file may still permit writing to the existing one. */
int moor_whole_file_begin(struct moor_whole_file *file, const char *path, struct moor_error *err)
{
    *file = (struct moor_whole_file){.path = path};
    if (find_target(file) == 0) {
        bool is_special = is_no_file(path);
        file->out = is_special ? open_itself(path, 0) : open_beside(file);
        if (file->out == NULL && !is_special) {
            file->out = open_itself(file->target, O_CREAT | O_NOFOLLOW);
        }
    }
    if (file->out != NULL) {
        return 0;
    }
    (void)fail(file, err);
    free(file->target);
    return -1;
}

/* A full disk may be reported only by the close, so its result decides too. */
int moor_whole_file_end(struct moor_whole_file *file, bool keep, struct moor_error *err)
{
    bool is_written = ferror(file->out) == 0;
    is_written = fclose(file->out) == 0 && is_written;
    if (is_written && keep && file->beside != NULL) {
        is_written = rename(file->beside, file->target) == 0;
    }
    int status = is_written ? 0 : fail(file, err);
    if (file->beside != NULL && !(is_written && keep)) {
        (void)unlink(file->beside);
    }
    free(file->beside);
    free(file->target);
    return status;
}
