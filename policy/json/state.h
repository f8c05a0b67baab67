/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state - the state of a JSON reader, which its events and the fast pass share.
 *
 * Threads:  a reader belongs to one thread at a time.
 * Memory:   borrows the text.  Nesting uses a bit for each level, never the call stack.
 * Limits:   MOOR_JSON_MAX_DEPTH levels.
 */
#ifndef MOOR_POLICY_JSON_STATE_H
#define MOOR_POLICY_JSON_STATE_H

#include "policy/base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* Maximum number of open levels: the limit of Go's JSON decoder. */
#define MOOR_JSON_MAX_DEPTH 10000

/* The reader; initialize it with moor_json_reader_init(). */
struct moor_json_reader {
    const char *start;                             /* the text; start <= at <= end */
    const char *at;                                /* the next byte to read */
    const char *end;                               /* the end of the text, exclusive */
    uint32_t depth;                                /* number of open objects and arrays */
    uint8_t expect;                                /* internal: enum moor_json_state */
    uint64_t arrays[MOOR_JSON_MAX_DEPTH / 64 + 1]; /* internal: a bit for each open level */
    struct moor_error error;                       /* set after MOOR_JSON_ERROR */
};

#endif
