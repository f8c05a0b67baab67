/* SPDX-License-Identifier: Apache-2.0 */
/*
 * heredoc - finds the here-documents that begin in an instruction of a Dockerfile.
 *
 * The lines of a here-document are not instructions, although they can look like a FROM.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_CMD_INPUT_DOCKERFILE_HEREDOC_H
#define MOOR_CMD_INPUT_DOCKERFILE_HEREDOC_H

#include "cmd/input/dockerfile/lexer.h"

/* A here-document: the line that ends it, and whether tabs may precede this line (`<<-`). */
struct moor_dockerfile_heredoc {
    struct moor_slice end;
    bool has_tabs;
};

/*
 * Writes the here-documents of an instruction to `out`, in their order, for
 * moor_dockerfile_heredoc_next().  Like BuildKit, finds none if a quote or a variable of the line
 * is malformed.  Returns -1 if the name of a here-document is malformed or a limit is exceeded.
 */
int moor_dockerfile_heredocs_find(struct moor_buf *out, struct moor_dockerfile_lexer *lexer,
                                  struct moor_slice line, struct moor_error *err) MOOR_MUST_CHECK;

/* Takes the next here-document at `*at`.  Returns false after the last. */
bool moor_dockerfile_heredoc_next(struct moor_dockerfile_heredoc *out, struct moor_slice heredocs,
                                  size_t *at);

#endif
