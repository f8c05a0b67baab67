/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options - command-line options from a table: parsed by getopt_long, listed by --help
 * (options_help.h) and offered by completion (complete.h).
 *
 * A row of the table is all there is to an option: the default is what the struct of values holds
 * before parsing, and its limits are columns, so that parsing, --help, error messages and
 * completion agree and a number is written once.
 *
 * Durations are written `250ms`, `5s`, `2m`; sizes `7MiB`, `64KiB`, `512`.
 *
 * Threads:  the main thread alone (getopt_long has global state).
 * Memory:   texts borrow from argv.
 */
#ifndef MOOR_CMD_OPTIONS_H
#define MOOR_CMD_OPTIONS_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOOR_OPTION_LIST_MAX  16
#define MOOR_OPTION_COUNT_MAX 1000000 /* of a count whose row has no `max` */

enum moor_option_type {
    MOOR_OPTION_FLAG,     /* bool */
    MOOR_OPTION_TEXT,     /* const char * */
    MOOR_OPTION_LIST,     /* struct moor_option_list: the option may repeat */
    MOOR_OPTION_COUNT,    /* unsigned, 1 or more; a default of 0 is not shown */
    MOOR_OPTION_SIZE,     /* size_t, bytes, 1 or more */
    MOOR_OPTION_DURATION, /* uint32_t, milliseconds, 0 or more */
    MOOR_OPTION_CHOICE    /* int, the index of the argument among `argument`'s */
};

/* What completion offers, if there are no words. */
enum moor_completion {
    MOOR_COMPLETION_NONE,
    MOOR_COMPLETION_FILES,
    MOOR_COMPLETION_DIRECTORIES,
    MOOR_COMPLETION_ENVIRONMENTS /* of the policy that --policy names, or of the embedded one */
};

struct moor_option_list {
    const char *items[MOOR_OPTION_LIST_MAX];
    size_t count;
};

struct moor_option {
    const char *name;
    char letter; /* the short form, or 0 */
    enum moor_option_type type;
    size_t offset;        /* of the value in the struct of values */
    const char *argument; /* what --help calls it; of a CHOICE the choices: "json|text" */
    const char *help;     /* a phrase, without default and limits */
    const char *fallback; /* the default in words; NULL: the value before parsing, if it is one */
    uint64_t max;         /* of a COUNT, SIZE or DURATION, in its unit; 0: what the type can hold */
    /* The words that the argument can be or begin with, NULL after the last, each with what it
     * means; or NULL: any text. */
    const char *(*word_at)(size_t index, const char **description);
    bool lists_words; /* --help lists them with the option */
    enum moor_completion completion;
};

/*
 * Sets what the arguments say in `values`, which holds the defaults.  Returns the index of the
 * first operand, or -1 with what is wrong.
 */
int moor_options_parse(const struct moor_option *options, size_t count, int argc, char **argv,
                       void *values, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * The word at `index` of those that the argument can be, with what it means (NULL: nothing is
 * said). Returns false after the last one.
 */
bool moor_option_word(const struct moor_option *option, size_t index, struct moor_slice *out,
                      const char **description);

#endif
