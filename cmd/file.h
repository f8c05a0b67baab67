/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file - whole files as bytes, within a limit.
 *
 * Threads:  pure but for the file, any thread.
 * Memory:   appends to the caller's buffer, whose maximum is the limit.
 */
#ifndef MOOR_CMD_FILE_H
#define MOOR_CMD_FILE_H

#include "policy/base/buf.h"
#include "policy/base/error.h"
#include "policy/rules/policy.h"

/* What messages call the file at `path`. */
const char *moor_file_name(const char *path);

/* Reads the file at `path`, `-` being standard input, into `out`. */
int moor_file_read(struct moor_buf *out, const char *path, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Loads the policy at `path`, or the embedded default where `path` is NULL, and prints what the
 * loader reports on stderr.  Returns NULL where it cannot be used; that was said then.
 */
struct moor_policy *moor_file_load_policy(const char *path) MOOR_MUST_CHECK;

#endif
