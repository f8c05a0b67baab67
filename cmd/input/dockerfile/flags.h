/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flags - the flags of an instruction in a Dockerfile, such as `--from=build` of COPY.
 *
 * Threads:  one reader, one thread at a time.
 * Memory:   a flag's text lives in the reader's buffer until the next call.
 */
#ifndef MOOR_CMD_INPUT_DOCKERFILE_FLAGS_H
#define MOOR_CMD_INPUT_DOCKERFILE_FLAGS_H

#include "policy/base/buf.h"

/* A reader of the flags at the start of an instruction's arguments. */
struct moor_dockerfile_flags {
    struct moor_slice line; /* the instruction */
    size_t at;              /* offset in the line: the next flag, at last the arguments */
    char escape;
    struct moor_buf text; /* the current flag without quotes and escapes */
    size_t start;         /* offset in the line of the current flag */
};

/* Takes the next flag into `text`.  Returns false before the first argument, and after `--`. */
bool moor_dockerfile_flags_next(struct moor_dockerfile_flags *flags);

/*
 * Returns the value of the current flag if its name is `name` (`--from=`), else an empty slice. The
 * value is a part of the flag's text.
 */
struct moor_slice moor_dockerfile_flags_value(const struct moor_dockerfile_flags *flags,
                                              const char *name);

/* Returns the offset in the line of a byte of the current flag's text. */
size_t moor_dockerfile_flags_offset(const struct moor_dockerfile_flags *flags, const char *byte);

/*
 * Finds the last value of the key `from` in the value of `--mount`, a list in the form of CSV.
 * Sets `*out` to an empty slice if there is none.  A quoted field is unquoted in place.  Returns -1
 * if the list is malformed.
 */
int moor_dockerfile_mount_from(struct moor_slice *out, struct moor_dockerfile_flags *flags,
                               struct moor_error *err) MOOR_MUST_CHECK;

#endif
