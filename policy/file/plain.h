/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain - builds and shows the keys whose value the policy holds as it is written.
 *
 * The row of such a key says where the policy holds its value: see MOOR_KEY_PLAIN_TEXT in key.h.
 * Other keys have code of their own in build_*.c and show.c.
 *
 * Threads:  pure, any thread.
 * Memory:   texts and lists are copied to the given arena; compiled globs belong to their list.
 */
#ifndef MOOR_POLICY_FILE_PLAIN_H
#define MOOR_POLICY_FILE_PLAIN_H

#include "policy/base/arena.h"
#include "policy/base/buf.h"
#include "policy/file/diagnostics.h"
#include "policy/file/key.h"

/*
 * Copies the plain values of `record`, which `table` describes, to the part of a policy at `out`.
 * Absent keys become empty texts and lists, false and 0.  Reports invalid globs.  Returns -1 only
 * if there is no memory.
 */
int moor_plain_build(void *out, const struct moor_key_table *table, const void *record,
                     struct moor_arena *arena, struct moor_diagnostics *diagnostics,
                     struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Appends the plain keys of `table` with their values in the part of a policy at `part`, a line
 * each.  The first line begins with `first`, the others with `indent`.  Omits values that an absent
 * key has.
 */
void moor_plain_show(struct moor_buf *out, const struct moor_key_table *table, const void *part,
                     const char *first, const char *indent);

/* Appends a text as a quoted scalar: every JSON string is also a double-quoted scalar of YAML. */
void moor_plain_show_text(struct moor_buf *out, struct moor_slice text);

/* Appends globs as a list in brackets. */
void moor_plain_show_globs(struct moor_buf *out, const struct moor_glob_list *globs);

#endif
