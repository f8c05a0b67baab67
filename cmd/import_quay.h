/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import_quay - converts the immutability policies of an organization of Quay to entries of a
 * policy.
 *
 * The input is the answer of `/api/v1/organization/NAME/immutabilitypolicy/`, for the organization
 * that --project names.
 *
 * Threads:  one at a time.
 * Memory:   borrows from the JSON; appends to the caller's result.
 */
#ifndef MOOR_CMD_IMPORT_QUAY_H
#define MOOR_CMD_IMPORT_QUAY_H

#include "cmd/import_entries.h"

/* Appends the entries for `root`.  Returns -1 with `err` if Quay does not print such JSON. */
int moor_import_quay(struct moor_import *out, const json_t *root,
                     struct moor_error *err) MOOR_MUST_CHECK;

#endif
