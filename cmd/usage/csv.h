/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv - writes comma-separated values that spreadsheets show as text.
 *
 * Follows RFC 4180 with a newline as the end of a line.  A user or an image can begin with a
 * character that spreadsheets take for a formula; such a cell gets an apostrophe before it.
 * Control characters are escaped as in all outputs.
 *
 * Threads:  one writer, one thread at a time.
 * Memory:   a scratch buffer, released by moor_csv_end().
 */
#ifndef MOOR_CMD_USAGE_CSV_H
#define MOOR_CMD_USAGE_CSV_H

#include "policy/base/buf.h"

#include <stdio.h>

/* A table on a stream. */
struct moor_csv {
    FILE *out;
    bool has_cells; /* the line has a cell */
    struct moor_buf text;
};

/* Begins a table. */
void moor_csv_begin(struct moor_csv *csv, FILE *out);

/* Writes a cell of the current line. */
void moor_csv_cell(struct moor_csv *csv, struct moor_slice text);

/* Ends the line. */
void moor_csv_line(struct moor_csv *csv);

/* Ends the table. */
void moor_csv_end(struct moor_csv *csv);

#endif
