/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command - what the commands of the program share: their table entry, exit statuses and messages.
 *
 * Threads:  the main thread alone.
 */
#ifndef MOOR_CMD_COMMAND_H
#define MOOR_CMD_COMMAND_H

#include "cmd/options.h"
#include "cmd/report/formats.h"
#include "policy/base/error.h"

#include <stdbool.h>

/* Exit statuses, as grep and diff have them. */
#define MOOR_EXIT_CLEAN     0 /* nothing is denied */
#define MOOR_EXIT_DENIED    1 /* something is denied */
#define MOOR_EXIT_UNDECIDED 2 /* could not decide: usage, input, system */

/* Rows that several commands have, for values at `where`. */
#define MOOR_POLICY_OPTION(where)                                                            \
    {                                                                                        \
        .name = "policy", .type = MOOR_OPTION_TEXT, .offset = (where), .argument = "FILE",   \
        .help = "policy file", .fallback = "the embedded policy, see 'tagmoor policy show'", \
        .completion = MOOR_COMPLETION_FILES                                                  \
    }
#define MOOR_OUTPUT_OPTION(where)                                                           \
    {                                                                                       \
        .name = "output", .letter = 'o', .type = MOOR_OPTION_LIST, .offset = (where),       \
        .argument = "FORMAT[=FILE]", .help = "format of the report, and where to write it", \
        .fallback = "text", .word_at = moor_report_formats_name_at                          \
    }
#define MOOR_NOW_OPTION(where)                                                             \
    {                                                                                      \
        .name = "now", .type = MOOR_OPTION_TEXT, .offset = (where), .argument = "RFC3339", \
        .help = "time to evaluate exemptions at", .fallback = "the current time"           \
    }

struct moor_command {
    const char *name;
    const char *operands; /* as the usage line shows them, or NULL */
    const char *verbs;    /* of which the first operand is one, between blanks, or NULL */
    enum moor_completion completion; /* of operands */
    const char *summary;             /* one line for the list of commands */
    const char *about;               /* a paragraph for --help, or NULL */
    bool has_formats;                /* --help lists the formats of reports */
    const struct moor_option *options;
    size_t option_count;
    /* Runs with the arguments behind the command's name, argv[0] being that name. */
    int (*run)(const struct moor_command *command, int argc, char **argv);
};

extern const struct moor_command moor_command_serve;
extern const struct moor_command moor_command_check;
extern const struct moor_command moor_command_scan;
extern const struct moor_command moor_command_explain;
extern const struct moor_command moor_command_review;
extern const struct moor_command moor_command_policy;
extern const struct moor_command moor_command_test;
extern const struct moor_command moor_command_import;
extern const struct moor_command moor_command_certs;
extern const struct moor_command moor_command_version;

/*
 * How people call the program, for usage lines: `tagmoor`; `kubectl tagmoor` once
 * moor_command_name() was told that it is the plugin `kubectl-tagmoor`.
 */
const char *moor_command_program(void);
void moor_command_name(const char *argv0);

/*
 * Parses `argv` by the command's options into `values`.  Returns 0 to go on, with the operands at
 * argv[*first] onward; or 1 where the command is finished with `*status`: --help was printed, or
 * the usage was wrong and said so.
 */
int moor_command_parse(const struct moor_command *command, int argc, char **argv, void *values,
                       int *first, int *status) MOOR_MUST_CHECK;

/* Fails with `text` about how the command was called, and the way to its help. */
int moor_command_misused(const struct moor_command *command, const char *format, ...)
    MOOR_PRINTF(2, 3);

/* Prints `tagmoor: text` on stderr.  Always returns MOOR_EXIT_UNDECIDED. */
int moor_command_fail(const char *format, ...) MOOR_PRINTF(1, 2);

/* 0 where all of stdout was written, else says why not and returns MOOR_EXIT_UNDECIDED. */
int moor_command_flush(int status) MOOR_MUST_CHECK;

#endif
