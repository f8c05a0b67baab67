/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exemptions - prints the exemptions of a policy: their ends, what they cover, and their last use.
 *
 * Threads:  main thread only.
 * Memory:   scratch buffers.
 */
#ifndef MOOR_CMD_USAGE_EXEMPTIONS_H
#define MOOR_CMD_USAGE_EXEMPTIONS_H

#include "cmd/report/exemption_uses.h"
#include "cmd/usage/usage.h"

#include <stdio.h>

/* The facts about the exemptions of a policy. */
struct moor_exemptions {
    const struct moor_policy *policy;
    int64_t now;                            /* seconds since 1970 */
    const struct moor_exemption_uses *uses; /* images of a dump; NULL without one */
    const struct moor_tally *log;           /* uses in a log by name; NULL without one */
};

/* Print the exemptions in the order of the policy. */
void moor_exemptions_write_table(FILE *out, const struct moor_exemptions *exemptions);
void moor_exemptions_write_json(FILE *out, const struct moor_exemptions *exemptions);
void moor_exemptions_write_csv(FILE *out, const struct moor_exemptions *exemptions);

#endif
