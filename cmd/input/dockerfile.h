/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dockerfile - finds the images that a Dockerfile builds from.
 *
 * The parser follows the Dockerfile reference of BuildKit as far as FROM needs it: line
 * continuations, the `escape` directive, comments, here-documents, ARG before the first FROM with
 * its default value, named stages, `--platform` and `scratch`.
 *
 * Threads:  pure, any thread.
 * Memory:   texts borrow from the file or live in the caller's arena.
 * Limits:   an instruction has at most MOOR_DOCKERFILE_MAX_LINE bytes; the arena has its own limit.
 */
#ifndef MOOR_CMD_INPUT_DOCKERFILE_H
#define MOOR_CMD_INPUT_DOCKERFILE_H

#include "cmd/input/variables.h"

#define MOOR_DOCKERFILE_MAX_LINE ((size_t)1024 * 1024)

/* A FROM that names an image, not a stage of the same file and not `scratch`. */
struct moor_dockerfile_from {
    struct moor_slice image; /* with the values of its variables */
    struct moor_slice stage; /* the name after AS, or empty */
    size_t offset;           /* position of the image in the file, in bytes */
    bool is_known;           /* false if a variable in it has no value in this file */
};

/* The images of one Dockerfile, in the order of their FROM instructions. */
struct moor_dockerfile {
    struct moor_dockerfile_from *froms;
    size_t count;
};

/*
 * Parses `text`, a Dockerfile in UTF-8, into `*out`, whose items live in `arena`.  Unknown
 * instructions are skipped.  Returns -1 if memory is short or an instruction is too long.
 */
int moor_dockerfile_read(struct moor_dockerfile *out, struct moor_slice text,
                         struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

#endif
