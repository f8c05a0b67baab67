/* SPDX-License-Identifier: Apache-2.0 */
/* tsv - the findings as tab-separated values. */
#ifndef MOOR_CMD_REPORT_TSV_H
#define MOOR_CMD_REPORT_TSV_H

#include "cmd/report/format.h"

extern const struct moor_report_format moor_report_format_tsv;
extern const struct moor_report_format moor_report_format_tsv_header;

#endif
