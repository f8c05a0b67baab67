/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_check - `tagmoor policy check`: reads policy files and reports their errors and warnings.
 *
 * Threads:  main thread only.
 * Memory:   one file at a time.
 */
#ifndef MOOR_CMD_POLICY_CHECK_H
#define MOOR_CMD_POLICY_CHECK_H

#include <stdbool.h>

/* The formats, in the order of the words of --output. */
enum moor_policy_check_format {
    MOOR_POLICY_CHECK_TEXT,
    MOOR_POLICY_CHECK_JSON,
    MOOR_POLICY_CHECK_GITHUB
};

/* The files to check, and how to report on them. */
struct moor_policy_check {
    enum moor_policy_check_format format;
    bool explains_gaps; /* with TEXT, also list what a valid policy does not evaluate */
    char *const *paths;
    int count;
};

/* Checks all files.  Returns an exit status: MOOR_EXIT_UNDECIDED if one of them is invalid. */
int moor_policy_check_run(const struct moor_policy_check *check);

#endif
