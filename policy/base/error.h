/* SPDX-License-Identifier: Apache-2.0 */
/*
 * error - what went wrong, where, on the caller's stack.
 *
 * Every fallible function takes a `struct moor_error *err` last, returns 0 or -1, and writes `err`
 * only when it fails.  The first report wins: an error that already holds a code keeps its text, so
 * that a caller further up can add nothing but cannot lose anything either.  Texts are lower case,
 * without a full stop, with the subject in single quotes: "unknown key 'enviroments'".
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

#define MOOR_MUST_CHECK      __attribute__((warn_unused_result))
#define MOOR_PRINTF(fmt, at) __attribute__((format(printf, fmt, at)))

enum moor_error_code {
    MOOR_ERROR_NONE = 0,
    MOOR_ERROR_SYNTAX, /* the input is not in its language: JSON, YAML, a reference */
    MOOR_ERROR_VALUE,  /* well formed, but not what is asked for here */
    MOOR_ERROR_LIMIT,  /* larger, deeper or longer than what is read */
    MOOR_ERROR_MEMORY, /* no memory, or a bounded buffer is full */
    MOOR_ERROR_SYSTEM  /* the system refused: a file, a socket */
};

struct moor_error {
    enum moor_error_code code; /* MOOR_ERROR_NONE: nothing is wrong and `text` is empty */
    uint32_t line;             /* from 1; 0 where the input has no lines */
    uint32_t column;           /* from 1, in characters; 0 where unknown */
    size_t offset;             /* byte offset into the input, where the input is bytes */
    char text[256];
};

/* Sets `err` unless it already holds an error or is NULL.  Always returns -1, for `return`. */
int moor_error_set(struct moor_error *err, enum moor_error_code code, const char *format, ...)
    MOOR_PRINTF(3, 4);

#endif
