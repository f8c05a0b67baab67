/* SPDX-License-Identifier: Apache-2.0 */
/* json - the report as one JSON object. */
#ifndef MOOR_CMD_REPORT_JSON_H
#define MOOR_CMD_REPORT_JSON_H

#include "cmd/report/format.h"

extern const struct moor_report_format moor_report_format_json;

#endif
