/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loader - reads a policy file into a policy, whole or not at all.
 *
 * The file is YAML 1.1 as libyaml reads it, one document, UTF-8, without anchors, aliases and tags.
 * Every key is known, stands once and has its type; everything that is wrong is reported at once,
 * each with `file:line:column`, and a near key is suggested.
 *
 * Threads:  pure, any thread.
 * Memory:   the policy belongs to the caller, who releases it.
 * Limits:   1 MiB, depth 32, MOOR_LOADER_MAX_REPORTS reports of each kind; whatever the file holds,
 *           loading it takes less than 24 MiB, and the policy less than 9 MiB.
 */
#ifndef MOOR_POLICY_FILE_LOADER_H
#define MOOR_POLICY_FILE_LOADER_H

#include "policy/base/buf.h"
#include "policy/base/error.h"
#include "policy/rules/policy.h"

#define MOOR_LOADER_MAX_BYTES   ((size_t)1024 * 1024)
#define MOOR_LOADER_MAX_DEPTH   32
#define MOOR_LOADER_MAX_REPORTS 20

/*
 * Loads the policy in `text`; `name` is the file's name, for reports ("policy.yaml").
 *
 * `reports` receives a line for each error and warning, `name:line:column: text`, warnings as
 * `name:line:column: warning: text`, in the order of the file; empty where there is nothing to say.
 * Behind the first MOOR_LOADER_MAX_REPORTS of a kind, `name: 3 more errors` counts the others. What
 * has no place, no memory for instance, is `name: text`.
 * Returns the number of errors: 0 with the policy in `*out`, or more with `*out` set to NULL.
 */
size_t moor_policy_load(struct moor_policy **out, struct moor_slice text, const char *name,
                        struct moor_buf *diagnostics) MOOR_MUST_CHECK;

#endif
