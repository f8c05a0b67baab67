/* SPDX-License-Identifier: Apache-2.0 */
/* `tagmoor import ecr`: converts the tag settings of a registry to the repositories of a policy. */
#include "cmd/import_ecr.h"

#include "cmd/command.h"
#include "cmd/input/file.h"

/* A repository takes about 700 bytes, so this is enough for 90,000. */
#define INPUT_MAX ((size_t)64 * 1024 * 1024)

/* `name` is the name of the file in messages. */
static int import_ecr(struct moor_slice text, const char *name)
{
    struct moor_error err = {0};
    struct moor_ecr ecr;
    json_error_t wrong;
    json_t *root = json_loadb(text.len > 0 ? text.ptr : "", text.len, 0, &wrong);
    if (root == NULL) {
        return text.len == 0
                   ? moor_command_fail("import: %s is empty: check whether 'aws' failed", name)
                   : moor_command_fail("import: %s:%d:%d: not JSON (run 'aws' with --output "
                                       "json): %s",
                                       name, wrong.line, wrong.column, wrong.text);
    }
    moor_ecr_init(&ecr);
    int status = MOOR_EXIT_CLEAN;
    if (moor_ecr_read(&ecr, root, &err) == 0) {
        moor_ecr_write(stdout, &ecr);
    } else {
        status = moor_command_fail("import: %s: %s", name, err.text);
    }
    moor_ecr_release(&ecr);
    json_decref(root);
    return moor_command_flush(status);
}

static int run(const struct moor_command *command, int argc, char **argv)
{
    struct moor_error err = {0};
    struct moor_buf text;
    int first = 0;
    int status = 0;
    if (moor_command_parse(command, argc, argv, NULL, &first, &status) != 0) {
        return status;
    }
    int operands = argc - first;
    if (operands < 1 || operands > 2 || strcmp(argv[first], "ecr") != 0) {
        return moor_command_misused(command, "expected 'ecr [FILE]'");
    }
    const char *path = operands == 2 ? argv[first + 1] : "-";
    moor_buf_init(&text, INPUT_MAX);
    status = moor_file_read(&text, path, &err) != 0
                 ? moor_command_fail("%s", err.text)
                 : import_ecr(moor_buf_slice(&text), moor_file_name(path));
    moor_buf_release(&text);
    return status;
}

const struct moor_command moor_command_import = {
    .name = "import",
    .operands = "ecr [FILE|-]",
    .verbs = "ecr",
    .completion = MOOR_COMPLETION_FILES,
    .summary = "convert the tag settings of a registry to a policy's 'repositories'",
    .about = "ecr reads the settings of Amazon ECR from a file or standard input:\n\n"
             "  aws ecr describe-repositories --output json | tagmoor import ecr\n\n"
             "Tags that cannot be overwritten get the level build.  Tags that an exclusion of\n"
             "an immutable repository matches are rolling.  All others are classified by form.",
    .run = run,
};
