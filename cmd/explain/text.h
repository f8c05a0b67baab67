/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text - writes an explained reference as text for a terminal.
 *
 * Threads:  main thread only.
 * Memory:   uses the scratch buffer of the explanation.
 */
#ifndef MOOR_CMD_EXPLAIN_TEXT_H
#define MOOR_CMD_EXPLAIN_TEXT_H

#include "cmd/explain/explaining.h"
#include "cmd/report/page.h"

/* Writes the current reference. */

void moor_explain_write_text(FILE *out, struct moor_explaining *explaining,
                             const struct moor_page_style *style);

/* Writes a summary after the last of several references. */
void moor_explain_finish_text(FILE *out, struct moor_explaining *explaining,
                              const struct moor_page_style *style);

#endif
