/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "webhook/file_watch.h"

#define SETTLED_MS 300  /* an editor or `cp` is done with a file by then, or writes again */
#define RACY_MS    2000 /* a file changed so shortly before a look may change again unseen */

static int64_t ms_of(struct timespec time)
{
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static bool is_same_time(struct timespec left, struct timespec right)
{
    return left.tv_sec == right.tv_sec && left.tv_nsec == right.tv_nsec;
}

static bool is_same_status(const struct stat *left, const struct stat *right)
{
    return left->st_dev == right->st_dev && left->st_ino == right->st_ino &&
           left->st_size == right->st_size && is_same_time(left->st_mtim, right->st_mtim) &&
           is_same_time(left->st_ctim, right->st_ctim);
}

static void read_digest(EVP_MD_CTX *hash, int fd)
{
    char chunk[16 * 1024];
    size_t total = 0;
    ssize_t got = 0;
    while (total < MOOR_FILE_WATCH_MAX_BYTES && (got = read(fd, chunk, sizeof chunk)) > 0) {
        (void)EVP_DigestUpdate(hash, chunk, (size_t)got);
        total += (size_t)got;
    }
}

/* All zero where the file is none that can be read twice: a pipe, a folder, a missing one. */
static void digest_file(unsigned char digest[32], const char *path)
{
    memset(digest, 0, 32);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return;
    }
    struct stat status;
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    if (hash != NULL && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
        EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1) {
        (void)EVP_DigestUpdate(hash, &status.st_size, sizeof status.st_size);
        read_digest(hash, fd);
        (void)EVP_DigestFinal_ex(hash, digest, NULL);
    }
    EVP_MD_CTX_free(hash);
    (void)close(fd);
}

static void look_up(struct stat *out, const char *path)
{
    memset(out, 0, sizeof *out);
    if (stat(path, out) != 0) {
        memset(out, 0, sizeof *out);
    }
}

void moor_file_watch_init(struct moor_file_watch *out, const char *path)
{
    memset(out, 0, sizeof *out);
    out->path = path;
    look_up(&out->status, path);
    (void)clock_gettime(CLOCK_REALTIME, &out->noted_at);
    digest_file(out->digest, path);
}

/* The age of the last change; a file from the future is as good as an old one. */
static bool is_settled(const struct stat *status, struct timespec now)
{
    int64_t age_ms = ms_of(now) - ms_of(status->st_mtim);
    return age_ms < 0 || age_ms >= SETTLED_MS;
}

enum moor_file_change moor_file_watch_look(struct moor_file_watch *watch, bool at_once)
{
    struct stat status;
    struct timespec now;
    look_up(&status, watch->path);
    (void)clock_gettime(CLOCK_REALTIME, &now);
    bool racy = ms_of(watch->noted_at) - ms_of(watch->status.st_ctim) < RACY_MS;
    if (is_same_status(&status, &watch->status) && !racy && !at_once) {
        return MOOR_FILE_SAME;
    }
    if (!at_once && !is_settled(&status, now)) {
        return MOOR_FILE_UNSETTLED;
    }
    struct moor_file_watch seen = {.path = watch->path, .status = status, .noted_at = now};
    digest_file(seen.digest, watch->path);
    bool same = memcmp(seen.digest, watch->digest, sizeof seen.digest) == 0;
    *watch = seen;
    return same ? MOOR_FILE_SAME : MOOR_FILE_CHANGED;
}
