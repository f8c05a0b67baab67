/* SPDX-License-Identifier: Apache-2.0 */
/* text - the report for people. */
#ifndef MOOR_CMD_REPORT_TEXT_H
#define MOOR_CMD_REPORT_TEXT_H

#include "cmd/report/format.h"

extern const struct moor_report_format moor_report_format_text;

#endif
