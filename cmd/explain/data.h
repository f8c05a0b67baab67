/* SPDX-License-Identifier: Apache-2.0 */
/*
 * data - writes an explained reference for programs: JSON lines, tab-separated values, findings.
 *
 * Threads:  main thread only.
 * Memory:   uses the scratch buffer of the explanation.
 */
#ifndef MOOR_CMD_EXPLAIN_DATA_H
#define MOOR_CMD_EXPLAIN_DATA_H

#include "cmd/explain/explaining.h"
#include "cmd/report/page.h"

/* Writes the names of the columns of moor_explain_write_tsv(). */
void moor_explain_begin_tsv(FILE *out);

/* Write the current reference as one line. */
void moor_explain_write_json(FILE *out, struct moor_explaining *explaining,
                             const struct moor_page_style *style);
void moor_explain_write_tsv(FILE *out, struct moor_explaining *explaining,
                            const struct moor_page_style *style);

/* Adds a finding to the report for each environment that does not allow the reference. */
void moor_explain_report(struct moor_explaining *explaining);

#endif
