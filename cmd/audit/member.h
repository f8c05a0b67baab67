/* SPDX-License-Identifier: Apache-2.0 */
/*
 * member - finds single members of small JSON objects.
 *
 * Threads:  pure, any thread.
 * Memory:   a value borrows from the object, or from the arena if it is a text with escapes.
 */
#ifndef MOOR_CMD_AUDIT_MEMBER_H
#define MOOR_CMD_AUDIT_MEMBER_H

#include "policy/base/arena.h"
#include "policy/base/error.h"
#include "policy/base/slice.h"

/*
 * Returns the JSON of the first member of this name; empty if `name` is NULL, if there is none, if
 * `object` is not an object, or if it is not valid JSON up to there.
 */
struct moor_slice moor_member_find(struct moor_slice object, const char *name);

/*
 * Sets `*out` to the text of the first member of this name, and leaves it if there is none or if it
 * is not a string.  Returns -1 with MOOR_ERROR_MEMORY if the arena is full.
 */
int moor_member_text(struct moor_slice *out, struct moor_slice object, const char *name,
                     struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

#endif
