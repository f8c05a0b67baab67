/* SPDX-License-Identifier: Apache-2.0 */
/*
 * instruction - splits a Dockerfile into its instructions, with their lines joined.
 *
 * A line that ends with the escape character is continued.  Comments and empty lines between the
 * lines of an instruction are dropped; blanks at the start of a continued line count.
 *
 * Threads:  one reader, one thread at a time.
 * Memory:   owns the joined line; positions live in the caller's arena, reused for each
 * instruction. Limits:   MOOR_DOCKERFILE_MAX_LINE bytes an instruction, and those of BuildKit for
 * one line.
 */
#ifndef MOOR_CMD_INPUT_DOCKERFILE_INSTRUCTION_H
#define MOOR_CMD_INPUT_DOCKERFILE_INSTRUCTION_H

#include "policy/base/arena.h"
#include "policy/base/buf.h"

#define MOOR_DOCKERFILE_MAX_LINE      ((size_t)1024 * 1024)
/* The longest line that BuildKit reads, with its line feed. */
#define MOOR_DOCKERFILE_MAX_FILE_LINE ((size_t)64 * 1024)

/* Maps a part of the joined line back to its place in the file. */
struct moor_dockerfile_segment {
    size_t at; /* offset in the joined line */
    size_t offset;
};

/* A reader of instructions.  The caller sets the members up to `arena`. */
struct moor_dockerfile_reader {
    struct moor_slice text;
    size_t at; /* offset of the next line */
    char escape;
    struct moor_arena *arena;
    /* The current instruction. */
    struct moor_buf line;
    struct moor_dockerfile_segment *segments;
    size_t segment_count;
    size_t segment_room;
};

/*
 * Joins the lines of the next instruction in `line`.  Returns 1, or 0 at the end of the file.
 * Returns -1 with the offset in `err` if a line or the instruction is too long, or memory is short.
 */
int moor_dockerfile_instruction_next(struct moor_dockerfile_reader *reader,
                                     struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Skips the lines of a here-document up to and including `end`, before which tabs are allowed if
 * `has_tabs` is true.  Returns false if that line is missing; the file then ends.
 */
bool moor_dockerfile_instruction_skip(struct moor_dockerfile_reader *reader, struct moor_slice end,
                                      bool has_tabs);

/* Returns the offset in the file of a byte of the joined line. */
size_t moor_dockerfile_instruction_offset(const struct moor_dockerfile_reader *reader, size_t at);

#endif
