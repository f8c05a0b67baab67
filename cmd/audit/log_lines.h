/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_lines - reads the lines of a log file that may be compressed with gzip, one at a time.
 *
 * Rotated logs are often compressed; the first bytes of a file tell, not its name.  Several gzip
 * members after each other are one text.  A line ends with a newline, and the last may lack one.
 * Compressed input is read as a stream, so that a file that expands to terabytes costs the memory
 * of a line.
 *
 * Threads:  one input, one thread at a time.
 * Memory:   a buffer that grows to the longest line; a line is valid until the next call.
 * Limits:   MOOR_LOG_LINES_MAX_BYTES a line; longer ones are reported and skipped.  A compressed
 *           file ends with an error at MOOR_LOG_LINES_MAX_RATIO.
 */
#ifndef MOOR_CMD_AUDIT_LOG_LINES_H
#define MOOR_CMD_AUDIT_LOG_LINES_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdbool.h>
#include <stdint.h>
#include <zlib.h>

/*
 * Maximum length of a line.  The API server accepts requests of 3 MiB, and an event contains the
 * request and its result, which a cloud may wrap as an escaped string.
 */
#define MOOR_LOG_LINES_MAX_BYTES   ((size_t)8 * 1024 * 1024)

/*
 * Maximum ratio of expanded to compressed bytes, checked after the first bytes.  The matches of
 * gzip are at most 258 bytes and take ten bits or more at the distance of a line.
 */
#define MOOR_LOG_LINES_MAX_RATIO   400
#define MOOR_LOG_LINES_RATIO_AFTER ((size_t)64 * 1024 * 1024)

/* An open log. */
struct moor_log_lines {
    gzFile file;
    uint64_t number; /* number of the last line, from 1 */
    uint64_t bytes;  /* bytes read so far, expanded */
    /* Internal: the bytes that were read, and how many of these contain no newline. */
    char *buffer;
    size_t room;
    size_t start;
    size_t searched;
    size_t end;
    bool has_ended;
    bool is_dropping; /* the beginning of the current line was dropped */
};

/* Opens the file at `path`, or standard input for `-`.  Returns -1 with the reason in `err`. */
int moor_log_lines_open(struct moor_log_lines *out, const char *path,
                        struct moor_error *err) MOOR_MUST_CHECK;
void moor_log_lines_close(struct moor_log_lines *lines);

/*
 * Reads the next line, without its end, into `*out`.  Returns 1, or 0 after the last line.  Returns
 * -1 with MOOR_ERROR_LIMIT if the line is too long; the next call continues with the following
 * line.  Returns -1 with another code if the rest of the input cannot be read.
 */
int moor_log_lines_next(struct moor_log_lines *lines, struct moor_slice *out,
                        struct moor_error *err) MOOR_MUST_CHECK;

#endif
