/* SPDX-License-Identifier: Apache-2.0 */
/* junit - the report as JUnit XML. */
#ifndef MOOR_CMD_REPORT_JUNIT_H
#define MOOR_CMD_REPORT_JUNIT_H

#include "cmd/report/format.h"

extern const struct moor_report_format moor_report_format_junit;

#endif
