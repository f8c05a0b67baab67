/* SPDX-License-Identifier: Apache-2.0 */
/*
 * baseline - findings that are known, in a file that is kept beside what they were found in.
 *
 * A line a finding, of four columns between tabs: file, object, container (or its path), image;
 * sorted, so that diffs are small, and without line numbers, so that moving a line changes nothing.
 * What stands there twice is known twice.  Lines that begin with `#` are comments.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates what it needs and gives it back.
 */
#ifndef MOOR_CMD_CHECK_BASELINE_H
#define MOOR_CMD_CHECK_BASELINE_H

#include "cmd/report/report.h"

/*
 * Marks the findings that `text`, a baseline read from `file`, lists as known, and adds entries
 * that match nothing any more to the report's stale ones.
 */
int moor_baseline_apply(struct moor_report *report, struct moor_slice text, struct moor_slice file,
                        struct moor_error *err) MOOR_MUST_CHECK;

/* Whether `text` is a baseline: an empty one is. */
bool moor_baseline_is_one(struct moor_slice text);

/* Writes findings that are denied or warned, the known ones too. */
int moor_baseline_write(FILE *out, const struct moor_report *report,
                        struct moor_error *err) MOOR_MUST_CHECK;

#endif
