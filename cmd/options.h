/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options - command-line options from a table: parsed by getopt_long, listed by --help.
 *
 * Durations are written `250ms`, `5s`, `2m`; sizes `7MiB`, `64KiB`, `512`.
 *
 * Threads:  the main thread alone (getopt_long has global state).
 * Memory:   texts borrow from argv.
 */
#ifndef MOOR_CMD_OPTIONS_H
#define MOOR_CMD_OPTIONS_H

#include "policy/base/error.h"

#include <stddef.h>
#include <stdio.h>

#define MOOR_OPTION_LIST_MAX 16

enum moor_option_type {
    MOOR_OPTION_FLAG,     /* bool */
    MOOR_OPTION_TEXT,     /* const char * */
    MOOR_OPTION_LIST,     /* struct moor_option_list: the option may repeat */
    MOOR_OPTION_COUNT,    /* unsigned, 1 or more */
    MOOR_OPTION_SIZE,     /* size_t, bytes, 1 or more */
    MOOR_OPTION_DURATION, /* unsigned, milliseconds, 0 or more */
    MOOR_OPTION_CHOICE    /* int, the index of the argument among `choices` */
};

struct moor_option_list {
    const char *items[MOOR_OPTION_LIST_MAX];
    size_t count;
};

struct moor_option {
    const char *name;
    char letter; /* the short form, or 0 */
    enum moor_option_type type;
    size_t offset;        /* of the value in the struct that is filled */
    const char *argument; /* what --help calls it; for CHOICE the choices: "json|text" */
    const char *help;     /* a phrase, default included */
};

/*
 * Sets what the arguments say in `values`, which holds the defaults.  Returns the index of the
 * first operand, or -1 with what is wrong.
 */
int moor_options_parse(const struct moor_option *options, size_t count, int argc, char **argv,
                       void *values, struct moor_error *err) MOOR_MUST_CHECK;

/* Prints the options, one to a line or two, within 80 columns. */
void moor_options_print(FILE *out, const struct moor_option *options, size_t count);

/* `5s` as 5000.  Returns -1 where `text` is no duration. */
int moor_options_duration(unsigned *out_ms, const char *text) MOOR_MUST_CHECK;

/* `7MiB` as 7340032.  Returns -1 where `text` is no size. */
int moor_options_size(size_t *out_bytes, const char *text) MOOR_MUST_CHECK;

#endif
