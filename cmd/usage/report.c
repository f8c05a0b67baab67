/* SPDX-License-Identifier: Apache-2.0 */
/* `tagmoor report`: who asked to run which image, and which exemptions are used. */
#include "cmd/audit/log_files.h"
#include "cmd/audit/time_text.h"
#include "cmd/command.h"
#include "cmd/policy_file.h"
#include "cmd/scan/dumps.h"
#include "cmd/usage/exemptions.h"
#include "cmd/usage/uses_output.h"
#include "policy/base/array_size.h"

#include <inttypes.h>

/* The words of --output, in the order of the option. */
enum output {
    OUTPUT_TABLE,
    OUTPUT_JSON,
    OUTPUT_CSV
};

/* The values of the options. */
struct values {
    const char *policy;
    struct moor_option_list images;
    struct moor_option_list users;
    struct moor_option_list namespaces;
    const char *from;
    const char *to;
    int unwrap;
    struct moor_option_list scans;
    struct moor_option_list logs;
    const char *now;
    int64_t now_s; /* the time of `now` */
    int output;
};

static const struct moor_option options[] = {
    MOOR_POLICY_OPTION(offsetof(struct values, policy)),
    {.name = "image",
     .type = MOOR_OPTION_LIST,
     .offset = offsetof(struct values, images),
     .argument = "GLOB",
     .help = "list only these images, such as docker.io/aquasec/trivy:*; may repeat"},
    {.name = "user",
     .type = MOOR_OPTION_LIST,
     .offset = offsetof(struct values, users),
     .argument = "GLOB",
     .help = "list only requests of these users; may repeat"},
    {.name = "namespace",
     .letter = 'n',
     .type = MOOR_OPTION_LIST,
     .offset = offsetof(struct values, namespaces),
     .argument = "GLOB",
     .help = "list only requests in these namespaces; may repeat"},
    {.name = "from",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, from),
     .argument = "TIME",
     .help = "list requests from this time on, such as 2027-03-19 or 2027-03-19T18:00:00Z"},
    {.name = "to",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, to),
     .argument = "TIME",
     .help = "list requests up to this time; a date includes its whole day"},
    MOOR_UNWRAP_OPTION(offsetof(struct values, unwrap)),
    {.name = "scan",
     .type = MOOR_OPTION_LIST,
     .offset = offsetof(struct values, scans),
     .argument = "DUMP",
     .help = "for exemptions: count the images of this output of 'kubectl get -o json'",
     .completion = MOOR_COMPLETION_FILES},
    {.name = "log",
     .type = MOOR_OPTION_LIST,
     .offset = offsetof(struct values, logs),
     .argument = "LOG",
     .help = "for exemptions: find the last use in this log; may repeat",
     .completion = MOOR_COMPLETION_FILES},
    {.name = "now",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, now),
     .argument = "TIME",
     .help = "for exemptions: time from which days are counted",
     .fallback = "the current time"},
    {.name = "output",
     .letter = 'o',
     .type = MOOR_OPTION_CHOICE,
     .offset = offsetof(struct values, output),
     .argument = "table|json|csv",
     .help = "format of the report"},
};

/* --- logs ------------------------------------------------------------------------------------- */

static int take_line(void *context, struct moor_slice line, struct moor_error *err)
{
    return moor_usage_line(context, line, err);
}

static void take_long_line(void *context)
{
    struct moor_usage *usage = context;
    moor_replay_long_line(&usage->replay);
}

static int add_globs(struct moor_usage *usage, const struct moor_option_list *list,
                     int (*add)(struct moor_usage *usage, const char *glob, struct moor_error *err),
                     struct moor_error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        if (add(usage, list->items[i], err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int set_up(struct moor_usage *usage, const struct values *values, struct moor_error *err)
{
    usage->replay.unwrap = (enum moor_unwrap)values->unwrap;
    if (add_globs(usage, &values->images, moor_usage_add_image, err) != 0 ||
        add_globs(usage, &values->users, moor_usage_add_user, err) != 0 ||
        add_globs(usage, &values->namespaces, moor_usage_add_namespace, err) != 0) {
        return -1;
    }
    return moor_time_period(&usage->replay.from, &usage->replay.to, values->from, values->to, err);
}

/* Returns the number of logs that could not be read; one without any known line counts too. */
static uint64_t read_logs(struct moor_usage *usage, const char *const *paths, size_t count)
{
    struct moor_log_files files = {
        .command = "report", .line = take_line, .long_line = take_long_line, .context = usage};
    moor_log_files_read(&files, paths, count);
    usage->replay.files = files.read;
    if (files.failed == 0 && usage->replay.events == 0 && usage->reviews == 0) {
        (void)moor_command_fail("report: no event of audit.k8s.io and no review was found");
        return 1;
    }
    return files.failed;
}

static int report_uses(const struct values *values, const struct moor_policy *policy,
                       const char *const *paths, size_t count)
{
    static void (*const writers[])(FILE * out, const struct moor_usage *usage) = {
        [OUTPUT_TABLE] = moor_uses_write_table,
        [OUTPUT_JSON] = moor_uses_write_json,
        [OUTPUT_CSV] = moor_uses_write_csv,
    };
    struct moor_usage usage;
    struct moor_error err = {0};
    int status = MOOR_EXIT_UNDECIDED;
    if (moor_usage_init(&usage, policy, &err) != 0 || set_up(&usage, values, &err) != 0) {
        (void)moor_command_fail("report: %s", err.text);
    } else {
        status = read_logs(&usage, paths, count) == 0 ? MOOR_EXIT_CLEAN : MOOR_EXIT_UNDECIDED;
        moor_tally_sort_by_time(&usage.uses);
        writers[values->output](stdout, &usage);
        if (usage.uses.others[0] > 0) {
            (void)moor_command_fail("report: more than %d uses: restrict the report",
                                    MOOR_USAGE_MAX_USES);
            status = MOOR_EXIT_UNDECIDED;
        }
        /* An empty list must not look like the absence of an image. */
        if (usage.unread > 0) {
            (void)moor_command_fail("report: the log has no images for %" PRIu64
                                    " requests: see 'unreadRequests' in tagmoor-output(5)",
                                    usage.unread);
        }
        status = moor_command_flush(status);
    }
    moor_usage_release(&usage);
    return status;
}

/* --- exemptions ------------------------------------------------------------------------------- */

/* The state of a report about exemptions. */
struct exempting {
    const struct values *values;
    const struct moor_policy *policy;
    struct moor_usage usage;
    struct moor_scanning scanning;
    struct moor_report report;
    struct moor_namespaces namespaces;
    bool has_scanning;
};

static int scan_dumps(struct exempting *run, struct moor_error *err)
{
    struct moor_dumps dumps;
    if (moor_scanning_init(&run->scanning, err) != 0) {
        return -1;
    }
    run->has_scanning = true;
    run->scanning.policies[0] = run->policy;
    run->scanning.policy_count = 1;
    run->scanning.now = run->values->now_s;
    moor_dumps_init(&dumps);
    dumps.paths = run->values->scans.items;
    dumps.count = (int)run->values->scans.count;
    dumps.scanning = &run->scanning;
    dumps.report = &run->report;
    dumps.namespaces = &run->namespaces;
    int status = moor_dumps_scan(&dumps, err);
    moor_dumps_release(&dumps);
    if (status == 0 && run->report.input_error_count > 0) {
        status = moor_error_set(err, MOOR_ERROR_VALUE, "%.*s: %.*s",
                                MOOR_SLICE_ARGS(run->report.input_errors[0].file),
                                MOOR_SLICE_ARGS(run->report.input_errors[0].text));
    }
    return status == 0 ? moor_scanning_finish(&run->scanning, err) : status;
}

static int write_exemptions(struct exempting *run, struct moor_error *err)
{
    static void (*const writers[])(FILE * out, const struct moor_exemptions *exemptions) = {
        [OUTPUT_TABLE] = moor_exemptions_write_table,
        [OUTPUT_JSON] = moor_exemptions_write_json,
        [OUTPUT_CSV] = moor_exemptions_write_csv,
    };
    const struct values *values = run->values;
    struct moor_exemptions exemptions = {.policy = run->policy, .now = values->now_s};
    uint64_t failed = 0;
    if (set_up(&run->usage, values, err) != 0 ||
        (values->scans.count > 0 && scan_dumps(run, err) != 0)) {
        return moor_command_fail("report: %s", err->text);
    }
    if (values->logs.count > 0) {
        failed = read_logs(&run->usage, values->logs.items, values->logs.count);
        exemptions.log = &run->usage.exemptions;
    }
    exemptions.uses = run->has_scanning ? &run->scanning.exemptions : NULL;
    writers[values->output](stdout, &exemptions);
    return moor_command_flush(failed == 0 ? MOOR_EXIT_CLEAN : MOOR_EXIT_UNDECIDED);
}

static int report_exemptions(const struct values *values, const struct moor_policy *policy)
{
    struct exempting run = {.values = values, .policy = policy};
    struct moor_error err = {0};
    moor_report_init(&run.report);
    moor_namespaces_init(&run.namespaces);
    int status = moor_usage_init(&run.usage, policy, &err) == 0
                     ? write_exemptions(&run, &err)
                     : moor_command_fail("report: %s", err.text);
    if (run.has_scanning) {
        moor_scanning_release(&run.scanning);
    }
    moor_usage_release(&run.usage);
    moor_report_release(&run.report);
    moor_namespaces_release(&run.namespaces);
    return status;
}

/* --- the command ------------------------------------------------------------------------------ */

/* Returns the option that has no effect with or without the word `exemptions`, or NULL. */
static const char *find_idle(const struct values *values, bool is_exemptions)
{
    if (is_exemptions) {
        return values->images.count > 0       ? "--image"
               : values->users.count > 0      ? "--user"
               : values->namespaces.count > 0 ? "--namespace"
                                              : NULL;
    }
    return values->scans.count > 0  ? "--scan"
           : values->logs.count > 0 ? "--log"
           : values->now != NULL    ? "--now"
                                    : NULL;
}

static int run(const struct moor_command *command, int argc, char **argv)
{
    struct values values = {0};
    int first = 0;
    int status = 0;
    if (moor_command_parse(command, argc, argv, &values, &first, &status) != 0) {
        return status;
    }
    bool is_exemptions = first < argc && strcmp(argv[first], "exemptions") == 0;
    const char *idle = find_idle(&values, is_exemptions);
    if (first == argc || (is_exemptions && argc - first > 1)) {
        return moor_command_misused(command, "name a log, '-' for standard input, or the word "
                                             "'exemptions' alone");
    }
    if (idle != NULL) {
        return moor_command_misused(command, "option '%s' has no effect %s the word 'exemptions'",
                                    idle, is_exemptions ? "with" : "without");
    }
    struct moor_policy *policy = moor_policy_file_load_at(values.policy, values.now, &values.now_s);
    if (policy == NULL) {
        return MOOR_EXIT_UNDECIDED;
    }
    status = is_exemptions ? report_exemptions(&values, policy)
                           : report_uses(&values, policy, (const char *const *)argv + first,
                                         (size_t)(argc - first));
    moor_policy_release(policy);
    return status;
}

const struct moor_command moor_command_report = {
    .name = "report",
    .operands = "LOG...|- | exemptions",
    .verbs = "exemptions",
    .completion = MOOR_COMPLETION_FILES,
    .summary = "report who asked to run which image, and unused exemptions",
    .about = "Reads audit logs of Kubernetes and logs of 'tagmoor serve', also compressed with\n"
             "gzip, and lists each image that a request introduced, with the user, the\n"
             "object, the answer, the number of requests and the first and last time.\n"
             "With the word 'exemptions', lists the exemptions of the policy: their reason and\n"
             "end, the images of a dump that they cover, and their last use in a log.",
    .options = options,
    .option_count = MOOR_ARRAY_SIZE(options),
    .run = run,
};
