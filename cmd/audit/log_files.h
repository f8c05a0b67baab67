/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_files - passes the lines of several logs to a command, and reports damage and progress.
 *
 * Damaged lines are normal: the last line of a log that is copied while it is written is not
 * complete.  The first ones of each file are reported on standard error, and the others counted.
 *
 * Threads:  main thread only.
 * Memory:   that of log_lines.h.
 * Limits:   MOOR_LOG_FILES_MAX_MESSAGES messages a file.
 */
#ifndef MOOR_CMD_AUDIT_LOG_FILES_H
#define MOOR_CMD_AUDIT_LOG_FILES_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stddef.h>
#include <stdint.h>

#define MOOR_LOG_FILES_MAX_MESSAGES 5

/* The logs: the command's part, then the result. */
struct moor_log_files {
    const char *command; /* name in messages */
    /* Takes a line.  Returns -1 with the reason in `err` if the line is damaged. */
    int (*line)(void *context, struct moor_slice line, struct moor_error *err);
    /* Takes note of a line that was too long; a message is printed. */
    void (*long_line)(void *context);
    void *context;

    uint64_t read;   /* files that were read */
    uint64_t failed; /* files that could not be opened, or not be read to their end */
    uint64_t lines;
    uint64_t bytes; /* expanded bytes */
};

/* Reads each file, or standard input for `-`.  Errors are printed and counted. */
void moor_log_files_read(struct moor_log_files *files, const char *const *paths, size_t count);

#endif
