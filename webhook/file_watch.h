/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file_watch - detects that the content of a file has changed, by any method of replacement.
 *
 * A file may be replaced by renaming, rewritten in place, or reached through symbolic links that
 * are swapped (the kubelet's `..data`).  Each look reads the file at the end of the path, unless
 * device, inode, size and times are the same as in an earlier read.  Polling detects every kind of
 * replacement; inotify watches an inode and misses most of them.
 *
 * A change is reported after two looks have found the same content, MOOR_FILE_WATCH_SETTLE_MS or
 * more apart, because a file may be written in pieces.
 *
 * Threads:  one watch, one thread at a time.
 * Memory:   the path is borrowed; only a digest of the content is kept.
 * Limits:   only the first MOOR_FILE_WATCH_MAX_BYTES and the size of a file are compared; times
 *           are milliseconds of the monotonic clock.
 */
#ifndef MOOR_WEBHOOK_FILE_WATCH_H
#define MOOR_WEBHOOK_FILE_WATCH_H

#include "policy/base/slice.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#define MOOR_FILE_WATCH_MAX_BYTES    ((size_t)2 << 20)
#define MOOR_FILE_WATCH_SETTLE_MS    1500
#define MOOR_FILE_WATCH_DIGEST_BYTES 32

/* Result of a look. */
enum moor_file_change {
    MOOR_FILE_SAME,
    MOOR_FILE_CHANGED,  /* changed since the last report */
    MOOR_FILE_UNSETTLED /* it differs, or cannot be read at the moment */
};

/* Content of a file as a look found it. */
struct moor_file_content {
    int error;                                          /* errno if it cannot be read, else 0 */
    unsigned char digest[MOOR_FILE_WATCH_DIGEST_BYTES]; /* SHA-256; zero with an error */
    off_t size;
};

struct moor_file_watch {
    const char *path;
    struct moor_file_content taken; /* last reported content */
    struct moor_file_content seen;  /* content of the last look */
    uint64_t seen_ms;               /* first look with this content */
    struct stat status;             /* status in the last look; all zero without a file */
    uint64_t status_ms;             /* first look with this status */
    uint64_t read_ms;               /* time of the last read */
    int trouble;                    /* errno of a temporary failure in the last look, else 0 */
};

/* Records the current state of the file.  Call it before the file is loaded. */
void moor_file_watch_init(struct moor_file_watch *out, const char *path, uint64_t now_ms);

/*
 * Looks at the file.  A file that cannot be read is a state like any other, unless the failure is
 * temporary.  With `reread`, the content is read even if the times of the file are unchanged.
 */
enum moor_file_change moor_file_watch_look(struct moor_file_watch *watch, uint64_t now_ms,
                                           bool reread);

/* Makes the next look report the change again, because it could not be loaded. */
void moor_file_watch_forget(struct moor_file_watch *watch);

/* Returns whether `text` is the content of the last reported change. */
bool moor_file_watch_is_taken(const struct moor_file_watch *watch, struct moor_slice text);

#endif
