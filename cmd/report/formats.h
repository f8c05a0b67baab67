/* SPDX-License-Identifier: Apache-2.0 */
/*
 * formats - the table of output formats.
 *
 * Parsing, --help, error messages, completion and the man page follow from the table.
 *
 * Threads:  pure, any thread.
 * Memory:   static.
 */
#ifndef MOOR_CMD_REPORT_FORMATS_H
#define MOOR_CMD_REPORT_FORMATS_H

#include "cmd/report/format.h"

/*
 * One row per format: moor_report_format_<name> is defined in <name>.c.  The first is the default.
 * The second table has the formats that only a scan of a cluster can fill.
 */
#define MOOR_REPORT_FORMATS(ROW) \
    ROW(text)                    \
    ROW(json)                    \
    ROW(sarif)                   \
    ROW(junit)                   \
    ROW(github)                  \
    ROW(codequality)             \
    ROW(markdown)                \
    ROW(tsv)                     \
    ROW(tsv_header) /* in tsv.c */

#define MOOR_REPORT_FORMATS_OF_CLUSTERS(ROW) \
    ROW(lock)                                \
    ROW(openreports)

#define MOOR_REPORT_FORMAT_EXTERN(name) \
    extern const struct moor_report_format moor_report_format_##name;

MOOR_REPORT_FORMATS(MOOR_REPORT_FORMAT_EXTERN)
MOOR_REPORT_FORMATS_OF_CLUSTERS(MOOR_REPORT_FORMAT_EXTERN)

/* A list of formats: returns the one at `index`, or NULL after the last. */
typedef const struct moor_report_format *moor_report_formats_function(size_t index);

/* The formats of all commands.  The first one is the default. */
const struct moor_report_format *moor_report_formats_at(size_t index);

/* The formats of `tagmoor scan`: those of all commands, then those of clusters. */
const struct moor_report_format *moor_report_formats_of_scan_at(size_t index);

/* Return the name and the description of the format at `index`, or NULL after the last. */
const char *moor_report_formats_name_at(size_t index, const char **description);
const char *moor_report_formats_of_scan_name_at(size_t index, const char **description);

/* Returns the format of this name in the list, or NULL. */
const struct moor_report_format *moor_report_formats_find(moor_report_formats_function *at,
                                                          struct moor_slice name);

/* Appends all names of the list: `text, json or tsv`. */
void moor_report_formats_append_names(struct moor_buf *out, moor_report_formats_function *at);

#endif
