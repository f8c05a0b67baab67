/* SPDX-License-Identifier: Apache-2.0 */
/*
 * variables - `$NAME`, `${NAME}` and their defaults in an image, as Compose, GitLab and Dockerfiles
 * write them.
 *
 * `${NAME:-text}` and `${NAME-text}` stand for the text where nothing is known of NAME, and
 * `${NAME:+text}` for nothing; `$$` is a dollar.  A text may hold variables itself.
 *
 * Threads:  pure, any thread.
 * Memory:   the result is in the caller's arena, or is the text itself where it has no variable.
 * Limits:   MOOR_VARIABLES_MAX_BYTES of result, MOOR_VARIABLES_MAX_DEPTH defaults in each other:
 *           beyond, the value counts as unknown.
 */
#ifndef MOOR_CMD_INPUT_VARIABLES_H
#define MOOR_CMD_INPUT_VARIABLES_H

#include "policy/base/arena.h"

#define MOOR_VARIABLES_MAX_BYTES 8192
#define MOOR_VARIABLES_MAX_DEPTH 8

/* What is known of variables. */
struct moor_variables {
    struct moor_variable {
        struct moor_slice name;
        struct moor_slice value;
        bool is_known; /* declared, and with a value */
    } * items;

    size_t count;
};

/*
 * Expands `text` by `variables` (NULL: none).  `*is_known` is false where a variable has neither
 * value nor default; `*out` is then the text.  Returns -1 where the arena is full.
 */
int moor_variables_expand(struct moor_slice *out, bool *is_known, struct moor_slice text,
                          const struct moor_variables *variables, struct moor_arena *arena,
                          struct moor_error *err) MOOR_MUST_CHECK;

#endif
