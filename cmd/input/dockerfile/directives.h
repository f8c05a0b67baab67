/* SPDX-License-Identifier: Apache-2.0 */
/*
 * directives - the comments at the start of a Dockerfile that configure its parser.
 *
 * BuildKit reads them twice, and not alike: the parser takes `# escape=` also from an indented
 * comment, while `# syntax=` must begin in the first column, and may follow a line `#!`.
 *
 * Threads:  pure, any thread.
 * Memory:   borrows from the text.
 */
#ifndef MOOR_CMD_INPUT_DOCKERFILE_DIRECTIVES_H
#define MOOR_CMD_INPUT_DOCKERFILE_DIRECTIVES_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

/* The directives of a file. */
struct moor_dockerfile_directives {
    char escape;              /* a backslash, unless the file says a backquote */
    struct moor_slice syntax; /* image of the frontend, or empty */
};

/*
 * Reads the directives at the start of `text`, which has no byte order mark.  Returns -1 with the
 * offset if a directive is repeated or its value is invalid; `*out` is set even then.
 */
int moor_dockerfile_directives_read(struct moor_dockerfile_directives *out, struct moor_slice text,
                                    struct moor_error *err) MOOR_MUST_CHECK;

#endif
