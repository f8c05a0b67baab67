/* SPDX-License-Identifier: Apache-2.0 */
/* `tagmoor pin`: writes the digests of a lock file to the images of manifests. */
#include "cmd/check/walk_choice.h"
#include "cmd/command.h"
#include "cmd/pin/pinning.h"
#include "cmd/policy_file.h"
#include "cmd/report/page.h"
#include "policy/base/array_size.h"

#include <stdbool.h>
#include <string.h>

/* The values of the options. */
struct values {
    const char *lock;
    bool all;
    bool tag_only;
    bool digest_in_tag;
    bool dry_run;
    const char *policy;
    const char *environment;
    const char *namespace;
    struct moor_option_list namespace_labels;
    struct moor_option_list include;
    struct moor_option_list exclude;
    bool force_exclude;
    bool no_suppressions;
    const char *now;
};

static const struct moor_option options[] = {
    {.name = "lock",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, lock),
     .argument = "FILE",
     .help =
         "file with the digest of each reference, as 'tagmoor scan -o lock' writes it; required",
     .completion = MOOR_COMPLETION_FILES},
    {.name = "all",
     .type = MOOR_OPTION_FLAG,
     .offset = offsetof(struct values, all),
     .help = "pin each image without a digest, not only those that the policy denies"},
    {.name = "tag-only",
     .type = MOOR_OPTION_FLAG,
     .offset = offsetof(struct values, tag_only),
     .help = "write a fixed tag that has the same digest in the lock file, instead of the digest"},
    {.name = "digest-in-tag",
     .type = MOOR_OPTION_FLAG,
     .offset = offsetof(struct values, digest_in_tag),
     .help = "write the digest into the tag of Helm values that have no value for a digest"},
    {.name = "dry-run",
     .type = MOOR_OPTION_FLAG,
     .offset = offsetof(struct values, dry_run),
     .help = "write no file, and print the changes as a unified diff for 'patch -p0'"},
    MOOR_POLICY_OPTION(offsetof(struct values, policy)),
    MOOR_ENVIRONMENT_OPTION(offsetof(struct values, environment)),
    MOOR_NAMESPACE_OPTION(offsetof(struct values, namespace)),
    MOOR_NAMESPACE_LABELS_OPTION(offsetof(struct values, namespace_labels),
                                 "labels of the namespaces that are not in the input"),
    MOOR_INCLUDE_OPTION(offsetof(struct values, include)),
    MOOR_EXCLUDE_OPTION(offsetof(struct values, exclude)),
    MOOR_FORCE_EXCLUDE_OPTION(offsetof(struct values, force_exclude)),
    MOOR_NO_SUPPRESSIONS_OPTION(offsetof(struct values, no_suppressions)),
    MOOR_NOW_OPTION(offsetof(struct values, now)),
};

static void print_summary(const struct moor_pinning *pinning, const struct moor_report *report)
{
    FILE *out = pinning->list;
    size_t unread = report->unjudged[MOOR_UNJUDGED_IMAGE];
    (void)fprintf(out, "%zu %s, %zu left (%zu of %zu file%s %s)\n", pinning->pinned,
                  pinning->is_dry_run ? "to pin" : "pinned", pinning->left, pinning->files,
                  report->files, moor_page_plural(report->files),
                  pinning->is_dry_run ? "to change" : "changed");
    /*
     * Images that a template fills in have no bytes that an edit could change, so they do not count
     * as left and do not change the exit status.
     */
    if (unread > 0) {
        (void)fprintf(out, "%zu image%s that a template or a variable fills in: not pinned\n",
                      unread, moor_page_plural(unread));
    }
}

static int pin(struct moor_pinning *pinning, struct moor_walk *walk)
{
    struct moor_error err = {0};
    int walked = moor_walk_run(walk, &err);
    moor_progress_clear(&walk->progress);
    if (walked != 0) {
        return moor_command_fail("pin: %s", err.text);
    }
    print_summary(pinning, walk->report);
    if (walk->report->failed) {
        return moor_command_fail("pin: no memory for the report");
    }
    /*
     * An error has priority over images that were left: without all inputs, the run cannot know
     * what else had to be pinned.
     */
    bool has_errors = pinning->errors > 0 || walk->report->input_error_count > 0;
    return moor_command_flush(has_errors          ? MOOR_EXIT_UNDECIDED
                              : pinning->left > 0 ? MOOR_EXIT_DENIED
                                                  : MOOR_EXIT_CLEAN);
}

static int set_up(struct moor_walk *walk, const struct values *values, int64_t now,
                  struct moor_error *err)
{
    const struct moor_walk_choice choice = {.environment = values->environment,
                                            .namespace = values->namespace,
                                            .namespace_labels = &values->namespace_labels,
                                            .include = &values->include,
                                            .exclude = &values->exclude,
                                            .forces_excludes = values->force_exclude,
                                            .has_no_suppressions = values->no_suppressions,
                                            .now = now};
    return moor_walk_choice_apply(walk, &choice, err);
}

static int pin_by(const struct values *values, const struct moor_policy *policy,
                  const struct moor_lock *lock, int64_t now, char **operands, size_t count)
{
    const struct moor_pin_choice choice = {.lock = lock,
                                           .takes_all = values->all,
                                           .is_tag_only = values->tag_only,
                                           .joins_digests = values->digest_in_tag};
    struct moor_report report;
    /* Zeroed, because it is released even if the initialization before it fails. */
    struct moor_walk walk = {0};
    struct moor_pinning pinning;
    struct moor_error err = {0};
    moor_report_init(&report);
    int status = moor_pinning_init(&pinning, &choice, &err) != 0 ||
                         moor_walk_init(&walk, policy, &report, &err) != 0 ||
                         set_up(&walk, values, now, &err) != 0
                     ? -1
                     : 0;
    pinning.is_dry_run = values->dry_run;
    /* In a dry run, standard output has the diff only, so that it can be piped to `patch`. */
    pinning.list = values->dry_run ? stderr : stdout;
    pinning.operands = operands;
    pinning.operand_count = count;
    walk.operands = operands;
    walk.operand_count = count;
    walk.observer = &pinning.observer;
    status = status != 0 ? moor_command_fail("pin: %s", err.text) : pin(&pinning, &walk);
    moor_walk_release(&walk);
    moor_pinning_release(&pinning);
    moor_report_release(&report);
    return status;
}

/* Standard input has no file that could be replaced. */
static int check_operands(const struct moor_command *command, char **operands, int count)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(operands[i], "-") == 0) {
            return moor_command_misused(command, "'-': standard input cannot be changed in place");
        }
    }
    return count > 0 ? 0 : moor_command_misused(command, "no file: give a PATH");
}

static int run_pin(const struct moor_command *command, int argc, char **argv)
{
    struct values values = {0};
    struct moor_lock lock = {0};
    struct moor_error err = {0};
    int first = 0;
    int status = 0;
    if (moor_command_parse(command, argc, argv, &values, &first, &status) != 0) {
        return status;
    }
    /*
     * Misuse is reported before a file is read, so that the first message is about the command
     * line.
     */
    if (check_operands(command, argv + first, argc - first) != 0) {
        return MOOR_EXIT_UNDECIDED;
    }
    if (values.lock == NULL) {
        return moor_command_misused(command, "no lock file: give --lock FILE");
    }
    if (moor_lock_load(&lock, values.lock, &err) != 0) {
        return moor_command_fail("pin: --lock: %s", err.text);
    }
    /* A lock that cannot be loaded has released its memory itself. */
    int64_t now = 0;
    struct moor_policy *policy = moor_policy_file_load_at(values.policy, values.now, &now);
    status = policy == NULL
                 ? MOOR_EXIT_UNDECIDED
                 : pin_by(&values, policy, &lock, now, argv + first, (size_t)(argc - first));
    moor_policy_release(policy);
    moor_lock_release(&lock);
    return status;
}

const struct moor_command moor_command_pin = {
    .name = "pin",
    .operands = "PATH...",
    .completion = MOOR_COMPLETION_FILES,
    .summary = "write the digests of a lock file to the images of manifests",
    .about = "Changes the images in files, and in the files of directories that 'tagmoor\n"
             "check' reads, from 'nginx:1.27' to 'nginx:1.27@sha256:...'.  Everything else\n"
             "in the files stays as it is.  Images that cannot be changed safely are left\n"
             "and listed with the reason.",
    .options = options,
    .option_count = MOOR_ARRAY_SIZE(options),
    .run = run_pin,
};
