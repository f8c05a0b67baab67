/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox_files - limits the files and addresses that the running server can reach: landlock.
 *
 * The sandbox has two steps.  moor_sandbox_limit_files() is the first: it is called when all files
 * are loaded and all addresses are bound, before any thread starts.  It forbids new privileges,
 * core dumps and a tracer of the same user, and with landlock every write, execution, bind and
 * connect. Only files in the directories of the given files can still be read.  The second step is
 * in sandbox_calls.h.
 *
 * The directories stay readable as a whole, so that files can be replaced and the kubelet's
 * `..data` link can be swapped.  If a path leads through links, the directories of the links stay
 * readable too.  A new directory that replaces such a directory is not readable, which
 * moor_sandbox_forbids() detects.
 *
 * Each step is useful alone.  If a kernel or a build (sanitizers, coverage) does not support one,
 * log this and continue.
 *
 * Threads:  before other threads start: landlock applies to the caller and all its later threads.
 * Memory:   the identities of the directories are kept, in static memory.
 * Limits:   a path may lead through MOOR_SANDBOX_MAX_LINKS links.
 */
#ifndef MOOR_WEBHOOK_SANDBOX_FILES_H
#define MOOR_WEBHOOK_SANDBOX_FILES_H

#include "policy/base/error.h"

#include <stdbool.h>

#define MOOR_SANDBOX_MAX_LINKS 40

/*
 * `paths` are the files that will be read again, `count` of them; NULL entries are skipped. Returns
 * -1 if the kernel supports only a part of the restrictions; the supported part is in force.
 */
int moor_sandbox_limit_files(const char *const *paths, size_t count,
                             struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Whether moor_sandbox_limit_files() prevents reading the file at `path`; false if that is unknown.
 */
#ifdef MOOR_WITHOUT_SERVER /* and so without a sandbox */
static inline bool moor_sandbox_forbids(const char *path)
{
    (void)path;
    return false;
}
#else
bool moor_sandbox_forbids(const char *path);
#endif

#endif
