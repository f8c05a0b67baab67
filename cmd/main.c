/* SPDX-License-Identifier: Apache-2.0 */
/* The entry point and the table of commands. */
#include "cmd/command.h"
#include "cmd/complete.h"
#include "policy/base/nearest.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const struct moor_command *const commands[] = {
    &moor_command_serve,   &moor_command_check,
    &moor_command_pin,     &moor_command_scan,
    &moor_command_explain, &moor_command_review,
    &moor_command_replay,  &moor_command_report,
    &moor_command_policy,  &moor_command_test,
    &moor_command_import,  &moor_command_certs,
    &moor_command_version, NULL,
};

static void print_usage(FILE *out)
{
    (void)fprintf(out, "usage: %s COMMAND [OPTION]... [OPERAND]...\n\n", moor_command_program());
    (void)fputs("Denies mutable image tags: a Kubernetes admission webhook, and the same checks\n"
                "for the command line and pipelines.\n\ncommands:\n",
                out);
    for (const struct moor_command *const *at = commands; *at != NULL; at++) {
        (void)fprintf(out, "  %-10s%s\n", (*at)->name, (*at)->summary);
    }
    (void)fprintf(out, "\n'%s COMMAND --help' lists a command's options.\n",
                  moor_command_program());
    (void)fputs("Exit status: 0 nothing denied, 1 something denied, 2 no decision possible.\n",
                out);
}

static const struct moor_command *find(const char *name)
{
    for (const struct moor_command *const *at = commands; *at != NULL; at++) {
        if (strcmp(name, (*at)->name) == 0) {
            return *at;
        }
    }
    return NULL;
}

static int fail_unknown(const char *name)
{
    struct moor_nearest nearest = {0};
    for (const struct moor_command *const *at = commands; *at != NULL; at++) {
        moor_nearest_try(&nearest, moor_slice_from(name), (*at)->name);
    }
    /* Options of many programs can come before the command; here they belong to it. */
    if (name[0] == '-') {
        return moor_command_fail("unknown option '%s': options follow a command; see "
                                 "'%s --help'",
                                 name, moor_command_program());
    }
    if (nearest.word == NULL) {
        return moor_command_fail("unknown command '%s'; see '%s --help'", name,
                                 moor_command_program());
    }
    return moor_command_fail("unknown command '%s' (did you mean '%s'?); see '%s --help'", name,
                             nearest.word, moor_command_program());
}

static bool asks_for_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

/*
 * A closed standard descriptor would be assigned to the next file or connection, and printed text
 * would end up there.  The placeholder has the wrong direction, so that using it still fails.
 */
static void keep_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0) {
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        }
    }
}

int main(int argc, char **argv)
{
    /*
     * This is the first step, because any file that is opened before could get a standard
     * descriptor.
     */
    keep_standard_descriptors();
    moor_command_name(argv[0]);
    /*
     * Without a command, the usage goes to standard error with a failure, so that a script does not
     * continue.
     */
    if (argc < 2) {
        print_usage(stderr);
        return MOOR_EXIT_UNDECIDED;
    }
    if (strcmp(argv[1], MOOR_COMPLETE_COMMAND) == 0) {
        return moor_complete(commands, argc - 2, argv + 2);
    }
    if (asks_for_help(argv[1]) && (argc == 2 || asks_for_help(argv[2]))) {
        print_usage(stdout);
        return moor_command_flush(MOOR_EXIT_CLEAN);
    }
    /* `help check` means `check --help`. */
    char help[] = "--help";
    bool is_swapped = asks_for_help(argv[1]);
    char *swapped[] = {argv[is_swapped ? 2 : 1], help, NULL};
    /* The GNU coding standards ask every program for this option. */
    const char *name = strcmp(swapped[0], "--version") == 0 ? "version" : swapped[0];
    const struct moor_command *command = find(name);
    if (command == NULL) {
        return fail_unknown(name);
    }
    return is_swapped ? command->run(command, 2, swapped)
                      : command->run(command, argc - 1, argv + 1);
}
