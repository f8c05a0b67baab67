/* SPDX-License-Identifier: Apache-2.0 */
/*
 * baseline - known findings in a file, which do not fail a run.
 *
 * Each line is a finding in four columns separated by tabs: file, object, container (or its path),
 * image.  The lines are sorted, so that diffs are small.  They have no line numbers, so that moving
 * lines of a manifest changes nothing.  An entry that occurs twice matches two findings.  Lines
 * that begin with `#` are comments.
 *
 * Files are named relative to the folder of the baseline (cmd/input/relative.h), so that neither
 * the working directory nor the spelling of an operand matters.
 *
 * Threads:  one at a time.
 * Memory:   frees everything that it allocates.
 */
#ifndef MOOR_CMD_CHECK_BASELINE_H
#define MOOR_CMD_CHECK_BASELINE_H

#include "cmd/input/relative.h"
#include "cmd/report/report.h"

/* A baseline, and the inputs of the run that it is compared with. */
struct moor_baseline {
    const char *path;             /* path of the baseline */
    struct moor_relative *folder; /* the folder of the baseline */
    char *const *operands;
    size_t operand_count;
};

/*
 * Marks the findings that `text`, the content of the baseline, lists as known.  Adds entries
 * without a finding to the report as stale if their file was read in this run, or if it is gone
 * from a directory that was read: a run over some files says nothing about the others.  Returns -1
 * with the line in `err` for an invalid line.
 */
int moor_baseline_apply(struct moor_report *report, const struct moor_baseline *baseline,
                        struct moor_slice text, struct moor_error *err) MOOR_MUST_CHECK;

/* Returns whether `text` is a baseline.  An empty text is one. */
bool moor_baseline_is_one(struct moor_slice text);

/*
 * Writes the denied and warned findings, known ones too, but not those that are suppressed, and
 * sets `*count` to their number.  Returns -1 if memory is short.
 */
int moor_baseline_write(FILE *out, size_t *count, const struct moor_report *report,
                        const struct moor_relative *folder, struct moor_error *err) MOOR_MUST_CHECK;

#endif
