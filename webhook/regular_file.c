/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "policy/base/array_size.h"
#include "webhook/regular_file.h"
#include "webhook/sandbox_files.h"

static int check_kind(const struct stat *status)
{
    return S_ISREG(status->st_mode) ? 0 : S_ISDIR(status->st_mode) ? EISDIR : ESPIPE;
}

/*
 * Opening a device can have effects, so the type is checked before opening, and again afterwards
 * because the path may have changed.  O_NONBLOCK keeps a FIFO from blocking in between.
 */
int moor_regular_file_open(int *fd, struct stat *status, const char *path)
{
    if (stat(path, status) != 0) {
        return errno;
    }
    int code = check_kind(status);
    if (code != 0) {
        return code;
    }
    int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (opened < 0) {
        return errno;
    }
    code = fstat(opened, status) != 0 ? errno : check_kind(status);
    if (code != 0) {
        (void)close(opened);
        return code;
    }
    *fd = opened;
    return 0;
}

/* Reads to the end instead of trusting the size, because a file may grow meanwhile. */
static int append_all(struct moor_buf *out, int fd)
{
    char chunk[16 * 1024];
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got == 0) {
            return 0;
        }
        if (got < 0 && errno != EINTR) {
            return errno;
        }
        size_t len = got > 0 ? (size_t)got : 0;
        if (len > out->max - out->len) {
            return EFBIG;
        }
        moor_buf_append(out, (struct moor_slice){chunk, len});
        if (out->failed) {
            return ENOMEM;
        }
    }
}

int moor_regular_file_read(struct moor_buf *out, const char *path)
{
    int fd = -1;
    struct stat status;
    int code = moor_regular_file_open(&fd, &status, path);
    if (code == 0) {
        code = append_all(out, fd);
        (void)close(fd);
    }
    return code;
}

/* Network file systems return some of these errors while a server is unreachable. */
bool moor_regular_file_is_transient(int code)
{
    static const int codes[] = {EMFILE,  ENFILE,    ENOMEM,    EIO,   ESTALE,    EINTR,   EAGAIN,
                                ENOBUFS, ETIMEDOUT, EREMOTEIO, EBUSY, EHOSTDOWN, ENETDOWN};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(codes); i++) {
        if (codes[i] == code) {
            return true;
        }
    }
    return false;
}

/* The kernel reports EACCES for the sandbox and for file permissions; the remedies differ. */
const char *moor_regular_file_explain(char why[MOOR_REGULAR_FILE_WHY_BYTES], int code,
                                      const char *path)
{
    const char *known = code == ESPIPE ? "not a regular file"
                        : code == EACCES && moor_sandbox_forbids(path)
                            ? "the sandbox allows only the directory that existed at startup: "
                              "restart the server, and replace files instead of their directory"
                            : strerrordesc_np(code);
    (void)snprintf(why, MOOR_REGULAR_FILE_WHY_BYTES, "%s", known);
    return why;
}
