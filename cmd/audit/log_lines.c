/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/audit/log_lines.h"

#include "cmd/input/file.h"

#define FIRST_ROOM ((size_t)256 * 1024)
#define ZLIB_ROOM  (128 * 1024)

static int fail_to_open(const char *path, struct moor_error *err)
{
    return moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot open '%s': %s",
                          moor_file_shown(moor_file_name(path)).text, strerrordesc_np(errno));
}

int moor_log_lines_open(struct moor_log_lines *out, const char *path, struct moor_error *err)
{
    *out = (struct moor_log_lines){0};
    /* Standard input is duplicated, because closing the log must not close it. */
    int fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                    : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return fail_to_open(path, err);
    }
    out->file = gzdopen(fd, "rb");
    out->buffer = malloc(FIRST_ROOM);
    out->room = FIRST_ROOM;
    if (out->file == NULL) {
        (void)close(fd);
    }
    if (out->file == NULL || out->buffer == NULL || gzbuffer(out->file, ZLIB_ROOM) != 0) {
        moor_log_lines_close(out);
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory to read '%s'",
                              moor_file_shown(path).text);
    }
    return 0;
}

void moor_log_lines_close(struct moor_log_lines *lines)
{
    if (lines->file != NULL) {
        (void)gzclose_r(lines->file);
    }
    free(lines->buffer);
    *lines = (struct moor_log_lines){0};
}

/* Doubles the buffer up to the limit of a line; at the limit, drops the line's beginning. */
static int make_room(struct moor_log_lines *lines, struct moor_error *err)
{
    memmove(lines->buffer, lines->buffer + lines->start, lines->end - lines->start);
    lines->searched -= lines->start;
    lines->end -= lines->start;
    lines->start = 0;
    if (lines->end < lines->room) {
        return 0;
    }
    /*
     * The buffer stays as it is while the rest of the line passes through it, so that a line
     * without an end needs no more memory.
     */
    if (lines->room > MOOR_LOG_LINES_MAX_BYTES) {
        lines->is_dropping = true;
        lines->searched = 0;
        lines->end = 0;
        return 0;
    }
    char *grown = realloc(lines->buffer, lines->room * 2);
    if (grown == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for a line of %zu bytes",
                              lines->room * 2);
    }
    lines->buffer = grown;
    lines->room *= 2;
    return 0;
}

/* Returns whether the input expands as only a file does that was made to fill memory or time. */
static bool is_bomb(const struct moor_log_lines *lines)
{
    /* A file that is not compressed has no ratio: zlib then copies its bytes. */
    z_off_t consumed = gzdirect(lines->file) != 0 ? -1 : gzoffset(lines->file);
    return lines->bytes > MOOR_LOG_LINES_RATIO_AFTER && consumed > 0 &&
           lines->bytes / (uint64_t)consumed > MOOR_LOG_LINES_MAX_RATIO;
}

static int fail_to_read(struct moor_log_lines *lines, struct moor_error *err)
{
    int code = Z_OK;
    const char *text = gzerror(lines->file, &code);
    lines->has_ended = true;
    return code == Z_ERRNO
               ? moor_error_set(err, MOOR_ERROR_SYSTEM, "%s", strerrordesc_np(errno))
               : moor_error_set(err, MOOR_ERROR_VALUE, "the gzip data is damaged: %s", text);
}

/* A truncated gzip file is an error only after its last byte: all lines before it are returned. */
static int read_more(struct moor_log_lines *lines, struct moor_error *err)
{
    if (make_room(lines, err) != 0) {
        lines->has_ended = true;
        return -1;
    }
    size_t room = lines->room - lines->end;
    int got = gzread(lines->file, lines->buffer + lines->end, (unsigned)room);
    int code = Z_OK;
    if (got <= 0) {
        (void)gzerror(lines->file, &code);
    }
    if (got < 0 || (got == 0 && code != Z_OK && code != Z_STREAM_END)) {
        return fail_to_read(lines, err);
    }
    lines->end += (size_t)got;
    lines->bytes += (uint64_t)got;
    lines->has_ended = got == 0;
    if (is_bomb(lines)) {
        lines->has_ended = true;
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "the gzip data expands more than %d times, as no log does",
                              MOOR_LOG_LINES_MAX_RATIO);
    }
    return 0;
}

/* Returns whether the next line is complete, with `*len` bytes before its end. */
static bool find_end(struct moor_log_lines *lines, size_t *len)
{
    /*
     * Bytes are searched once: a line of megabytes that arrives in small parts would otherwise take
     * quadratic time.
     */
    const char *from = lines->buffer + lines->searched;
    const char *newline =
        lines->end > lines->searched ? memchr(from, '\n', lines->end - lines->searched) : NULL;
    lines->searched = newline != NULL ? (size_t)(newline - lines->buffer) : lines->end;
    *len = lines->searched - lines->start;
    return newline != NULL || lines->has_ended;
}

int moor_log_lines_next(struct moor_log_lines *lines, struct moor_slice *out,
                        struct moor_error *err)
{
    size_t len = 0;
    while (!find_end(lines, &len)) {
        if (read_more(lines, err) != 0) {
            /* The rest is not a line that can be relied on. */
            lines->start = lines->searched = lines->end = 0;
            lines->is_dropping = false;
            return -1;
        }
    }
    if (lines->start == lines->end && !lines->is_dropping) {
        return 0;
    }
    *out = (struct moor_slice){lines->buffer + lines->start, len};
    lines->searched += lines->searched < lines->end;
    lines->start = lines->searched;
    lines->number++;
    bool is_too_long = lines->is_dropping || len > MOOR_LOG_LINES_MAX_BYTES;
    lines->is_dropping = false;
    return is_too_long ? moor_error_set(err, MOOR_ERROR_LIMIT, "the line is longer than %zu bytes",
                                        MOOR_LOG_LINES_MAX_BYTES)
                       : 1;
}
