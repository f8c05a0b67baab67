/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loader - loads a policy file, completely or not at all.
 *
 * The file is YAML 1.1 as libyaml parses it: one document in UTF-8 without anchors, aliases and
 * tags.  Every key must be known, occur once and have its type.  All errors are reported at once,
 * each with `file:line:column`; a misspelled key gets a suggestion.
 *
 * Threads:  pure, any thread.
 * Memory:   the policy belongs to the caller, who releases it.
 * Limits:   1 MiB, depth 32, MOOR_LOADER_MAX_REPORTS diagnostics of each kind.  Loading a file
 *           takes less than 24 MiB, and a loaded policy less than 9 MiB.
 */
#ifndef MOOR_POLICY_FILE_LOADER_H
#define MOOR_POLICY_FILE_LOADER_H

#include "policy/base/buf.h"
#include "policy/base/error.h"
#include "policy/rules/policy.h"

/* The limits: bytes of a file, levels of nesting, and errors or warnings that are listed. */
#define MOOR_LOADER_MAX_BYTES   ((size_t)1024 * 1024)
#define MOOR_LOADER_MAX_DEPTH   32
#define MOOR_LOADER_MAX_REPORTS 20

/*
 * Loads the policy in `text`.  `name` is the name of the file in diagnostics ("policy.yaml").
 *
 * `diagnostics` receives a line for each error, `name:line:column: text`, and each warning,
 * `name:line:column: warning: text`, in the order of the file.  After MOOR_LOADER_MAX_REPORTS of a
 * kind, `name: 3 more errors` counts the others.  An error without a position, such as lack of
 * memory, is `name: text`.
 *
 * Returns the number of errors.  If it is 0, `*out` is the policy, else NULL.
 */
size_t moor_policy_load(struct moor_policy **out, struct moor_slice text, const char *name,
                        struct moor_buf *diagnostics) MOOR_MUST_CHECK;

struct moor_diagnostics;

/* As moor_policy_load(), with the diagnostics as data; the caller clears `diagnostics` before. */
size_t moor_policy_read(struct moor_policy **out, struct moor_slice text,
                        struct moor_diagnostics *diagnostics) MOOR_MUST_CHECK;

#endif
