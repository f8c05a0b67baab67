/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text - what is explained, for people.
 *
 * Threads:  the main thread alone.
 */
#ifndef MOOR_CMD_EXPLAIN_TEXT_H
#define MOOR_CMD_EXPLAIN_TEXT_H

#include "cmd/explain/explaining.h"
#include "cmd/report/page.h"

/* Writes the reference at hand. */
void moor_explain_write_text(FILE *out, struct moor_explaining *explaining,
                             const struct moor_page_style *style);

/* Writes a summary after the last of several references. */
void moor_explain_finish_text(FILE *out, struct moor_explaining *explaining,
                              const struct moor_page_style *style);

#endif
