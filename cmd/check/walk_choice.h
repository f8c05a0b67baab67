/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk_choice - the options that select files and environments, which `check` and `pin` share.
 *
 * Threads:  main thread only.
 * Memory:   borrows the texts of the options.
 */
#ifndef MOOR_CMD_CHECK_WALK_CHOICE_H
#define MOOR_CMD_CHECK_WALK_CHOICE_H

#include "cmd/check/walk.h"
#include "cmd/command.h"

/* The rows of the options; `where` is the offset of the value. */
#define MOOR_ENVIRONMENT_OPTION(where)                                                          \
    {                                                                                           \
        .name = "environment", .type = MOOR_OPTION_TEXT, .offset = (where), .argument = "NAME", \
        .help = "evaluate all objects in this environment",                                     \
        .fallback = "the environment of each object's namespace",                               \
        .completion = MOOR_COMPLETION_ENVIRONMENTS                                              \
    }
#define MOOR_NAMESPACE_OPTION(where)                                                     \
    {                                                                                    \
        .name = "namespace", .letter = 'n', .type = MOOR_OPTION_TEXT, .offset = (where), \
        .argument = "NAME", .help = "namespace of objects that name none"                \
    }
#define MOOR_INCLUDE_OPTION(where)                                                     \
    {                                                                                  \
        .name = "include", .type = MOOR_OPTION_LIST, .offset = (where),                \
        .argument = "FORMAT[,FORMAT]...", .help = "evaluate files of other tools too", \
        .word_at = moor_input_format_name_at, .lists_words = true                      \
    }
#define MOOR_EXCLUDE_OPTION(where)                                                          \
    {                                                                                       \
        .name = "exclude", .type = MOOR_OPTION_LIST, .offset = (where), .argument = "GLOB", \
        .help = "do not search these files and folders, besides node_modules, vendor, "     \
                ".terraform and hidden folders; a pattern as in .tagmoorignore"             \
    }
#define MOOR_FORCE_EXCLUDE_OPTION(where)                                                        \
    {                                                                                           \
        .name = "force-exclude", .type = MOOR_OPTION_FLAG, .offset = (where),                   \
        .help = "apply the exclusions to each PATH too, for pre-commit hooks, which pass files" \
    }
#define MOOR_NO_SUPPRESSIONS_OPTION(where)                                      \
    {                                                                           \
        .name = "no-suppressions", .type = MOOR_OPTION_FLAG, .offset = (where), \
        .help = "ignore the suppressions in the files, for an audit"            \
    }

/* The values of the options. */
struct moor_walk_choice {
    const char *environment;
    const char *namespace;
    const struct moor_option_list *namespace_labels;
    const struct moor_option_list *include;
    const struct moor_option_list *exclude;
    bool forces_excludes;
    bool has_no_suppressions;
    int64_t now; /* time of the evaluation, in seconds since 1970 */
};

/*
 * Applies the options to a walk without operands.  Returns -1 with the reason if a value is
 * invalid.  `choice` and its lists must outlive moor_walk_run().
 */
int moor_walk_choice_apply(struct moor_walk *walk, const struct moor_walk_choice *choice,
                           struct moor_error *err) MOOR_MUST_CHECK;

#endif
