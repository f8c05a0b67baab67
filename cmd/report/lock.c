/* SPDX-License-Identifier: Apache-2.0 */
/* The lock file of a scan (cmd/evidence/lock.h), which the scan writes: a report has no digests. */
#include "cmd/report/formats.h"

const struct moor_report_format moor_report_format_lock = {
    .name = "lock",
    .description = "lock file: the digest of each image that runs",
    .write = NULL,
};
