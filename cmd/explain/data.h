/* SPDX-License-Identifier: Apache-2.0 */
/*
 * data - what is explained, for programs.
 *
 * Threads:  the main thread alone.
 */
#ifndef MOOR_CMD_EXPLAIN_DATA_H
#define MOOR_CMD_EXPLAIN_DATA_H

#include "cmd/explain/explaining.h"
#include "cmd/report/page.h"

/* Writes the names of the columns of moor_explain_write_tsv(). */
void moor_explain_begin_tsv(FILE *out);

/* Write the reference at hand as a line. */
void moor_explain_write_json(FILE *out, struct moor_explaining *explaining,
                             const struct moor_page_style *style);
void moor_explain_write_tsv(FILE *out, struct moor_explaining *explaining,
                            const struct moor_page_style *style);

/* Adds what the environments do not admit to the report. */
void moor_explain_report(struct moor_explaining *explaining);

#endif
