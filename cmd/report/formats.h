/* SPDX-License-Identifier: Apache-2.0 */
/*
 * formats - the formats that a report can be written in.
 *
 * Parsing, help, error messages and the man page list what is here.
 *
 * Threads:  pure, any thread.
 */
#ifndef MOOR_CMD_REPORT_FORMATS_H
#define MOOR_CMD_REPORT_FORMATS_H

#include "cmd/report/format.h"

/* The format at `index`, or NULL beyond the last; the first is the default. */
const struct moor_report_format *moor_report_formats_at(size_t index);

/* The name of the format at `index`, with its description; NULL beyond the last. */
const char *moor_report_formats_name_at(size_t index, const char **description);

/* The format of this name; NULL if there is none. */
const struct moor_report_format *moor_report_formats_find(struct moor_slice name);

/* Appends `text, json or tsv`, with all names. */
void moor_report_formats_append_names(struct moor_buf *out);

#endif
