/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options - command-line options from a table, which parsing, --help (options_help.h) and
 * completion (complete.h) share.
 *
 * A row defines an option completely.  The default is the value in the struct of values before
 * parsing, and limits are columns.  Parsing, --help, error messages and completion then agree, and
 * each number is written once.
 *
 * Durations are written `250ms`, `5s` or `2m`; sizes `7MiB`, `64KiB` or `512`.
 *
 * Threads:  main thread only, because getopt_long() has global state.
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
#define MOOR_OPTION_COUNT_MAX 1000000 /* maximum of a count whose row has no `max` */

/* The type of an option, and the type of its value. */
enum moor_option_type {
    MOOR_OPTION_FLAG,     /* bool */
    MOOR_OPTION_TEXT,     /* const char * */
    MOOR_OPTION_LIST,     /* struct moor_option_list; the option may be repeated */
    MOOR_OPTION_COUNT,    /* unsigned, 1 or more; a default of 0 is not shown */
    MOOR_OPTION_SIZE,     /* size_t, bytes, 1 or more */
    MOOR_OPTION_DURATION, /* uint32_t, milliseconds, 0 or more */
    MOOR_OPTION_CHOICE    /* int, the index of the word in `argument` */
};

/* The completion of an argument that has no list of words. */
enum moor_completion {
    MOOR_COMPLETION_NONE,
    MOOR_COMPLETION_FILES,
    MOOR_COMPLETION_DIRECTORIES,
    MOOR_COMPLETION_ENVIRONMENTS /* environments of the policy of --policy, or of the embedded one
                                  */
};

/* The arguments of a repeated option, in the order of the command line. */
struct moor_option_list {
    const char *items[MOOR_OPTION_LIST_MAX];
    size_t count;
};

/* One option. */
struct moor_option {
    const char *name;
    char letter; /* short form, or 0 */
    enum moor_option_type type;
    size_t offset;        /* offset of the value in the struct of values */
    const char *argument; /* placeholder in --help; for a CHOICE, its words: "json|text" */
    const char *help;     /* a phrase without default and limits */
    const char *only;     /* operands that it needs, such as "export vap", or NULL */
    const char *fallback; /* default in words; NULL: the value before parsing, if any */
    uint64_t max; /* maximum of a COUNT, SIZE or DURATION, in its unit; 0: limit of the type */
    /* Returns the words with which the argument can begin, with a description; NULL after the last.
     * The pointer is NULL if any text is allowed. */
    const char *(*word_at)(size_t index, const char **description);
    bool lists_words; /* --help lists the words */
    enum moor_completion completion;
};

/*
 * Parses `argv` into `values`, which holds the defaults.  getopt_long() moves operands to the end
 * of `argv`.  Returns the index of the first operand, or -1 with the option and the reason in
 * `err`.
 */
int moor_options_parse(const struct moor_option *options, size_t count, int argc, char **argv,
                       void *values, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Returns the first option that was given although `operands` do not begin with its `only`, or
 * NULL.  An option was given if its value differs from that in `defaults`.
 */
const struct moor_option *moor_options_find_misplaced(const struct moor_option *options,
                                                      size_t count, const void *values,
                                                      const void *defaults, const char *operands);

/*
 * Returns the word at `index` of an argument in `*out`, and its description or NULL.  Returns false
 * after the last word.
 */
bool moor_option_word(const struct moor_option *option, size_t index, struct moor_slice *out,
                      const char **description);

#endif
