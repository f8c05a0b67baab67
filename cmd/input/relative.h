/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relative - names files relative to the folder of another file, the same for every spelling.
 *
 * `./a`, `b/../a` and an absolute path of the same file have one name.  Paths are compared as
 * texts, without a look at the file system, so that a file that is gone has a name too, and a link
 * has its own.
 *
 * Threads:  one base, one thread at a time.
 * Memory:   owns the texts of the two folders.
 * Limits:   a path over MOOR_RELATIVE_MAX_BYTES fails the buffer.
 */
#ifndef MOOR_CMD_INPUT_RELATIVE_H
#define MOOR_CMD_INPUT_RELATIVE_H

#include "policy/base/buf.h"

#define MOOR_RELATIVE_MAX_BYTES ((size_t)64 * 1024)

/* The folder to which names are relative.  Both paths are absolute, and `/` is an empty text. */
struct moor_relative {
    struct moor_buf folder;
    struct moor_buf current; /* the working directory */
};

/* Sets the folder to that of `file`.  Returns -1 if the working directory is unknown. */
int moor_relative_init(struct moor_relative *out, const char *file,
                       struct moor_error *err) MOOR_MUST_CHECK;
void moor_relative_release(struct moor_relative *relative);

/* Appends the name of `path`, which is an operand or relative to the working directory. */
void moor_relative_append(struct moor_buf *out, const struct moor_relative *relative,
                          struct moor_slice path);

/* Appends the name of `path`, which is relative to the folder itself. */
void moor_relative_append_inside(struct moor_buf *out, const struct moor_relative *relative,
                                 struct moor_slice path);

/* Appends the absolute path of `path`, which is an operand; `/` appends nothing. */
void moor_relative_append_absolute(struct moor_buf *out, const struct moor_relative *relative,
                                   struct moor_slice path);

#endif
