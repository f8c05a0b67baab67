/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workflow_command - writes a command of GitHub Actions, which becomes an annotation of a file.
 *
 * The syntax is that of "Workflow commands for GitHub Actions" in GitHub's documentation.
 *
 * Threads:  one stream, one thread at a time.
 * Memory:   a scratch buffer per call.
 */
#ifndef MOOR_CMD_REPORT_WORKFLOW_COMMAND_H
#define MOOR_CMD_REPORT_WORKFLOW_COMMAND_H

#include "policy/base/slice.h"

#include <stdint.h>
#include <stdio.h>

/* The parts of a command. */
struct moor_workflow_command {
    const char *name; /* "error", "warning" or "notice" */
    struct moor_slice file;
    uint32_t line; /* 0: the file as a whole */
    uint32_t column;
    uint32_t end_column; /* 0: none */
    struct moor_slice title;
    struct moor_slice text;
};

/* Writes one line. */
void moor_workflow_command_write(FILE *out, const struct moor_workflow_command *command);

#endif
