/* SPDX-License-Identifier: Apache-2.0 */
/* sarif - the report as SARIF. */
#ifndef MOOR_CMD_REPORT_SARIF_H
#define MOOR_CMD_REPORT_SARIF_H

#include "cmd/report/format.h"

extern const struct moor_report_format moor_report_format_sarif;

#endif
