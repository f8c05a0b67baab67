/* SPDX-License-Identifier: Apache-2.0 */
/*
 * results_values - writes the findings of a scan as JSON and as tab-separated values.
 *
 * Both forms are an interface, which tagmoor-output(5) documents.
 *
 * Threads:  one stream, one thread at a time.
 * Memory:   one finding at a time.
 */
#ifndef MOOR_CMD_SCAN_RESULTS_VALUES_H
#define MOOR_CMD_SCAN_RESULTS_VALUES_H

#include "cmd/scan/results.h"

#include <stdio.h>

/* Writes one JSON object, with a line for each image. */
void moor_results_write_json(FILE *out, const struct moor_results *results);

/* Writes a line of tab-separated values for each image. */
void moor_results_write_tsv(FILE *out, const struct moor_results *results);

/* Writes the line with the names of the columns. */
void moor_results_write_tsv_header(FILE *out, const struct moor_results *results);

#endif
