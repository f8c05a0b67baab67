/* SPDX-License-Identifier: Apache-2.0 */
/*
 * findings - converts a verdict to findings in the report of `check`, with positions in the file.
 *
 * Threads:  one at a time.
 * Memory:   owns buffers that are reused for each finding; the report owns copies.
 */
#ifndef MOOR_CMD_CHECK_FINDINGS_H
#define MOOR_CMD_CHECK_FINDINGS_H

#include "cmd/check/observer.h"
#include "cmd/check/rendering.h"
#include "cmd/check/suppressions.h"
#include "cmd/evidence/lock.h"
#include "cmd/report/report.h"
#include "policy/judge.h"

/* The report, and buffers for the texts of one finding. */
struct moor_findings {
    struct moor_report *report;
    struct moor_rendering *rendering;      /* what the documents were made from; NULL: their file */
    struct moor_suppressions suppressions; /* those of the current file */
    const struct moor_observer *observer;  /* gets each image; or NULL */
    const struct moor_lock *evidence;      /* completes repairs by digests; or NULL */
    struct moor_buf texts[4];
};

/* Prepares the buffers.  `report` is borrowed. */
void moor_findings_init(struct moor_findings *out, struct moor_report *report);
void moor_findings_release(struct moor_findings *findings);

/*
 * Adds a finding for each image that is not allowed and for a malformed object, and counts the
 * other images.  `found` has the position of the object that was evaluated.
 */
void moor_findings_add(struct moor_findings *findings, const struct moor_images_found *found,
                       const struct moor_verdict *verdict);

#endif
