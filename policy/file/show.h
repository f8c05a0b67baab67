/* SPDX-License-Identifier: Apache-2.0 */
/*
 * show - writes the policy in force as a policy file.
 *
 * The output has everything that a file may omit: inherited requirements, modes and built-in
 * controllers.  Loading the output gives a policy with the same effect.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_POLICY_FILE_SHOW_H
#define MOOR_POLICY_FILE_SHOW_H

#include "policy/base/buf.h"
#include "policy/base/error.h"
#include "policy/rules/policy.h"

/* Appends the policy, with its digest in a comment on the first line. */
void moor_policy_show(struct moor_buf *out, const struct moor_policy *policy);

/* Receives a part of the canonical form, which is valid during the call. */
typedef void moor_show_take(void *context, struct moor_slice part);

/*
 * Gives `take` the parts of the policy's canonical form, in order: what moor_policy_show() appends
 * after the first line.  Files of the same effect have the same form, whatever their comments,
 * styles and orders of keys.  `buf` is scratch space; returns -1 if it is full or memory is short.
 */
int moor_policy_show_parts(struct moor_buf *buf, const struct moor_policy *policy,
                           moor_show_take *take, void *context,
                           struct moor_error *err) MOOR_MUST_CHECK;

/* Appends the custom resources, including well-known ones, the placeholders and annotations. */
void moor_policy_show_resources(struct moor_buf *out, const struct moor_policy *policy);

#endif
