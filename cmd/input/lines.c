/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <unistd.h>

#include "cmd/input/lines.h"

void moor_lines_init(struct moor_lines *lines, int fd)
{
    lines->fd = fd;
    lines->number = 0;
    lines->start = 0;
    lines->searched = 0;
    lines->end = 0;
    lines->has_ended = false;
}

/*
 * Moves the unread bytes to the front and reads more after them.  The buffer never grows, so that
 * an input of any size costs the same memory.
 */
static int read_more(struct moor_lines *lines, struct moor_error *err)
{
    ssize_t got = 0;
    memmove(lines->bytes, lines->bytes + lines->start, lines->end - lines->start);
    lines->searched -= lines->start;
    lines->end -= lines->start;
    lines->start = 0;
    do {
        got = read(lines->fd, lines->bytes + lines->end, sizeof lines->bytes - lines->end);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return moor_error_set(err, MOOR_ERROR_SYSTEM, "%s", strerrordesc_np(errno));
    }
    lines->end += (size_t)got;
    lines->has_ended = got == 0;
    return 0;
}

/* Returns whether the next line is complete, with `*len` bytes before its end. */
static bool find_end(struct moor_lines *lines, size_t *len)
{
    const char *from = lines->bytes + lines->searched;
    const char *newline = memchr(from, '\n', lines->end - lines->searched);
    lines->searched = newline != NULL ? (size_t)(newline - lines->bytes) : lines->end;
    *len = lines->searched - lines->start;
    return newline != NULL || lines->has_ended;
}

/* Removes the line of `len` bytes and its end from the buffer. */
static struct moor_slice take(struct moor_lines *lines, size_t len)
{
    struct moor_slice line = {lines->bytes + lines->start, len};
    bool has_newline = lines->searched < lines->end;
    lines->searched += has_newline;
    lines->start = lines->searched;
    lines->number++;
    return has_newline && len > 0 && line.ptr[len - 1] == '\r' ? moor_slice_sub(line, 0, len - 1)
                                                               : line;
}

int moor_lines_next(struct moor_lines *lines, struct moor_slice *out, struct moor_error *err)
{
    size_t len = 0;
    bool is_too_long = false;
    while (!find_end(lines, &len)) {
        /* The rest of a long line is read and dropped, so that the next line can be returned. */
        if (len == sizeof lines->bytes) {
            is_too_long = true;
            lines->start = lines->end;
        }
        if (read_more(lines, err) != 0) {
            return -1;
        }
    }
    if (lines->start == lines->end && !is_too_long) {
        return 0;
    }
    *out = take(lines, len);
    return is_too_long || out->len > MOOR_LINES_MAX_BYTES
               ? moor_error_set(err, MOOR_ERROR_LIMIT, "the line is longer than %zu bytes",
                                MOOR_LINES_MAX_BYTES)
               : 1;
}
