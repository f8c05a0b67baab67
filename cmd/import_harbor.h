/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import_harbor - converts the tag immutability rules of a project of Harbor to entries of a
 * policy.
 *
 * The input is the answer of `/api/v2.0/projects/NAME/immutabletagrules`, for the project that
 * --project names.
 *
 * Threads:  one at a time.
 * Memory:   borrows from the JSON; appends to the caller's result.
 */
#ifndef MOOR_CMD_IMPORT_HARBOR_H
#define MOOR_CMD_IMPORT_HARBOR_H

#include "cmd/import_entries.h"

/* Appends the entries for `root`.  Returns -1 with `err` if Harbor does not print such JSON. */
int moor_import_harbor(struct moor_import *out, const json_t *root,
                       struct moor_error *err) MOOR_MUST_CHECK;

#endif
