/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lookup - finds the values at a path expression in a JSON object.
 *
 * The expressions are those of the table of formats (formats.h): names of members, `[*]` for each
 * item and `.*` for each member.  An empty expression is the object itself.  A value of another
 * type on the way is skipped: the program that reads the file reports it.
 *
 * Threads:  pure, any thread.
 * Memory:   in the caller's arena.
 * Limits:   MOOR_LOOKUP_MAX values; the rest is an error, so that none is silently left out.
 */
#ifndef MOOR_CMD_INPUT_LOOKUP_H
#define MOOR_CMD_INPUT_LOOKUP_H

#include "policy/base/arena.h"

#define MOOR_LOOKUP_MAX 4096

/* A value that an expression leads to. */
struct moor_looked_up {
    struct moor_slice json;
    struct moor_slice path;   /* the expression with the indexes and names of this value */
    struct moor_slice parent; /* the list or mapping that contains it; empty for the object */
};

/* The values of an expression, in the order of the text. */
struct moor_lookup {
    struct moor_looked_up *items;
    size_t count;
};

/* Finds the values at `expression` in `json`.  Returns -1 if memory or the limit is exhausted. */
int moor_lookup_find(struct moor_lookup *out, struct moor_slice json, const char *expression,
                     struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

/* Finds the first string at `expression`, with its escapes resolved; it is empty if absent. */
int moor_lookup_text(struct moor_slice *out, struct moor_slice json, const char *expression,
                     struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

#endif
