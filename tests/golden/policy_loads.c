/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads each line of standard input as a policy, and prints `yes` or `no` for it; for scripts with
 * thousands of policies, for which a process each would take seconds.
 */
#include "policy/file/loader.h"

#include <stdio.h>
#include <stdlib.h>

#define MOST_REPORTS ((size_t)1 << 20)

static bool loads(struct moor_slice text)
{
    struct moor_policy *policy = NULL;
    struct moor_buf diagnostics;
    moor_buf_init(&diagnostics, MOST_REPORTS);
    size_t errors = moor_policy_load(&policy, text, "policy.yaml", &diagnostics);
    moor_policy_release(policy);
    moor_buf_release(&diagnostics);
    return errors == 0;
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t len = 0;
    while ((len = getline(&line, &size, stdin)) > 0) {
        (void)puts(loads((struct moor_slice){line, (size_t)len}) ? "yes" : "no");
    }
    free(line);
    return 0;
}
