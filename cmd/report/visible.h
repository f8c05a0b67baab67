/* SPDX-License-Identifier: Apache-2.0 */
/*
 * visible - prints names from outside: of files, of objects, of operands.
 *
 * A file name and a field of a manifest can hold line ends, commands of a GitHub workflow, and
 * characters that move or colour a terminal.  All outputs show them as policy/base/escape.h does.
 *
 * Threads:  any, each with a stream of its own.
 * Memory:   none where nothing has to be escaped.
 */
#ifndef MOOR_CMD_REPORT_VISIBLE_H
#define MOOR_CMD_REPORT_VISIBLE_H

#include "policy/base/slice.h"

#include <stdio.h>

/* Writes `text`, line ends included as text. */
void moor_visible_write(FILE *out, struct moor_slice text);

/* How many characters that writes. */
unsigned moor_visible_width(struct moor_slice text);

#endif
