/* SPDX-License-Identifier: Apache-2.0 */
/*
 * complete - what can stand in place of the last word of a command line, for the completion of
 * shells: `tagmoor __complete WORD...`.
 *
 * The output is that of kubectl's plugins: a candidate a line, with a description after a tab, and
 * at the end a directive: `:4` these words only, `:0` names of files, `:16` names of directories.
 * In `--name=value` and `FORMAT=FILE` the candidates are for what follows the sign.  It is not an
 * interface for people: it is not listed by --help and may change with the scripts that read it.
 *
 * Threads:  the main thread alone.
 * Memory:   allocates what it needs and frees it.
 */
#ifndef MOOR_CMD_COMPLETE_H
#define MOOR_CMD_COMPLETE_H

#include "cmd/command.h"

#define MOOR_COMPLETE_COMMAND "__complete"

/*
 * Prints the candidates for the last of `words`, those behind the program's name; `commands` ends
 * with NULL.  Returns the exit status.
 */
int moor_complete(const struct moor_command *const *commands, int count,
                  char *const *words) MOOR_MUST_CHECK;

#endif
