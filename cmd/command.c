/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/command.h"

#include "cmd/options_help.h"
#include "cmd/report/formats.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#define LONGEST_MESSAGE 4096 /* longer messages are cut */

/* kubectl runs a plugin by its file name, so the name decides how usage lines begin. */
static bool is_plugin;

void moor_command_name(const char *argv0)
{
    const char *slash = argv0 != NULL ? strrchr(argv0, '/') : NULL;
    const char *name = slash != NULL ? slash + 1 : argv0;
    is_plugin = name != NULL && strcmp(name, "kubectl-tagmoor") == 0;
}

const char *moor_command_program(void)
{
    return is_plugin ? "kubectl tagmoor" : "tagmoor";
}

/* Help is printed even if other arguments are invalid, so it is searched before parsing. */
static bool asks_for_help(int argc, char **argv)
{
    /* After `--`, POSIX has only operands, so that a file can be named `--help`. */
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

static void print_formats(moor_report_formats_function *at)
{
    (void)fputs("\nformats:\n", stdout);
    for (size_t i = 0; at(i) != NULL; i++) {
        const struct moor_report_format *format = at(i);
        (void)printf("  %-13s%s\n", format->name, format->description);
    }
}

static void print_help(const struct moor_command *command, const void *values)
{
    (void)printf("usage: %s %s%s%s%s\n\n%s\n", moor_command_program(), command->name,
                 command->option_count > 0 ? " [OPTION]..." : "",
                 command->operands != NULL ? " " : "",
                 command->operands != NULL ? command->operands : "", command->summary);
    if (command->about != NULL) {
        (void)printf("\n%s\n", command->about);
    }
    if (command->format_at != NULL) {
        print_formats(command->format_at);
    }
    (void)fputs("\noptions:\n", stdout);
    moor_options_help_print(stdout, command->options, command->option_count, values);
    (void)printf("%-28s%s\n", "  -h, --help", "print this help");
}

int moor_command_parse(const struct moor_command *command, int argc, char **argv, void *values,
                       int *first, int *status)
{
    if (asks_for_help(argc, argv)) {
        print_help(command, values);
        *status = moor_command_flush(MOOR_EXIT_CLEAN);
        return 1;
    }
    struct moor_error err = {0};
    *first = moor_options_parse(command->options, command->option_count, argc, argv, values, &err);
    if (*first < 0) {
        *status = moor_command_misused(command, "%s", err.text);
        return 1;
    }
    return 0;
}

int moor_command_misused(const struct moor_command *command, const char *format, ...)
{
    char text[LONGEST_MESSAGE];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return moor_command_fail("%s: %s; see '%s %s --help'", command->name, text,
                             moor_command_program(), command->name);
}

/* Messages contain names from files, whose control characters must not reach a terminal. */
int moor_command_fail(const char *format, ...)
{
    char text[LONGEST_MESSAGE];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    /* Both streams often go to one terminal or log; flushing keeps the order of their lines. */
    (void)fflush(stdout);
    (void)fputs("tagmoor: ", stderr);
    moor_page_escape(stderr, moor_slice_from(text));
    (void)fputc('\n', stderr);
    return MOOR_EXIT_UNDECIDED;
}

/* Without this check, a full disk would truncate the output and exit with success. */
int moor_command_flush(int status)
{
    /* An earlier write can have failed although the last flush succeeds, so that both are asked. */
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        return moor_command_fail("cannot write to standard output: %s", strerrordesc_np(errno));
    }
    return status;
}
