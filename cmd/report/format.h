/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format - a form that a report is written in.
 *
 * Each format is a source of its own that defines one such struct, and a row of formats.h.
 */
#ifndef MOOR_CMD_REPORT_FORMAT_H
#define MOOR_CMD_REPORT_FORMAT_H

#include "cmd/report/page.h"
#include "cmd/report/report.h"

struct moor_report_format {
    const char *name;        /* as `--output` has it */
    const char *description; /* a phrase */
    void (*write)(FILE *out, const struct moor_report *report, const struct moor_page_style *style);
};

#endif
