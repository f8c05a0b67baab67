/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox_calls - restricts the system calls of the running server with seccomp.
 *
 * This is the second step of the sandbox, after sandbox_files.h.  Call it when all threads run; it
 * applies to all of them.  A call that is not allowed fails with ENOSYS and does not end the
 * process: a libc that tries a newer call first falls back to the older one.
 *
 * Threads:  any thread.
 * Memory:   keeps none.
 */
#ifndef MOOR_WEBHOOK_SANDBOX_CALLS_H
#define MOOR_WEBHOOK_SANDBOX_CALLS_H

#include "policy/base/error.h"

/* Installs the filter.  Returns -1 if that fails or if the build has no sandbox. */
int moor_sandbox_limit_calls(struct moor_error *err) MOOR_MUST_CHECK;

#endif
