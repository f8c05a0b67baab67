/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uses_output - prints who asked to run which image, as a table, JSON or CSV.
 *
 * Threads:  main thread only.
 * Memory:   scratch buffers.
 */
#ifndef MOOR_CMD_USAGE_USES_OUTPUT_H
#define MOOR_CMD_USAGE_USES_OUTPUT_H

#include "cmd/usage/usage.h"

#include <stdio.h>

/* Print the uses, which the caller has sorted. */
void moor_uses_write_table(FILE *out, const struct moor_usage *usage);
void moor_uses_write_json(FILE *out, const struct moor_usage *usage);
void moor_uses_write_csv(FILE *out, const struct moor_usage *usage);

#endif
