/* SPDX-License-Identifier: Apache-2.0 */
/* `tagmoor serve` in a program without the server: says where to get it. */
#include "cmd/command.h"

/* Options are not parsed, so that a unit file or a manifest with any of them gets this answer. */
static int run(const struct moor_command *command, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return moor_command_fail("%s: this program is the command line alone, without the server; the "
                             "server is in the container image, in the Debian package, and in a "
                             "build of the sources with 'make'",
                             command->name);
}

const struct moor_command moor_command_serve = {
    .name = "serve",
    .summary = "run the admission webhook (not in this program)",
    .run = run,
};
