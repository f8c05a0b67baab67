/* SPDX-License-Identifier: Apache-2.0 */
/*
 * findings - what a verdict adds to the report of `check`, with positions in the file.
 *
 * Threads:  one at a time.
 * Memory:   owns buffers that are reused from finding to finding; what lasts is in the report.
 */
#ifndef MOOR_CMD_CHECK_FINDINGS_H
#define MOOR_CMD_CHECK_FINDINGS_H

#include "cmd/check/subject.h"
#include "cmd/report/report.h"
#include "policy/judge.h"

struct moor_findings {
    struct moor_report *report;
    struct moor_buf texts[4];
};

void moor_findings_init(struct moor_findings *out, struct moor_report *report);
void moor_findings_release(struct moor_findings *findings);

/* Adds a finding for each image that needs attention, and for an object that is malformed; counts
 * the others. */
void moor_findings_add(struct moor_findings *findings, const struct moor_document *document,
                       const struct moor_subject *subject, const struct moor_verdict *verdict);

#endif
