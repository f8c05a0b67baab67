/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox - takes away from the running server what serving does not need.
 *
 * Two steps, in the order of a server's start:
 *
 *   1. moor_sandbox_limit_files(), when all files are loaded and all addresses bound, before any
 *      thread starts: no new privileges, no core dump and no tracer of the same user, and landlock:
 *      nothing can be written, executed, bound or connected any more, and read only what stands in
 *      the directories of the given files.
 *   2. moor_sandbox_limit_calls(), when all threads run: seccomp with a list of the system calls
 *      that serving needs, over all threads.  What is not on it fails with ENOSYS and kills nobody,
 *      so that a libc which tries a newer call first falls back to the older one.
 *
 * The directories stay readable as a whole, so that files can be replaced and the kubelet's
 * `..data` link can be swapped: where a path leads through links, so do the directories of the
 * links.  A directory that takes the place of such a directory is another one, and stays closed:
 * moor_sandbox_forbids() tells.
 *
 * Each step is worth having alone.  A kernel or a build (sanitizers, coverage) that lacks one is no
 * reason not to serve: say so, and go on.
 *
 * Threads:  files before there are threads (landlock holds for the caller and what it starts
 *           later), calls from any thread, for all of them.
 * Memory:   the identities of the directories are kept, in static memory.
 * Limits:   a path may lead through MOOR_SANDBOX_MAX_LINKS links.
 */
#ifndef MOOR_WEBHOOK_SANDBOX_H
#define MOOR_WEBHOOK_SANDBOX_H

#include "policy/base/error.h"

#include <stdbool.h>

#define MOOR_SANDBOX_MAX_LINKS 40

/*
 * `paths` are the files that will be read again, `count` of them; NULL stands for none.  Returns -1
 * where the kernel does not have it all; what it has is in force.
 */
int moor_sandbox_limit_files(const char *const *paths, size_t count,
                             struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Whether moor_sandbox_limit_files() keeps the file at `path` from being read; false where that
 * cannot be told.
 */
bool moor_sandbox_forbids(const char *path);

/* Returns -1 where the filter could not be put in force. */
int moor_sandbox_limit_calls(struct moor_error *err) MOOR_MUST_CHECK;

#endif
