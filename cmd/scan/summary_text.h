/* SPDX-License-Identifier: Apache-2.0 */
/*
 * summary_text - writes the groups of a scan as text: by image, by namespace and by owner.
 *
 * Threads:  one stream, one thread at a time.
 * Memory:   the groups, for the time of the call.
 */
#ifndef MOOR_CMD_SCAN_SUMMARY_TEXT_H
#define MOOR_CMD_SCAN_SUMMARY_TEXT_H

#include "cmd/report/page.h"
#include "cmd/scan/results.h"

/*
 * Writes a table for each kind of group.  A table has at most MOOR_SUMMARY_MAX_ROWS rows, unless
 * the user asked for the complete text.
 */
void moor_summary_write_text(struct moor_page *page, const struct moor_results *results);

#define MOOR_SUMMARY_MAX_ROWS ((size_t)20)

#endif
