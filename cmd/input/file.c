/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/file.h"
#include "policy/base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(struct moor_buf *out, int fd, const char *path, struct moor_error *err)
{
    char chunk[64 * 1024];
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got == 0) {
            return 0;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot read '%s': %s",
                                  moor_file_shown(path).text, strerrordesc_np(errno));
        }
        /* Checked before the append, so that the error names the limit and not the memory. */
        if ((size_t)got > out->max - out->len) {
            return moor_error_set(err, MOOR_ERROR_LIMIT, "'%s' is larger than %zu bytes",
                                  moor_file_shown(path).text, out->max);
        }
        moor_buf_append(out, (struct moor_slice){chunk, (size_t)got});
        if (out->failed) {
            return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory to read '%s'",
                                  moor_file_shown(path).text);
        }
    }
}

const char *moor_file_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

struct moor_file_shown moor_file_shown(const char *path)
{
    struct moor_file_shown shown;
    size_t len = strlen(path);
    size_t most = sizeof shown.text - 1;
    /* The end of a path is kept: it has the name of the file, while long beginnings are alike. */
    size_t kept = len > most ? most - 3 : len;
    /* A cut inside a character of UTF-8 would print a broken byte. */
    while (kept < len && moor_utf8_continues(path[len - kept])) {
        kept--;
    }
    (void)snprintf(shown.text, sizeof shown.text, "%s%s", kept < len ? "..." : "",
                   path + len - kept);
    return shown;
}

bool moor_file_is_regular(const char *path)
{
    /*
     * To open a FIFO would block, and to open a device could have an effect, so the caller asks
     * first.
     */
    struct stat found;
    return stat(path, &found) == 0 && S_ISREG(found.st_mode);
}

int moor_file_read(struct moor_buf *out, const char *path, struct moor_error *err)
{
    if (strcmp(path, "-") == 0) {
        return read_all(out, STDIN_FILENO, moor_file_name(path), err);
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    /*
     * The size of the file is not asked for: files of /proc and of process substitution have none,
     * and a file can grow while it is read.
     */
    if (fd < 0) {
        return moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot open '%s': %s",
                              moor_file_shown(path).text, strerrordesc_np(errno));
    }
    int status = read_all(out, fd, path, err);
    (void)close(fd);
    return status;
}
