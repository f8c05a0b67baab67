/* SPDX-License-Identifier: Apache-2.0 */
/*
 * error - an error's code, position and text, on the caller's stack.
 *
 * Every function that can fail takes a `struct moor_error *err` as its last parameter, returns 0 or
 * -1, and writes `err` only on failure.  The first error wins: a caller cannot overwrite an error
 * that a called function has set.  Texts are lower case, without a full stop, with the subject in
 * single quotes: "unknown key 'enviroments'".
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 * Limits:   a text is cut at 255 bytes, never inside a UTF-8 sequence.
 */
#ifndef MOOR_POLICY_BASE_ERROR_H
#define MOOR_POLICY_BASE_ERROR_H

#include "policy/base/banned.h"

#include <stddef.h>
#include <stdint.h>

/* Makes the compiler warn if a caller ignores the result. */
#define MOOR_MUST_CHECK      __attribute__((warn_unused_result))
/* Makes the compiler check the arguments against the format; both operands count from 1. */
#define MOOR_PRINTF(fmt, at) __attribute__((format(printf, fmt, at)))

enum moor_error_code {
    MOOR_ERROR_NONE = 0,
    MOOR_ERROR_SYNTAX, /* the input violates the grammar of JSON, YAML or a reference */
    MOOR_ERROR_VALUE,  /* the input is well formed, but the value is invalid here */
    MOOR_ERROR_LIMIT,  /* the input exceeds a limit of size, depth or length */
    MOOR_ERROR_MEMORY, /* memory is exhausted, or a bounded buffer is full */
    MOOR_ERROR_SYSTEM  /* a system call failed, on a file or socket for instance */
};

struct moor_error {
    enum moor_error_code code; /* MOOR_ERROR_NONE: no error, and `text` is empty */
    uint32_t line;             /* from 1; 0 if the input has no lines */
    uint32_t column;           /* from 1, in characters; 0 if unknown */
    size_t offset;             /* byte offset into the input, if the input is bytes */
    char text[256];            /* NUL-terminated, valid UTF-8 */
};

/* Sets `err` unless it is NULL or already holds an error.  Always returns -1, for `return`. */
int moor_error_set(struct moor_error *err, enum moor_error_code code, const char *format, ...)
    MOOR_PRINTF(3, 4);

#endif
