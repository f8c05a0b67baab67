/* SPDX-License-Identifier: Apache-2.0 */
/*
 * visible - prints names that somebody else gave: of files, of objects, of what a command was told.
 *
 * A file's name and a manifest's field may hold line ends, which would begin a line of their own (a
 * command, where GitHub reads the log), and what moves or colours a terminal.  They are shown as
 * the judge's messages show them: `\x1b`.
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

#endif
