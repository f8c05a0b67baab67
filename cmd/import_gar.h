/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import_gar - converts the repositories of Google Artifact Registry to entries of a policy.
 *
 * The input is the output of `gcloud artifacts repositories list --format=json`.  A standard
 * repository of images with immutable tags gets `otherwise: build`; remote and virtual ones are
 * left out with a note.
 *
 * Threads:  one at a time.
 * Memory:   borrows from the JSON; appends to the caller's result.
 */
#ifndef MOOR_CMD_IMPORT_GAR_H
#define MOOR_CMD_IMPORT_GAR_H

#include "cmd/import_entries.h"

/* Appends the entries for `root`.  Returns -1 with `err` if Google Artifact Registry does not print
 * such JSON. */
int moor_import_gar(struct moor_import *out, const json_t *root,
                    struct moor_error *err) MOOR_MUST_CHECK;

#endif
