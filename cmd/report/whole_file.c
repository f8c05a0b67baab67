/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/report/whole_file.h"

static int fail(const struct moor_whole_file *file, struct moor_error *err)
{
    return moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot write '%s': %s", file->path,
                          strerrordesc_np(errno));
}

/* Of the file that was there, or as a new one has them. */
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

/* The file beside; NULL where there can be none. */
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

int moor_whole_file_begin(struct moor_whole_file *file, const char *path, struct moor_error *err)
{
    *file = (struct moor_whole_file){.path = path};
    file->target = realpath(path, NULL); /* behind links, so that they stay */
    file->target = file->target != NULL ? file->target : strdup(path);
    if (file->target != NULL && !is_no_file(path)) {
        file->out = open_beside(file);
    }
    if (file->out == NULL) {
        file->out = fopen(path, "we");
    }
    if (file->out != NULL) {
        return 0;
    }
    (void)fail(file, err);
    free(file->target);
    return -1;
}

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
