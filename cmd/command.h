/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command - defines a command of the program: its table entry, exit statuses and error messages.
 *
 * To add a command, define a struct moor_command in a file of its own, declare it below and add it
 * to the table in main.c.  Help and completion follow from the table entry.
 *
 * Threads:  main thread only.
 */
#ifndef MOOR_CMD_COMMAND_H
#define MOOR_CMD_COMMAND_H

#include "cmd/options.h"
#include "cmd/report/formats.h"
#include "policy/base/error.h"

#include <stdbool.h>

/* Exit statuses, with the meaning that grep and diff give them. */
#define MOOR_EXIT_CLEAN     0 /* nothing is denied */
#define MOOR_EXIT_DENIED    1 /* something is denied */
#define MOOR_EXIT_UNDECIDED 2 /* no decision: wrong usage, unreadable input, system error */

/* Option rows that several commands share; `where` is the offset of the value. */
#define MOOR_POLICY_OPTION(where)                                                            \
    {                                                                                        \
        .name = "policy", .type = MOOR_OPTION_TEXT, .offset = (where), .argument = "FILE",   \
        .help = "policy file", .fallback = "the embedded policy, see 'tagmoor policy show'", \
        .completion = MOOR_COMPLETION_FILES                                                  \
    }
#define MOOR_OUTPUT_OPTION_OF(where, name_at)                                               \
    {                                                                                       \
        .name = "output", .letter = 'o', .type = MOOR_OPTION_LIST, .offset = (where),       \
        .argument = "FORMAT[=FILE]", .help = "format of the report, and where to write it", \
        .fallback = "text", .word_at = (name_at)                                            \
    }
#define MOOR_OUTPUT_OPTION(where) MOOR_OUTPUT_OPTION_OF(where, moor_report_formats_name_at)
#define MOOR_COLOR_OPTION(where)                                                          \
    {                                                                                     \
        .name = "color", .type = MOOR_OPTION_CHOICE, .offset = (where),                   \
        .argument = "auto|always|never", .help = "when to color text on standard output", \
    }
#define MOOR_NOW_OPTION(where)                                                                \
    {                                                                                         \
        .name = "now", .type = MOOR_OPTION_TEXT, .offset = (where), .argument = "TIME",       \
        .help = "time to evaluate exemptions at, such as 2027-03-31 or 2027-03-31T18:00:00Z", \
        .fallback = "the current time"                                                        \
    }

#define MOOR_EVIDENCE_OPTION(where)                                                          \
    {                                                                                        \
        .name = "evidence", .type = MOOR_OPTION_TEXT, .offset = (where), .argument = "FILE", \
        .help = "lock file of 'tagmoor scan -o lock', whose digests the findings suggest",   \
        .completion = MOOR_COMPLETION_FILES                                                  \
    }

/* The words are in the order of enum moor_unwrap. */
#define MOOR_UNWRAP_OPTION(where)                                                                 \
    {                                                                                             \
        .name = "unwrap", .type = MOOR_OPTION_CHOICE, .offset = (where),                          \
        .argument = "none|eks|gke|aks", .help = "how a cloud's log service contains audit events" \
    }

#define MOOR_NAMESPACE_LABELS_OPTION(where, text)                                \
    {                                                                            \
        .name = "namespace-labels", .type = MOOR_OPTION_LIST, .offset = (where), \
        .argument = "KEY=VALUE[,KEY=VALUE]...", .help = (text)                   \
    }

/* A command of the program. */
struct moor_command {
    const char *name;
    const char *operands; /* as in the usage line, or NULL */
    const char *verbs;    /* the words allowed as first operand, separated by blanks, or NULL */
    enum moor_completion completion;         /* completion of operands */
    const char *summary;                     /* one line for the list of commands */
    const char *about;                       /* a paragraph for --help, or NULL */
    moor_report_formats_function *format_at; /* the report formats that --help lists, or NULL */
    const struct moor_option *options;
    size_t option_count;
    /* Runs the command.  argv[0] is the command's name.  Returns an exit status. */
    int (*run)(const struct moor_command *command, int argc, char **argv);
};

extern const struct moor_command moor_command_serve;
extern const struct moor_command moor_command_check;
extern const struct moor_command moor_command_pin;
extern const struct moor_command moor_command_scan;
extern const struct moor_command moor_command_explain;
extern const struct moor_command moor_command_review;
extern const struct moor_command moor_command_replay;
extern const struct moor_command moor_command_report;
extern const struct moor_command moor_command_policy;
extern const struct moor_command moor_command_test;
extern const struct moor_command moor_command_import;
extern const struct moor_command moor_command_certs;
extern const struct moor_command moor_command_version;

/*
 * Returns the name of the program for usage lines: `tagmoor`, or `kubectl tagmoor` if
 * moor_command_name() received the path of the plugin `kubectl-tagmoor`.
 */
const char *moor_command_program(void);

/* Records the name by which the program was started; NULL is allowed. */
void moor_command_name(const char *argv0);

/*
 * Parses `argv` into `values`.  Returns 0 if the command continues, with the operands from
 * argv[*first] on.  Returns 1 if the command has ended with `*status`: it printed --help, or an
 * error about its usage.
 */
int moor_command_parse(const struct moor_command *command, int argc, char **argv, void *values,
                       int *first, int *status) MOOR_MUST_CHECK;

/* Prints an error about the usage, with a hint to --help.  Always returns MOOR_EXIT_UNDECIDED. */
int moor_command_misused(const struct moor_command *command, const char *format, ...)
    MOOR_PRINTF(2, 3);

/* Prints `tagmoor: MESSAGE` on standard error.  Always returns MOOR_EXIT_UNDECIDED. */
int moor_command_fail(const char *format, ...) MOOR_PRINTF(1, 2);

/* Flushes standard output.  Returns `status`, or MOOR_EXIT_UNDECIDED with a message on failure. */
int moor_command_flush(int status) MOOR_MUST_CHECK;

#endif
