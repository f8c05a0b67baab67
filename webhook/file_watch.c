/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#include "webhook/file_watch.h"
#include "webhook/regular_file.h"

/*
 * A file may change twice within the resolution of its times.  Therefore its content is read until
 * the times have been the same for this long.
 */
#define RACY_MS   2000
#define FORGOTTEN (-1) /* an error that differs from every content */

static bool is_same_time(struct timespec left, struct timespec right)
{
    return left.tv_sec == right.tv_sec && left.tv_nsec == right.tv_nsec;
}

static bool is_same_status(const struct stat *left, const struct stat *right)
{
    /*
     * The kubelet replaces the files of a volume by renaming a link, so that device and inode
     * change even if size and time do not.  A program can set `st_mtim`, but not `st_ctim`.
     */
    return left->st_dev == right->st_dev && left->st_ino == right->st_ino &&
           left->st_size == right->st_size && is_same_time(left->st_mtim, right->st_mtim) &&
           is_same_time(left->st_ctim, right->st_ctim);
}

static bool is_same_content(const struct moor_file_content *left,
                            const struct moor_file_content *right)
{
    return left->error == right->error && left->size == right->size &&
           memcmp(left->digest, right->digest, sizeof left->digest) == 0;
}

/* Returns 0 or an errno. */
static int read_digest(unsigned char digest[MOOR_FILE_WATCH_DIGEST_BYTES], EVP_MD_CTX *hash, int fd)
{
    char chunk[16 * 1024];
    size_t total = 0;
    if (hash == NULL || EVP_DigestInit_ex(hash, EVP_sha256(), NULL) != 1) {
        return ENOMEM;
    }
    while (total < MOOR_FILE_WATCH_MAX_BYTES) {
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno != EINTR) {
            return errno;
        }
        if (got == 0) {
            break;
        }
        total += got > 0 ? (size_t)got : 0;
        (void)EVP_DigestUpdate(hash, chunk, got > 0 ? (size_t)got : 0);
    }
    return EVP_DigestFinal_ex(hash, digest, NULL) == 1 ? 0 : ENOMEM;
}

/* The digest replaces the content, so that the private key is not kept in memory. */
static struct moor_file_content read_content(struct stat *status, const char *path)
{
    struct moor_file_content content = {0};
    int fd = -1;
    content.error = moor_regular_file_open(&fd, status, path);
    if (content.error != 0) {
        return content;
    }
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    content.error = read_digest(content.digest, hash, fd);
    EVP_MD_CTX_free(hash);
    (void)close(fd);
    if (content.error != 0) {
        return (struct moor_file_content){.error = content.error};
    }
    content.size = status->st_size;
    return content;
}

/*
 * Returns whether the content is known from an earlier read, so that unchanged files are not read
 * with each look.
 */
static bool is_known(const struct moor_file_watch *watch)
{
    struct stat status;
    return watch->seen.error == 0 && watch->read_ms >= watch->status_ms + RACY_MS &&
           stat(watch->path, &status) == 0 && is_same_status(&status, &watch->status);
}

/* Reads the file.  Returns false after a temporary failure, from which nothing follows. */
static bool see(struct moor_file_watch *watch, uint64_t now_ms)
{
    struct stat status = {0};
    struct moor_file_content now = read_content(&status, watch->path);
    watch->trouble = moor_regular_file_is_transient(now.error) ? now.error : 0;
    if (watch->trouble != 0) {
        return false;
    }
    if (!is_same_status(&status, &watch->status)) {
        watch->status = status;
        watch->status_ms = now_ms;
    }
    if (!is_same_content(&now, &watch->seen)) {
        watch->seen = now;
        watch->seen_ms = now_ms;
    }
    watch->read_ms = now_ms;
    return true;
}

void moor_file_watch_init(struct moor_file_watch *out, const char *path, uint64_t now_ms)
{
    *out = (struct moor_file_watch){.path = path,
                                    .taken = {.error = FORGOTTEN},
                                    .seen = {.error = FORGOTTEN},
                                    .seen_ms = now_ms,
                                    .status_ms = now_ms};
    if (see(out, now_ms)) {
        out->taken = out->seen;
    }
}

enum moor_file_change moor_file_watch_look(struct moor_file_watch *watch, uint64_t now_ms,
                                           bool reread)
{
    if ((reread || !is_known(watch)) && !see(watch, now_ms)) {
        return MOOR_FILE_UNSETTLED;
    }
    if (is_same_content(&watch->seen, &watch->taken)) {
        return MOOR_FILE_SAME;
    }
    if (now_ms < watch->seen_ms + MOOR_FILE_WATCH_SETTLE_MS) {
        return MOOR_FILE_UNSETTLED;
    }
    watch->taken = watch->seen;
    return MOOR_FILE_CHANGED;
}

void moor_file_watch_forget(struct moor_file_watch *watch)
{
    watch->taken = (struct moor_file_content){.error = FORGOTTEN};
}

/* The file may change between the look and its load, so the loaded text is compared. */
bool moor_file_watch_is_taken(const struct moor_file_watch *watch, struct moor_slice text)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    return EVP_Digest(text.len > 0 ? text.ptr : "", text.len, digest, &len, EVP_sha256(), NULL) ==
               1 &&
           watch->taken.error == 0 &&
           memcmp(digest, watch->taken.digest, sizeof watch->taken.digest) == 0;
}
