/* SPDX-License-Identifier: Apache-2.0 */
/* `tagmoor policy check`, `tagmoor policy show` and `tagmoor policy schema`. */
#include "cmd/command.h"
#include "cmd/now.h"
#include "cmd/policy_file.h"
#include "cmd/report/page.h"
#include "policy/base/array_size.h"
#include "policy/file/default.h"
#include "policy/file/json_schema.h"
#include "policy/file/loader.h"
#include "policy/file/show.h"
#include "policy/rules/gaps.h"

#include <string.h>

struct values {
    bool is_default;
    bool explains_gaps;
};

static const struct moor_option options[] = {
    {.name = "default",
     .type = MOOR_OPTION_FLAG,
     .offset = offsetof(struct values, is_default),
     .help = "show the embedded default policy as it is written, to save and edit"},
    {.name = "explain-gaps",
     .type = MOOR_OPTION_FLAG,
     .offset = offsetof(struct values, explains_gaps),
     .help = "with check, also list what the policy does not evaluate, or evaluates with lower "
             "requirements"},
};

/* Prints the gaps of the policy. */
static int print_gaps(const struct moor_policy *policy)
{
    struct moor_error err = {0};
    struct moor_buf text;
    int64_t now = 0;
    if (moor_now_read(&now, NULL, &err) != 0) {
        return moor_command_fail("policy: %s", err.text);
    }
    /* The list of gaps can be longer than the policy file. */
    moor_buf_init(&text, 4 * MOOR_LOADER_MAX_BYTES);
    moor_policy_append_gaps(&text, policy, now);
    (void)fwrite(text.ptr, 1, text.len, stdout);
    moor_buf_release(&text);
    return MOOR_EXIT_CLEAN;
}

static int check(const char *path, bool explains_gaps)
{
    struct moor_policy *policy = moor_policy_file_load(path);
    if (policy == NULL) {
        return MOOR_EXIT_UNDECIDED;
    }
    moor_page_escape(stdout, moor_slice_from(path));
    (void)printf(": valid, %s\n", policy->digest);
    int status = explains_gaps ? print_gaps(policy) : MOOR_EXIT_CLEAN;
    moor_policy_release(policy);
    return moor_command_flush(status);
}

static int show(const char *path)
{
    struct moor_policy *policy = moor_policy_file_load(path);
    if (policy == NULL) {
        return MOOR_EXIT_UNDECIDED;
    }
    struct moor_buf text;
    moor_buf_init(&text, 4 * MOOR_LOADER_MAX_BYTES);
    moor_policy_show(&text, policy);
    (void)fwrite(text.ptr, 1, text.len, stdout);
    moor_buf_release(&text);
    moor_policy_release(policy);
    return moor_command_flush(MOOR_EXIT_CLEAN);
}

static int show_default(void)
{
    struct moor_slice text = moor_policy_default_text();
    (void)fwrite(text.ptr, 1, text.len, stdout);
    return moor_command_flush(MOOR_EXIT_CLEAN);
}

static int print_schema(void)
{
    struct moor_error err = {0};
    return moor_json_schema_write(stdout, &err) != 0 ? moor_command_fail("policy: %s", err.text)
                                                     : moor_command_flush(MOOR_EXIT_CLEAN);
}

static int run(const struct moor_command *command, int argc, char **argv)
{
    struct values values = {0};
    int first = 0;
    int status = 0;
    if (moor_command_parse(command, argc, argv, &values, &first, &status) != 0) {
        return status;
    }
    int operands = argc - first;
    const char *verb = operands > 0 ? argv[first] : "";
    const char *path = operands > 1 ? argv[first + 1] : NULL;
    if (strcmp(verb, "check") == 0 && operands == 2 && !values.is_default) {
        return check(path, values.explains_gaps);
    }
    if (values.explains_gaps) {
        return moor_command_misused(command, "'--explain-gaps' requires 'check FILE'");
    }
    if (strcmp(verb, "show") == 0 && operands == 1 && values.is_default) {
        return show_default();
    }
    if (strcmp(verb, "show") == 0 && operands <= 2 && !values.is_default) {
        return show(path);
    }
    if (strcmp(verb, "schema") == 0 && operands == 1 && !values.is_default) {
        return print_schema();
    }
    return moor_command_misused(
        command, "expected 'check [--explain-gaps] FILE', 'show [--default] [FILE]' or "
                 "'schema'");
}

const struct moor_command moor_command_policy = {
    .name = "policy",
    .operands = "check FILE | show [FILE] | schema",
    .verbs = "check show schema",
    .completion = MOOR_COMPLETION_FILES,
    .summary = "check a policy file, show the policy in force, or print its schema",
    .about = "check FILE  reads the file and reports every error and warning in it; with\n"
             "            --explain-gaps, also lists the gaps of the policy\n"
             "show [FILE] prints the policy in force, including the built-in controllers,\n"
             "            repositories and custom resources (default: the embedded policy)\n"
             "schema      prints the JSON Schema of policy files, for editors",
    .options = options,
    .option_count = MOOR_ARRAY_SIZE(options),
    .run = run,
};
