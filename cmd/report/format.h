/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format - an output format of a report.
 *
 * Each format is defined in a source of its own and has a row in formats.h.
 *
 * Threads:  constant, any thread.
 * Memory:   static.
 */
#ifndef MOOR_CMD_REPORT_FORMAT_H
#define MOOR_CMD_REPORT_FORMAT_H

#include "cmd/report/page.h"
#include "cmd/report/report.h"

/* A format. */
struct moor_report_format {
    const char *name;        /* value of --output */
    const char *description; /* phrase for --help and completion */
    /* Writes the report to `out`.  Write errors are left to the stream.  NULL: the command does. */
    void (*write)(FILE *out, const struct moor_report *report, const struct moor_page_style *style);
};

#endif
