/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options_help - the list of options that --help prints, with their defaults and limits.
 *
 * Threads:  the stream's.
 */
#ifndef MOOR_CMD_OPTIONS_HELP_H
#define MOOR_CMD_OPTIONS_HELP_H

#include "cmd/options.h"

#include <stdio.h>

/* Prints the options, one to a line or more, within 80 columns.  `values` holds the defaults. */
void moor_options_help_print(FILE *out, const struct moor_option *options, size_t count,
                             const void *values);

#endif
