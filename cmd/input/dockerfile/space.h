/* SPDX-License-Identifier: Apache-2.0 */
/*
 * space - white space as BuildKit's reader of Dockerfiles defines it.
 *
 * BuildKit trims lines by Go's unicode.IsSpace and splits the words of an instruction by a smaller
 * set.  The difference matters: a no-break space before FROM is trimmed, but does not end a word.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_CMD_INPUT_DOCKERFILE_SPACE_H
#define MOOR_CMD_INPUT_DOCKERFILE_SPACE_H

#include "policy/base/slice.h"

/* Returns whether the byte separates the words of an instruction. */
static inline bool moor_dockerfile_is_blank(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r' && byte != '\n');
}

/* Returns the length in bytes of the white space character at `at`, or 0 if there is none. */
size_t moor_dockerfile_space(struct moor_slice text, size_t at);

/* Returns the text without white space at its start. */
struct moor_slice moor_dockerfile_trim_start(struct moor_slice text);

/* Returns the text without white space at both ends. */
struct moor_slice moor_dockerfile_trim(struct moor_slice text);

#endif
