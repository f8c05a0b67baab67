/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_file - the policy that a command judges by.
 *
 * Threads:  any, one at a time: it prints.
 * Memory:   the policy is the caller's, to release with moor_policy_release().
 */
#ifndef MOOR_CMD_POLICY_FILE_H
#define MOOR_CMD_POLICY_FILE_H

#include "policy/base/error.h"
#include "policy/rules/policy.h"

/*
 * Loads the policy at `path`, or the embedded default where `path` is NULL, and prints what the
 * loader reports on stderr.  Returns NULL where it cannot be used; that was said then.
 */
struct moor_policy *moor_policy_file_load(const char *path) MOOR_MUST_CHECK;

/* The same for a file that is read again later: only a regular file will do. */
struct moor_policy *moor_policy_file_load_regular(const char *path) MOOR_MUST_CHECK;

#endif
