/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dockerfile - the images that a Dockerfile builds from.
 *
 * Follows the Dockerfile reference of BuildKit as far as FROM needs it: line continuations, the
 * `escape` directive, comments, here-documents, ARG before the first FROM with its default, stages
 * by name, `--platform`, `scratch`.
 *
 * Threads:  pure, any thread.
 * Memory:   texts borrow from the file or are in the caller's arena.
 * Limits:   memory of the arena; an instruction has MOOR_DOCKERFILE_MAX_LINE bytes.
 */
#ifndef MOOR_CMD_INPUT_DOCKERFILE_H
#define MOOR_CMD_INPUT_DOCKERFILE_H

#include "cmd/input/variables.h"

#define MOOR_DOCKERFILE_MAX_LINE ((size_t)1024 * 1024)

/* A FROM that names an image, and not a stage or `scratch`. */
struct moor_dockerfile_from {
    struct moor_slice image; /* with its variables' values */
    struct moor_slice stage; /* the name behind AS, or empty */
    size_t offset;           /* of the image in the file */
    bool is_known;           /* else a variable in it has no value that the file tells */
};

struct moor_dockerfile {
    struct moor_dockerfile_from *froms;
    size_t count;
};

int moor_dockerfile_read(struct moor_dockerfile *out, struct moor_slice text,
                         struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

#endif
