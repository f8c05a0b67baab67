/* SPDX-License-Identifier: Apache-2.0 */
/*
 * variables - expands `$NAME`, `${NAME}` and their defaults in an image, as Compose, GitLab CI and
 * Dockerfiles do.
 *
 * `${NAME:-text}` and `${NAME-text}` expand to the text if NAME is unknown, and `${NAME:+text}`
 * expands to nothing.  The text may contain variables itself.
 *
 * Threads:  pure, any thread.
 * Memory:   the result lives in the caller's arena, or is `text` itself if it has no variable.
 * Limits:   MOOR_VARIABLES_MAX_BYTES of result and MOOR_VARIABLES_MAX_DEPTH nested defaults; beyond
 *           either, the value counts as unknown.
 */
#ifndef MOOR_CMD_INPUT_VARIABLES_H
#define MOOR_CMD_INPUT_VARIABLES_H

#include "policy/base/arena.h"

#define MOOR_VARIABLES_MAX_BYTES 8192
#define MOOR_VARIABLES_MAX_DEPTH 8

/* The variables that a file declares; the last declaration of a name wins. */
struct moor_variables {
    struct moor_variable {
        struct moor_slice name;
        struct moor_slice value;
        bool is_known; /* declared with a value */
    } * items;

    size_t count;
};

/*
 * Expands `text` with `variables`, which may be NULL.  If a variable has neither a value nor a
 * default, `*is_known` is false and `*out` is `text`.  Returns -1 if the arena is full.
 */

int moor_variables_expand(struct moor_slice *out, bool *is_known, struct moor_slice text,
                          const struct moor_variables *variables, struct moor_arena *arena,
                          struct moor_error *err) MOOR_MUST_CHECK;

#endif
