/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tool - runs another program, such as helm, and captures its output within limits of size and
 * time.
 *
 * The program is searched in PATH and started without a shell.  Standard input is empty.  The
 * program and its children form a process group, which is killed if a limit is exceeded, so that
 * nothing continues to run.
 *
 * Threads:  main thread only.
 * Memory:   output is appended to the caller's buffer.
 * Limits:   the maximum of the buffer, the time, and MOOR_TOOL_SAID_BYTES of standard error; more
 *           of it is read and dropped.
 */
#ifndef MOOR_CMD_INPUT_TOOL_H
#define MOOR_CMD_INPUT_TOOL_H

#include "policy/base/buf.h"
#include "policy/base/error.h"

#include <stdbool.h>

#define MOOR_TOOL_SAID_BYTES 2048

/* The result of a call beside the output. */
struct moor_tool_result {
    bool is_missing;                 /* the program was not found */
    char said[MOOR_TOOL_SAID_BYTES]; /* the start of standard error, NUL-terminated */
};

/*
 * Runs `words`, a command line that ends with NULL, for at most `timeout_ms`, and appends its
 * standard output to `out`.  Returns -1 with the reason if it cannot be started, fails, or exceeds
 * a limit.  `err` does not repeat what the program said.
 */
int moor_tool_run(struct moor_buf *out, struct moor_tool_result *result, const char *const *words,
                  uint32_t timeout_ms, struct moor_error *err) MOOR_MUST_CHECK;

#endif
