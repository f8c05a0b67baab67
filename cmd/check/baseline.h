/* SPDX-License-Identifier: Apache-2.0 */
/*
 * baseline - known findings in a file, which do not fail a run.
 *
 * Each line is a finding in four columns separated by tabs: file, object, container (or its path),
 * image.  The lines are sorted, so that diffs are small.  They have no line numbers, so that moving
 * lines of a manifest changes nothing.  An entry that occurs twice matches two findings.  Lines
 * that begin with `#` are comments.
 *
 * Threads:  pure, any thread.
 * Memory:   frees everything that it allocates.
 */
#ifndef MOOR_CMD_CHECK_BASELINE_H
#define MOOR_CMD_CHECK_BASELINE_H

#include "cmd/report/report.h"

/*
 * Marks the findings that `text`, a baseline read from `file`, lists as known.  Entries without a
 * finding are added to the report as stale.  Returns -1 with the line in `err` for an invalid line.
 */
int moor_baseline_apply(struct moor_report *report, struct moor_slice text, struct moor_slice file,
                        struct moor_error *err) MOOR_MUST_CHECK;

/* Returns whether `text` is a baseline.  An empty text is one. */
bool moor_baseline_is_one(struct moor_slice text);

/* Writes the denied and warned findings, including known ones.  Returns -1 if memory is short. */
int moor_baseline_write(FILE *out, const struct moor_report *report,
                        struct moor_error *err) MOOR_MUST_CHECK;

#endif
