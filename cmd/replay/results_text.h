/* SPDX-License-Identifier: Apache-2.0 */
/*
 * results_text - prints the results of a replay for a reader.
 *
 * Threads:  main thread only.
 * Memory:   that of a page.
 */
#ifndef MOOR_CMD_REPLAY_RESULTS_TEXT_H
#define MOOR_CMD_REPLAY_RESULTS_TEXT_H

#include "cmd/replay/results.h"
#include "cmd/report/page.h"

/* Number of findings, and of names in each table, that are printed unless all are wanted. */
#define MOOR_REPLAY_SHOWN_FINDINGS 100
#define MOOR_REPLAY_SHOWN_NAMES    10

/* Prints the results.  `is_full` prints all findings and names.  Call moor_replay_finish() first.
 */
void moor_replay_write_text(FILE *out, const struct moor_replay *replay, bool is_full,
                            const struct moor_page_style *style);

#endif
