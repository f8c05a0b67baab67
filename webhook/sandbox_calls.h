/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox_calls - limits the system calls of the running server: seccomp.
 *
 * The second step of the sandbox, after sandbox_files.h: it is called when all threads run, and
 * holds for all of them.  A call that is not on the list of allowed calls fails with ENOSYS and
 * does not end the process, so that a libc which tries a newer call first falls back to the older
 * one.
 *
 * Threads:  any thread.
 * Memory:   keeps none.
 */
#ifndef MOOR_WEBHOOK_SANDBOX_CALLS_H
#define MOOR_WEBHOOK_SANDBOX_CALLS_H

#include "policy/base/error.h"

/* Returns -1 if the filter could not be installed. */
int moor_sandbox_limit_calls(struct moor_error *err) MOOR_MUST_CHECK;

#endif
