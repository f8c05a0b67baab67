/* SPDX-License-Identifier: Apache-2.0 */
/* `tagmoor policy check`, `show`, `schema` and `export`. */
#include "cmd/command.h"
#include "cmd/policy_check.h"
#include "cmd/policy_export.h"
#include "cmd/policy_file.h"
#include "policy/base/array_size.h"
#include "policy/base/nearest.h"
#include "policy/file/default.h"
#include "policy/file/json_schema.h"
#include "policy/file/loader.h"
#include "policy/file/show.h"

#include <stdio.h>
#include <string.h>

struct values {
    bool is_default;
    bool explains_gaps;
    int output; /* an enum moor_policy_check_format */
    struct moor_policy_export_values export;
};

static const struct moor_option options[] = {
    {.name = "default",
     .only = "show",
     .type = MOOR_OPTION_FLAG,
     .offset = offsetof(struct values, is_default),
     .help = "print the embedded default policy as it is written, to save and edit"},
    {.name = "explain-gaps",
     .only = "check",
     .type = MOOR_OPTION_FLAG,
     .offset = offsetof(struct values, explains_gaps),
     .help = "also list what the policy does not evaluate, or evaluates with lower "
             "requirements"},
    {.name = "output",
     .only = "check",
     .letter = 'o',
     .type = MOOR_OPTION_CHOICE,
     .offset = offsetof(struct values, output),
     .argument = "text|json|github",
     .help = "format of the report"},
    MOOR_POLICY_EXPORT_OPTIONS(offsetof(struct values, export)),
};

static int show(const char *path)
{
    struct moor_policy *policy = moor_policy_file_load(path);
    if (policy == NULL) {
        return MOOR_EXIT_UNDECIDED;
    }
    struct moor_buf text;
    /*
     * The text has all defaults and built-in entries, so that it can be longer than the policy
     * file.
     */
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

static int check(const struct moor_command *command, const struct values *values, int count,
                 char **paths)
{
    /* The gaps are sentences for a reader; no other format has members for them. */
    if (values->explains_gaps && values->output != MOOR_POLICY_CHECK_TEXT) {
        return moor_command_misused(command, "'--explain-gaps' requires '--output text'");
    }
    return moor_policy_check_run(&(struct moor_policy_check){
        .format = (enum moor_policy_check_format)values->output,
        .explains_gaps = values->explains_gaps,
        .paths = paths,
        .count = count,
    });
}

static const char *const verbs[] = {"check", "show", "schema", "export"};

static bool is_verb(const char *word)
{
    size_t i = 0;
    while (i < MOOR_ARRAY_SIZE(verbs) && strcmp(word, verbs[i]) != 0) {
        i++;
    }
    return i < MOOR_ARRAY_SIZE(verbs);
}

/* A misspelled word gets a suggestion; otherwise the usage says what is possible. */
static int fail_usage(const struct moor_command *command, const char *verb)
{
    struct moor_nearest nearest = {0};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(verbs); i++) {
        moor_nearest_try(&nearest, moor_slice_from(verb), verbs[i]);
    }
    /* A distance of 0 means that the word is right, and that the operands after it are not. */
    if (nearest.word != NULL && nearest.distance > 0) {
        return moor_command_misused(command, "unknown word '%s' (did you mean '%s'?)", verb,
                                    nearest.word);
    }
    return moor_command_misused(
        command, "expected 'check [--explain-gaps] FILE...', 'show [--default] [FILE]', "
                 "'schema' or 'export vap|webhook'");
}

/* Returns an option that does not belong to the operands, of which two can be words. */
static const struct moor_option *find_misplaced(const struct values *values, const char *verb,
                                                const char *what)
{
    const struct values defaults = {.export = MOOR_POLICY_EXPORT_DEFAULTS};
    char operands[64];
    (void)snprintf(operands, sizeof operands, "%s %s", verb, what);
    return moor_options_find_misplaced(options, MOOR_ARRAY_SIZE(options), values, &defaults,
                                       operands);
}

static int run(const struct moor_command *command, int argc, char **argv)
{
    struct values values = {.export = MOOR_POLICY_EXPORT_DEFAULTS};
    int first = 0;
    int status = 0;
    if (moor_command_parse(command, argc, argv, &values, &first, &status) != 0) {
        return status;
    }
    int operands = argc - first;
    const char *verb = operands > 0 ? argv[first] : "";
    const char *path = operands > 1 ? argv[first + 1] : NULL;
    if (!is_verb(verb)) {
        return fail_usage(command, verb);
    }
    /* The word is checked before: the message about an option names the word that it requires. */
    const struct moor_option *misplaced = find_misplaced(&values, verb, path != NULL ? path : "");
    if (misplaced != NULL) {
        return moor_command_misused(command, "'--%s' requires '%s'", misplaced->name,
                                    misplaced->only);
    }
    if (strcmp(verb, "export") == 0 && operands == 2) {
        return moor_policy_export(command, path, &values.export);
    }
    if (strcmp(verb, "check") == 0 && operands > 1) {
        return check(command, &values, operands - 1, argv + first + 1);
    }
    /* With a file, --default is an error: the user would get another policy than the one named. */
    if (strcmp(verb, "show") == 0 && operands == 1 && values.is_default) {
        return show_default();
    }
    if (strcmp(verb, "show") == 0 && operands <= 2 && !values.is_default) {
        return show(path);
    }
    if (strcmp(verb, "schema") == 0 && operands == 1) {
        return print_schema();
    }
    return fail_usage(command, verb);
}

const struct moor_command moor_command_policy = {
    .name = "policy",
    .operands = "check FILE... | show [FILE] | schema | export",
    .verbs = "check show schema export",
    .completion = MOOR_COMPLETION_FILES,
    .summary = "check, show or export a policy, or print the schema of policy files",
    .about = "check FILE  reads each file and reports every error and warning in it; with\n"
             "            --explain-gaps, also lists the gaps of the policy\n"
             "show [FILE] prints the policy in force, including the built-in controllers,\n"
             "            repositories and custom resources (default: the embedded policy)\n"
             "schema      prints the JSON Schema of policy files, for editors\n"
             "export vap  prints the policy as ValidatingAdmissionPolicies with their\n"
             "            bindings, for kubectl apply, which work without a server\n"
             "export webhook\n"
             "            prints the webhook configuration that the chart renders for the\n"
             "            policy, for clusters without Helm",
    .options = options,
    .option_count = MOOR_ARRAY_SIZE(options),
    .run = run,
};
