/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_state - how far a JSON reader has come: what its events and the fast pass both work on.
 *
 * Threads:  one reader, one thread at a time.
 * Memory:   borrows the text.  Nesting is kept in a bit for each level, never on the call stack.
 */
#ifndef MOOR_POLICY_JSON_STATE_H
#define MOOR_POLICY_JSON_STATE_H

#include "policy/base/error.h"

#include <stdbool.h>
#include <stdint.h>

#define MOOR_JSON_MAX_DEPTH 10000

struct moor_json_reader {
    const char *start; /* start <= at <= end */
    const char *at;
    const char *end;
    uint32_t depth;                                /* open objects and arrays */
    uint8_t expect;                                /* what may come next; internal */
    uint64_t arrays[MOOR_JSON_MAX_DEPTH / 64 + 1]; /* a bit for each open level; internal */
    struct moor_error error;                       /* set once an event was MOOR_JSON_ERROR */
};

#endif
