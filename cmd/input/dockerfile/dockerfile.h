/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dockerfile - finds the images that a Dockerfile names.
 *
 * The parser follows BuildKit: FROM, `COPY --from`, `RUN --mount` with `from`, the same after
 * ONBUILD, and the frontend that `# syntax` names.  Stages of the same file, given by name or by
 * number, and `scratch` are not images.  ARG before the first FROM has its default value.
 *
 * Threads:  pure, any thread.
 * Memory:   texts borrow from the file or live in the caller's arena.
 * Limits:   MOOR_DOCKERFILE_MAX_ITEMS images, stages and arguments each; those of lexer and
 *           instruction.  A file that exceeds one is malformed.
 */
#ifndef MOOR_CMD_INPUT_DOCKERFILE_DOCKERFILE_H
#define MOOR_CMD_INPUT_DOCKERFILE_DOCKERFILE_H

#include "cmd/input/dockerfile/references.h"

/* The images of one Dockerfile, in the order of their instructions. */
struct moor_dockerfile {
    struct moor_dockerfile_image *images;
    size_t count;
    bool has_stage;   /* the file has a FROM */
    bool is_template; /* an instruction is a template, so the file must be rendered first */
    /* The first part that BuildKit would not build from, with its offset; or no error. */
    struct moor_error malformed;
};

/*
 * Parses `text`, a Dockerfile in UTF-8, into `*out`, whose items live in `arena`.  Unknown
 * instructions are skipped.  A malformed part does not end the parsing, except for a limit and a
 * here-document without its end.  Returns -1 if memory is short.
 */
int moor_dockerfile_read(struct moor_dockerfile *out, struct moor_slice text,
                         struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

#endif
