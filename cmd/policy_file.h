/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_file - loads the policy of a command, and prints its diagnostics.
 *
 * Threads:  any, one at a time, because it prints to standard error.
 * Memory:   the caller owns the policy, and releases it with moor_policy_release().
 */
#ifndef MOOR_CMD_POLICY_FILE_H
#define MOOR_CMD_POLICY_FILE_H

#include "policy/base/buf.h"
#include "policy/base/error.h"
#include "policy/rules/policy.h"

#define MOOR_POLICY_FILE_MAX_DIAGNOSTICS ((size_t)64 * 1024)

/*
 * Loads the policy at `path` (`-`: standard input; NULL: the embedded default).  Prints errors and
 * warnings on standard error.  Returns NULL if the policy is invalid, after an error message.
 */
struct moor_policy *moor_policy_file_load(const char *path) MOOR_MUST_CHECK;

/*
 * As moor_policy_file_load(), and warns about the exemptions that have ended at the time of --now,
 * which `when` contains and `*now` receives.  Also returns NULL if `when` is not a time.
 */
struct moor_policy *moor_policy_file_load_at(const char *path, const char *when,
                                             int64_t *now) MOOR_MUST_CHECK;

/*
 * Loads the policy at `path`, and if `older_path` is not NULL, the policy that it is compared with,
 * as moor_policy_file_load_at() does; both are evaluated at the same time.  Returns whether all
 * that were asked for are valid.  The caller releases both in any case; one that is missing is
 * NULL.
 */
bool moor_policy_file_load_both(struct moor_policy **policy, struct moor_policy **older,
                                const char *path, const char *older_path, const char *when,
                                int64_t *now) MOOR_MUST_CHECK;

/*
 * Loads a policy that is reloaded later: only a regular file is read.  Prints nothing, because the
 * caller may log in JSON: appends errors and warnings to `diagnostics`, a line each.  Returns NULL
 * and sets `err` if the policy is invalid.
 */
struct moor_policy *moor_policy_file_load_regular(const char *path, struct moor_buf *diagnostics,
                                                  struct moor_error *err) MOOR_MUST_CHECK;

/* Prints diagnostics on standard error. */
void moor_policy_file_print(const struct moor_buf *diagnostics);

#endif
