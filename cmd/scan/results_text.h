/* SPDX-License-Identifier: Apache-2.0 */
/*
 * results_text - writes the findings of a scan as text for a terminal.
 *
 * Threads:  one stream, one thread at a time.
 * Memory:   a scratch buffer per call.
 */
#ifndef MOOR_CMD_SCAN_RESULTS_TEXT_H
#define MOOR_CMD_SCAN_RESULTS_TEXT_H

#include "cmd/report/page.h"
#include "cmd/scan/results.h"

/* Writes a table of workloads and images, lines for the policy, and a summary. */
void moor_results_write_text(FILE *out, const struct moor_results *results,
                             const struct moor_page_style *style);

#endif
