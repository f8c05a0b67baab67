/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands. */
#include "cmd/command.h"

#include <string.h>

static const struct moor_command *const commands[] = {
    &moor_command_serve,
    &moor_command_check,
    &moor_command_scan,
    &moor_command_explain,
    &moor_command_review,
    &moor_command_policy,
    &moor_command_test,
    &moor_command_import,
    &moor_command_certs,
    &moor_command_version,
    NULL,
};

static void print_usage(FILE *out)
{
    (void)fprintf(out, "usage: %s COMMAND [OPTION]... [OPERAND]...\n\n", moor_command_program());
    (void)fputs("Refuses mutable image tags: a Kubernetes admission webhook, and the same judge\n"
                "for people and pipelines.\n\ncommands:\n",
                out);
    for (const struct moor_command *const *at = commands; *at != NULL; at++) {
        (void)fprintf(out, "  %-10s%s\n", (*at)->name, (*at)->summary);
    }
    (void)fprintf(out, "\n'%s COMMAND --help' lists a command's options.\n",
                  moor_command_program());
    (void)fputs("Exit status: 0 nothing refused, 1 something refused, 2 could not decide.\n", out);
}

int main(int argc, char **argv)
{
    moor_command_name(argv[0]);
    if (argc < 2) {
        print_usage(stderr);
        return MOOR_EXIT_UNDECIDED;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return moor_command_flush(MOOR_EXIT_CLEAN);
    }
    const char *name = strcmp(argv[1], "--version") == 0 ? "version" : argv[1];
    for (const struct moor_command *const *at = commands; *at != NULL; at++) {
        if (strcmp(name, (*at)->name) == 0) {
            return (*at)->run(*at, argc - 1, argv + 1);
        }
    }
    return moor_command_fail("unknown command '%s'; see '%s --help'", argv[1],
                             moor_command_program());
}
