/* SPDX-License-Identifier: Apache-2.0 */
/*
 * results_values - what a scan found, for programs.
 *
 * Threads:  one stream, one thread at a time.
 */
#ifndef MOOR_CMD_SCAN_RESULTS_VALUES_H
#define MOOR_CMD_SCAN_RESULTS_VALUES_H

#include "cmd/scan/results.h"

#include <stdio.h>

/* Writes one JSON object, with a line for each image. */
void moor_results_write_json(FILE *out, const struct moor_results *results);

/* Writes a line of tab-separated values for each image. */
void moor_results_write_tsv(FILE *out, const struct moor_results *results);
void moor_results_write_tsv_header(FILE *out, const struct moor_results *results);

#endif
