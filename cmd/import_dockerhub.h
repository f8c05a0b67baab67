/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import_dockerhub - converts the rules for immutable tags of Docker Hub to entries of a policy.
 *
 * The input is an answer of `/v2/namespaces/NAMESPACE/repositories/NAME`, or a list of them.  The
 * rules become patterns for the level build.
 *
 * Threads:  one at a time.
 * Memory:   borrows from the JSON; appends to the caller's result.
 */
#ifndef MOOR_CMD_IMPORT_DOCKERHUB_H
#define MOOR_CMD_IMPORT_DOCKERHUB_H

#include "cmd/import_entries.h"

/* Appends the entries for `root`.  Returns -1 with `err` if Docker Hub does not print such JSON. */
int moor_import_dockerhub(struct moor_import *out, const json_t *root,
                          struct moor_error *err) MOOR_MUST_CHECK;

#endif
