/* SPDX-License-Identifier: Apache-2.0 */
/* github - the report as commands of GitHub workflows. */
#ifndef MOOR_CMD_REPORT_GITHUB_H
#define MOOR_CMD_REPORT_GITHUB_H

#include "cmd/report/format.h"

extern const struct moor_report_format moor_report_format_github;

#endif
