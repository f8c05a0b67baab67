/* SPDX-License-Identifier: Apache-2.0 */
/*
 * complete - offers completions for the last word of a command line: `tagmoor __complete WORD...`.
 *
 * The output has the form of kubectl's plugins.  Each line is a candidate with its description
 * after a tab.  The last line is a directive: `:4` for these words only, `:0` for file names, `:16`
 * for directory names.  After `--name=` and `FORMAT=`, candidates complete the part after the sign.
 * The command is internal: --help omits it, and it may change with the scripts that read its
 * output.
 *
 * Threads:  main thread only.
 * Memory:   frees everything that it allocates.
 */
#ifndef MOOR_CMD_COMPLETE_H
#define MOOR_CMD_COMPLETE_H

#include "cmd/command.h"

#define MOOR_COMPLETE_COMMAND "__complete"

/*
 * Prints the candidates for the last of `words`, which are the arguments of the program. `commands`
 * ends with NULL.  Returns the exit status.
 */
int moor_complete(const struct moor_command *const *commands, int count,
                  char *const *words) MOOR_MUST_CHECK;

#endif
