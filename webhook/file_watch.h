/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file_watch - notices that the content of a file has changed, however that was done.
 *
 * A file may be replaced by renaming, rewritten in place, or stand behind symbolic links of which
 * one is swapped (the kubelet's `..data`): what the path leads to is looked at, by device, inode,
 * size and times, and where these differ by content.  Polling sees all of it; inotify would lose
 * sight of the file with each of these but one.
 *
 * Threads:  one watch, one thread at a time.
 * Memory:   the path is borrowed; a digest is kept of the content.
 * Limits:   of a file beyond MOOR_FILE_WATCH_MAX_BYTES only these are compared, and its size.
 */
#ifndef MOOR_WEBHOOK_FILE_WATCH_H
#define MOOR_WEBHOOK_FILE_WATCH_H

#include "policy/base/error.h"

#include <stdbool.h>
#include <sys/stat.h>

#define MOOR_FILE_WATCH_MAX_BYTES ((size_t)2 << 20)

enum moor_file_change {
    MOOR_FILE_SAME,
    MOOR_FILE_CHANGED,  /* since the last look that noted it */
    MOOR_FILE_UNSETTLED /* written to a moment ago: look again soon */
};

struct moor_file_watch {
    const char *path;
    struct stat status;       /* of the last look; all zero where there was no file */
    struct timespec noted_at; /* CLOCK_REALTIME */
    unsigned char digest[32]; /* of what was read; all zero where nothing could be */
};

/* Notes the file as it is now: do it before the file is loaded. */
void moor_file_watch_init(struct moor_file_watch *out, const char *path);

/*
 * Compares the file with what was noted, and notes the new state where it is CHANGED.  A file that
 * cannot be read is a state like any other.  With `at_once` a file is never UNSETTLED and its
 * content is read whatever its times say.
 */
enum moor_file_change moor_file_watch_look(struct moor_file_watch *watch, bool at_once);

#endif
