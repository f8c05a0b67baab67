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
#include "policy/rules/policy.h"

/* Appends the policy. */
void moor_policy_show(struct moor_buf *out, const struct moor_policy *policy);

/* Appends the custom resources, including well-known ones, the placeholders and annotations. */
void moor_policy_show_resources(struct moor_buf *out, const struct moor_policy *policy);

#endif
