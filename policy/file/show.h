/* SPDX-License-Identifier: Apache-2.0 */
/*
 * show - a policy as it is in force, written as a policy file.
 *
 * Everything that a file may leave out stands in it: inherited levels, modes, built-in controllers.
 * The loader reads what this writes, to the same effect.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_POLICY_FILE_SHOW_H
#define MOOR_POLICY_FILE_SHOW_H

#include "policy/base/buf.h"
#include "policy/rules/policy.h"

void moor_policy_show(struct moor_buf *out, const struct moor_policy *policy);

/* The part of it that says where images stand in custom resources, well-known ones included. */
void moor_policy_show_resources(struct moor_buf *out, const struct moor_policy *policy);

#endif
