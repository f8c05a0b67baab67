/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file_watch - notices that the content of a file has changed, however that was done.
 *
 * A file may be replaced by renaming, rewritten in place, or be reached through symbolic links of
 * which one is swapped (the kubelet's `..data`).  Each look reads what the path leads to, unless
 * device, inode, size and times are those of a look that read it before.  Polling sees every kind
 * of replacement; inotify would lose sight of the file with each of these but one.
 *
 * A change is reported once the content was the same in two looks that are
 * MOOR_FILE_WATCH_SETTLE_MS or more apart: a file may be written in pieces.
 *
 * Threads:  one watch, one thread at a time.
 * Memory:   the path is borrowed; a digest is kept of the content.
 * Limits:   of a file beyond MOOR_FILE_WATCH_MAX_BYTES only its beginning and its size are
 * compared. All times are milliseconds of the monotonic clock.
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

enum moor_file_change {
    MOOR_FILE_SAME,
    MOOR_FILE_CHANGED,  /* since the last look that reported it */
    MOOR_FILE_UNSETTLED /* it differs, or could not be read for want of something: look again soon
                         */
};

/* What a look finds. */
struct moor_file_content {
    int error; /* errno: why it cannot be read; 0: it can */
    unsigned char
        digest[MOOR_FILE_WATCH_DIGEST_BYTES]; /* SHA-256 of the bytes; zero with an error */
    off_t size;
};

struct moor_file_watch {
    const char *path;
    struct moor_file_content taken; /* reported last */
    struct moor_file_content seen;  /* in the last look */
    uint64_t seen_ms;               /* when it was seen first */
    struct stat status;             /* in the last look; all zero without a file */
    uint64_t status_ms;             /* when it was seen first */
    uint64_t read_ms;               /* when the content was read last */
    int trouble; /* errno: why the last look could not read it although another may; else 0 */
};

/* Notes the file as it is now: do it before the file is loaded. */
void moor_file_watch_init(struct moor_file_watch *out, const char *path, uint64_t now_ms);

/*
 * Looks at the file.  A file that cannot be read is a state like any other, unless another try may
 * succeed.  With `reread` the content is read whatever the file's times are.
 */
enum moor_file_change moor_file_watch_look(struct moor_file_watch *watch, uint64_t now_ms,
                                           bool reread);

/* Makes the next look report the change again: what it reported could not be loaded yet. */
void moor_file_watch_forget(struct moor_file_watch *watch);

/* Whether `text` is the content of the change that was reported last. */
bool moor_file_watch_is_taken(const struct moor_file_watch *watch, struct moor_slice text);

#endif
