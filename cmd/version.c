/* SPDX-License-Identifier: Apache-2.0 */
/* `tagmoor version`: prints the versions of the program and of its libraries. */

#define PCRE2_CODE_UNIT_WIDTH 8
#include <jansson.h>
#include <openssl/crypto.h>
#include <pcre2.h>
#include <yaml.h>
#include <zlib.h>

#include "cmd/command.h"
#include "cmd/serve.h"

#ifndef MOOR_COMMIT /* the analyzers compile without it */
    #define MOOR_COMMIT "unknown"
#endif

/* The version alone does not tell gcc from clang. */
#ifdef __clang__
    #define COMPILER __VERSION__
#else
    #define COMPILER "gcc " __VERSION__
#endif

static int run(const struct moor_command *command, int argc, char **argv)
{
    int first = 0;
    int status = 0;
    if (moor_command_parse(command, argc, argv, NULL, &first, &status) != 0) {
        return status;
    }
    if (first < argc) {
        return moor_command_misused(command, "unexpected operand '%s'", argv[first]);
    }
    char pcre2[64] = "";
    (void)pcre2_config(PCRE2_CONFIG_VERSION, pcre2);
    (void)printf("tagmoor %s\n", MOOR_VERSION);
    const char *libh2o = moor_serve_library_version();
    (void)printf("commit: %s\n", MOOR_COMMIT);
    (void)printf("compiler: %s\n", COMPILER);
    (void)printf("libh2o: %s\n", libh2o != NULL ? libh2o : "none: this program has no server");
    (void)printf("openssl: %s\n", OpenSSL_version(OPENSSL_VERSION));
    (void)printf("jansson: %s\n", jansson_version_str());
    (void)printf("libyaml: %s\n", yaml_get_version_string());
    (void)printf("pcre2: %s\n", pcre2);
    (void)printf("zlib: %s\n", zlibVersion());
    return moor_command_flush(MOOR_EXIT_CLEAN);
}

const struct moor_command moor_command_version = {
    .name = "version",
    .summary = "print the versions of tagmoor and its libraries",
    .run = run,
};
