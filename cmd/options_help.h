/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options_help - prints the list of options for --help, with defaults and limits.
 *
 * Threads:  as the stream.
 * Memory:   frees everything that it allocates.
 */
#ifndef MOOR_CMD_OPTIONS_HELP_H
#define MOOR_CMD_OPTIONS_HELP_H

#include "cmd/options.h"

#include <stdio.h>

/* Prints the options to `out` within 80 columns.  `values` holds the defaults. */
void moor_options_help_print(FILE *out, const struct moor_option *options, size_t count,
                             const void *values);

#endif
