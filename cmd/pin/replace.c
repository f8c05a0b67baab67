/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/pin/replace.h"

#include "cmd/input/file.h"
#include "policy/base/buf.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct context {
    char *target; /* the path with all links resolved */
    char *beside; /* the temporary file */
    struct stat status;
    struct moor_error *err;
};

static int fail(const struct context *context, const char *why)
{
    return moor_error_set(context->err, MOOR_ERROR_SYSTEM, "cannot replace the file: %s", why);
}

static int fail_system(const struct context *context)
{
    return fail(context, strerrordesc_np(errno));
}

/* --- the file --------------------------------------------------------------------------------- */

static bool has_bytes(const char *path, struct moor_slice bytes)
{
    struct moor_error ignored = {0};
    struct moor_buf found;
    /*
     * One byte more than expected is enough to notice that the file has grown, and bounds the read.
     */
    moor_buf_init(&found, bytes.len + 1);
    bool is_same = moor_file_read(&found, path, &ignored) == 0 &&
                   moor_slice_equal(moor_buf_slice(&found), bytes);
    moor_buf_release(&found);
    return is_same;
}

/* Another user could read what a file with other links means, so those links are not cut. */
static int check_file(struct context *context, struct moor_slice before)
{
    if (stat(context->target, &context->status) != 0) {
        return fail_system(context);
    }
    /* A rename over a device or a FIFO would replace it with a regular file. */
    if (!S_ISREG(context->status.st_mode)) {
        return fail(context, "it is not a regular file");
    }
    /*
     * A rename needs rights on the directory only, so that it would also replace a file that its
     * owner protects.  Root passes each access check, hence the mode bits.
     */
    if ((context->status.st_mode & 0222) == 0 ||
        faccessat(AT_FDCWD, context->target, W_OK, AT_EACCESS) != 0) {
        return fail(context, "the file is read-only");
    }
    if (context->status.st_nlink > 1) {
        return fail(context, "the file has other hard links, which would keep the old content");
    }
    return has_bytes(context->target, before) ? 0
                                              : fail(context, "it was changed since it was read");
}

static bool is_same_time(struct timespec left, struct timespec right)
{
    return left.tv_sec == right.tv_sec && left.tv_nsec == right.tv_nsec;
}

/* Returns whether nothing has happened to the file since check_file(). */
static bool is_unchanged(const struct context *context)
{
    struct stat now;
    const struct stat *then = &context->status;
    /*
     * The change time detects what the other fields miss: a program can restore the size and the
     * modification time of a file, but not its change time.
     */
    return stat(context->target, &now) == 0 && now.st_dev == then->st_dev &&
           now.st_ino == then->st_ino && now.st_size == then->st_size &&
           is_same_time(now.st_mtim, then->st_mtim) && is_same_time(now.st_ctim, then->st_ctim);
}

/* --- the temporary file ----------------------------------------------------------------------- */

static bool write_all(int fd, struct moor_slice bytes)
{
    while (bytes.len > 0) {
        ssize_t written = write(fd, bytes.ptr, bytes.len);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes = moor_slice_sub(bytes, (size_t)written, bytes.len);
    }
    return true;
}

/* Only root may give a file to its owner.  The mode comes last, because chown() clears bits. */
static bool take_rights(int fd, const struct stat *status)
{
    struct stat own;
    if (fstat(fd, &own) == 0 && (own.st_uid != status->st_uid || own.st_gid != status->st_gid) &&
        fchown(fd, status->st_uid, status->st_gid) != 0 &&
        fchown(fd, (uid_t)-1, status->st_gid) != 0 && errno != EPERM) {
        return false;
    }
    return fchmod(fd, status->st_mode & 0777) == 0;
}

static int write_beside(struct context *context, struct moor_slice after)
{
    /*
     * The temporary file is in the directory of the target, because rename() works only inside one
     * file system.
     */
    int fd = mkostemp(context->beside, O_CLOEXEC);
    if (fd < 0) {
        return fail_system(context);
    }
    /*
     * Without fsync(), a crash after the rename could leave an empty file in place of the old one.
     */
    bool is_written = take_rights(fd, &context->status) && write_all(fd, after) && fsync(fd) == 0;
    int status = is_written ? 0 : fail_system(context);
    /* Network file systems can report a full disk as late as at close(). */
    if (close(fd) != 0 && status == 0) {
        status = fail_system(context);
    }
    /*
     * As late as possible: an edit between this check and the rename is lost, because no system
     * call compares and renames at once.
     */
    if (status == 0 && !is_unchanged(context)) {
        status = fail(context, "it was changed since it was read");
    }
    if (status == 0 && rename(context->beside, context->target) != 0) {
        status = fail_system(context);
    }
    if (status != 0) {
        (void)unlink(context->beside);
    }
    return status;
}

int moor_pin_replace(const char *path, struct moor_slice before, struct moor_slice after,
                     struct moor_error *err)
{
    struct context context = {.err = err};
    /*
     * A rename over a symbolic link would turn the link into a file and leave its target unpinned.
     */
    context.target = realpath(path, NULL);
    if (context.target == NULL) {
        return fail_system(&context);
    }
    int status = check_file(&context, before);
    if (status == 0) {
        bool has_name = asprintf(&context.beside, "%s.XXXXXX", context.target) >= 0;
        context.beside = has_name ? context.beside : NULL;
        status =
            context.beside != NULL ? write_beside(&context, after) : fail(&context, "no memory");
    }
    free(context.beside);
    free(context.target);
    return status;
}
