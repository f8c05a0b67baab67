/* SPDX-License-Identifier: Apache-2.0 */
/*
 * moved - reports the references of a scan that named two things, and what is known of digests.
 *
 * Threads:  one at a time.
 * Memory:   borrows what Pods run.
 */
#ifndef MOOR_CMD_SCAN_MOVED_H
#define MOOR_CMD_SCAN_MOVED_H

#include "cmd/evidence/running.h"
#include "cmd/report/json_output.h"
#include "cmd/report/page.h"
#include "cmd/report/report.h"

/* Returns the digest that the image runs as, in any spelling; empty if unknown or several. */
struct moor_slice moor_moved_digest(const struct moor_running *running, struct moor_slice image);

/* Adds a finding for each moved reference, for the formats of `check`. */
void moor_moved_report(struct moor_report *report, const struct moor_running *running);

/* Writes the member `moved`. */
void moor_moved_put_json(struct moor_json_output *output, const struct moor_running *running);

/* Writes the member `digests`, which counts containers by what their image IDs say. */
void moor_moved_put_counts(struct moor_json_writer *json, const struct moor_running *running);

/* Writes a line for each digest of a moved reference; `blank` columns come before the last one. */
void moor_moved_put_tsv(FILE *out, const struct moor_running *running, size_t blank);

/* Writes the moved references as sentences; nothing if there are none. */
void moor_moved_put_text(struct moor_page *page, const struct moor_running *running);

/* Writes how many containers have a known digest, and why others have none. */
void moor_moved_put_summary(struct moor_page *page, const struct moor_running *running,
                            bool lacks_nodes);

#endif
