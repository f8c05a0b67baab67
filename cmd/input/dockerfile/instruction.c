/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/dockerfile/instruction.h"

#include "cmd/input/dockerfile/space.h"

/* Takes the next line without its end. */
static int take_line(struct moor_slice *out, struct moor_dockerfile_reader *reader,
                     struct moor_error *err)
{
    size_t start = reader->at;
    const char *newline = memchr(reader->text.ptr + start, '\n', reader->text.len - start);
    size_t end = newline != NULL ? (size_t)(newline - reader->text.ptr) : reader->text.len;
    reader->at = newline != NULL ? end + 1 : end;
    if (reader->at - start > MOOR_DOCKERFILE_MAX_FILE_LINE) {
        if (err != NULL) {
            err->offset = start;
        }
        reader->at = reader->text.len;
        return moor_error_set(err, MOOR_ERROR_LIMIT, "the line has more than 65,535 bytes");
    }
    while (end > start && reader->text.ptr[end - 1] == '\r') {
        end--;
    }
    *out = moor_slice_sub(reader->text, start, end);
    return 0;
}

/*
 * Removes the escape character and the blanks after it from the end of a continued line.  Two
 * escape characters do not continue a line.
 */
static bool take_continuation(struct moor_slice *line, char escape)
{
    size_t end = line->len;
    while (end > 0 && (line->ptr[end - 1] == ' ' || line->ptr[end - 1] == '\t')) {
        end--;
    }
    if (end == 0 || line->ptr[end - 1] != escape || (end > 1 && line->ptr[end - 2] == escape)) {
        return false;
    }
    line->len = end - 1;
    return true;
}

/* A part of the file is copied, and remembers where it was, for the positions of findings. */
static int append(struct moor_dockerfile_reader *reader, struct moor_slice part,
                  struct moor_error *err)
{
    size_t offset = (size_t)(part.ptr - reader->text.ptr);
    struct moor_dockerfile_segment *grown =
        moor_arena_grow(reader->arena, reader->segments, reader->segment_count,
                        &reader->segment_room, reader->segment_count + 1, sizeof *grown);
    if (grown == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for a Dockerfile");
    }
    reader->segments = grown;
    grown[reader->segment_count++] = (struct moor_dockerfile_segment){reader->line.len, offset};
    moor_buf_append(&reader->line, part);
    if (!reader->line.failed) {
        return 0;
    }
    if (err != NULL) {
        err->offset = reader->segments[0].offset;
    }
    return moor_error_set(err, MOOR_ERROR_LIMIT, "the instruction has more than 1 MiB");
}

/* Finds the first line of an instruction, which is neither empty nor a comment. */
static int find_start(struct moor_slice *out, struct moor_dockerfile_reader *reader,
                      struct moor_error *err)
{
    while (reader->at < reader->text.len) {
        if (take_line(out, reader, err) != 0) {
            return -1;
        }
        *out = moor_dockerfile_trim_start(*out);
        if (out->len > 0 && out->ptr[0] != '#') {
            return 1;
        }
    }
    return 0;
}

/* Blanks at the start of a continued line stay: they can end a word. */
int moor_dockerfile_instruction_next(struct moor_dockerfile_reader *reader, struct moor_error *err)
{
    struct moor_slice line = {0};
    moor_buf_clear(&reader->line);
    reader->segment_count = 0;
    int status = find_start(&line, reader, err);
    bool is_continued = status > 0 && take_continuation(&line, reader->escape);
    if (status <= 0 || append(reader, line, err) != 0) {
        return status <= 0 ? status : -1;
    }
    while (is_continued && reader->at < reader->text.len) {
        if (take_line(&line, reader, err) != 0) {
            return -1;
        }
        struct moor_slice trimmed = moor_dockerfile_trim_start(line);
        if (trimmed.len == 0 || trimmed.ptr[0] == '#') {
            continue;
        }
        is_continued = take_continuation(&line, reader->escape);
        if (append(reader, line, err) != 0) {
            return -1;
        }
    }
    return 1;
}

bool moor_dockerfile_instruction_skip(struct moor_dockerfile_reader *reader, struct moor_slice end,
                                      bool has_tabs)
{
    struct moor_slice line = {0};
    while (reader->at < reader->text.len) {
        if (take_line(&line, reader, NULL) != 0) {
            return false;
        }
        while (has_tabs && line.len > 0 && line.ptr[0] == '\t') {
            line = moor_slice_sub(line, 1, line.len);
        }
        if (moor_slice_equal(line, end)) {
            return true;
        }
    }
    return false;
}

size_t moor_dockerfile_instruction_offset(const struct moor_dockerfile_reader *reader, size_t at)
{
    size_t low = 0;
    size_t high = reader->segment_count;
    /* The last segment that begins at or before `at`. */
    while (low + 1 < high) {
        size_t middle = low + (high - low) / 2;
        bool is_behind = reader->segments[middle].at > at;
        low = is_behind ? low : middle;
        high = is_behind ? middle : high;
    }
    return high > 0 ? reader->segments[low].offset + (at - reader->segments[low].at) : 0;
}
