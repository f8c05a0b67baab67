/* SPDX-License-Identifier: Apache-2.0 */
/*
 * formats - the formats that a report can be written in.
 *
 * Help, error messages and completion list what is here.
 *
 * Threads:  pure, any thread.
 */
#ifndef MOOR_CMD_REPORT_FORMATS_H
#define MOOR_CMD_REPORT_FORMATS_H

#include "cmd/report/format.h"

/*
 * One row a format: moor_report_format_<name> is defined in <name>.c.  The first is the default.
 */
#define MOOR_REPORT_FORMATS(ROW) \
    ROW(text)                    \
    ROW(json)                    \
    ROW(sarif)                   \
    ROW(junit)                   \
    ROW(github)                  \
    ROW(tsv)                     \
    ROW(tsv_header) /* in tsv.c */

#define MOOR_REPORT_FORMAT_EXTERN(name) \
    extern const struct moor_report_format moor_report_format_##name;

MOOR_REPORT_FORMATS(MOOR_REPORT_FORMAT_EXTERN)

/* The format at `index`, or NULL beyond the last; the first is the default. */
const struct moor_report_format *moor_report_formats_at(size_t index);

/* The name of the format at `index`, with its description; NULL beyond the last. */
const char *moor_report_formats_name_at(size_t index, const char **description);

/* The format of this name; NULL if there is none. */
const struct moor_report_format *moor_report_formats_find(struct moor_slice name);

/* Appends `text, json or tsv`, with all names. */
void moor_report_formats_append_names(struct moor_buf *out);

#endif
