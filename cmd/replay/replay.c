/* SPDX-License-Identifier: Apache-2.0 */
/* `tagmoor replay`: evaluates the requests of audit logs as the webhook would have. */
#include "cmd/audit/log_files.h"
#include "cmd/audit/time_text.h"
#include "cmd/command.h"
#include "cmd/policy_file.h"
#include "cmd/replay/replaying.h"
#include "cmd/replay/results_json.h"
#include "cmd/replay/results_text.h"
#include "cmd/report/terminal.h"
#include "policy/base/array_size.h"

/* The words of --output and --fail-on, in the order of the options. */
enum output {
    OUTPUT_TEXT,
    OUTPUT_JSON
};

enum fail_on {
    FAIL_ON_NEVER,
    FAIL_ON_DENY,
    FAIL_ON_WARN
};

/* The values of the options. */
struct values {
    const char *policy;
    const char *compare;
    const char *from;
    const char *to;
    const char *environment;
    struct moor_option_list exclude;
    int unwrap;
    int output;
    int color;
    int fail_on;
    bool full;
    const char *now;
    int64_t now_s; /* the time of `now` */
};

static const struct moor_option options[] = {
    MOOR_POLICY_OPTION(offsetof(struct values, policy)),
    {.name = "compare",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, compare),
     .argument = "FILE",
     .help = "list only images that --policy decides differently than this older policy",
     .completion = MOOR_COMPLETION_FILES},
    {.name = "from",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, from),
     .argument = "TIME",
     .help = "evaluate events from this time on, such as 2027-03-19 or 2027-03-19T18:00:00Z"},
    {.name = "to",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, to),
     .argument = "TIME",
     .help = "evaluate events up to this time; a date includes its whole day"},
    MOOR_UNWRAP_OPTION(offsetof(struct values, unwrap)),
    {.name = "environment",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, environment),
     .argument = "NAME",
     .help = "evaluate as the URL path /validate/NAME does",
     .fallback = "as tagmoor recorded it, else by the namespace's name",
     .completion = MOOR_COMPLETION_ENVIRONMENTS},
    {.name = "exclude",
     .type = MOOR_OPTION_LIST,
     .offset = offsetof(struct values, exclude),
     .argument = "NAMESPACE",
     .help = "namespace to leave out",
     .fallback = "kube-system, which the chart excludes"},
    {.name = "output",
     .letter = 'o',
     .type = MOOR_OPTION_CHOICE,
     .offset = offsetof(struct values, output),
     .argument = "text|json",
     .help = "format of the results"},
    MOOR_COLOR_OPTION(offsetof(struct values, color)),
    {.name = "full",
     .type = MOOR_OPTION_FLAG,
     .offset = offsetof(struct values, full),
     .help = "list everything in the text output, which otherwise lists 100 findings"},
    {.name = "fail-on",
     .type = MOOR_OPTION_CHOICE,
     .offset = offsetof(struct values, fail_on),
     .argument = "never|deny|warn",
     .help = "least severe decision that makes the exit status 1"},
    {.name = "now",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, now),
     .argument = "TIME",
     .help = "time to evaluate exemptions at",
     .fallback = "the time of each event"},
};

static int take_line(void *context, struct moor_slice line, struct moor_error *err)
{
    return moor_replay_line(context, line, err);
}

static void take_long_line(void *context)
{
    moor_replay_long_line(context);
}

/* Counts the requests that an older policy, if there is one, decides more mildly than `least`. */
static uint64_t count_new(const struct moor_replay *replay, size_t decision,
                          enum moor_decision least)
{
    uint64_t count = 0;
    for (size_t before = 0; before < least; before++) {
        count += replay->before[before][decision];
    }
    return replay->policy_count > 1 ? count : replay->decisions[decision];
}

/* Returns whether a decision fails the run: with an older policy, only one that it did not make. */
static bool has_failed(const struct moor_replay *replay, enum moor_decision least)
{
    uint64_t count = 0;
    for (size_t decision = least; decision < MOOR_DECISION_COUNT; decision++) {
        count += count_new(replay, decision, least);
    }
    return count > 0;
}

static int status_of(const struct values *values, const struct moor_replay *replay)
{
    /*
     * A replay describes the past, where a denial is an expected finding: it fails only if the user
     * asks for it.
     */
    if (values->fail_on == FAIL_ON_NEVER) {
        return MOOR_EXIT_CLEAN;
    }
    return has_failed(replay,
                      values->fail_on == FAIL_ON_WARN ? MOOR_DECISION_WARN : MOOR_DECISION_DENY)
               ? MOOR_EXIT_DENIED
               : MOOR_EXIT_CLEAN;
}

static int write_results(const struct values *values, struct moor_replay *replay)
{
    moor_replay_finish(replay);
    if (values->output == OUTPUT_JSON) {
        moor_replay_write_json(stdout, replay);
    } else {
        const struct moor_page_style style =
            moor_terminal_style(stdout, (enum moor_colour)values->color);
        moor_replay_write_text(stdout, replay, values->full, &style);
    }
    return moor_command_flush(status_of(values, replay));
}

static int set_up(struct moor_replay *replay, const struct values *values, struct moor_error *err)
{
    static const char *const excluded[] = {"kube-system"};
    /*
     * A list of the user replaces the default, so that requests of kube-system can be evaluated
     * too.
     */
    replay->unwrap = (enum moor_unwrap)values->unwrap;
    replay->environment = moor_slice_from(values->environment);
    replay->excluded = values->exclude.count > 0 ? values->exclude.items : excluded;
    replay->excluded_count =
        values->exclude.count > 0 ? values->exclude.count : MOOR_ARRAY_SIZE(excluded);
    replay->has_now = values->now != NULL;
    replay->now = values->now_s;
    return moor_time_period(&replay->from, &replay->to, values->from, values->to, err);
}

/* The results of all readable files are printed even if one cannot be read. */
static int replay_by(const struct values *values, const struct moor_policy *policy,
                     const struct moor_policy *older, size_t count, char **paths)
{
    struct moor_replay replay;
    struct moor_error err = {0};
    int status = MOOR_EXIT_UNDECIDED;
    if (moor_replay_init(&replay, policy, older, &err) != 0 || set_up(&replay, values, &err) != 0) {
        (void)moor_command_fail("replay: %s", err.text);
    } else {
        struct moor_log_files files = {.command = "replay",
                                       .line = take_line,
                                       .long_line = take_long_line,
                                       .context = &replay};
        moor_log_files_read(&files, (const char *const *)paths, count);
        replay.files = files.read;
        status = write_results(values, &replay);
        /*
         * A log without any event is most likely a wrong file or a wrong --unwrap: status 0 would
         * tell a pipeline that all of its requests would have been admitted.
         */
        if (files.failed > 0 || replay.events == 0) {
            status = MOOR_EXIT_UNDECIDED;
        }
        /* After the error of a file, this message would hide the cause. */
        if (files.failed == 0 && replay.events == 0) {
            (void)moor_command_fail("replay: no event of audit.k8s.io was found");
        }
    }
    moor_replay_release(&replay);
    return status;
}

static int run(const struct moor_command *command, int argc, char **argv)
{
    struct values values = {0};
    int first = 0;
    int status = 0;
    if (moor_command_parse(command, argc, argv, &values, &first, &status) != 0) {
        return status;
    }
    if (first == argc) {
        return moor_command_misused(command, "name a log, or '-' for standard input");
    }
    struct moor_policy *policy = NULL;
    struct moor_policy *older = NULL;
    status = moor_policy_file_load_both(&policy, &older, values.policy, values.compare, values.now,
                                        &values.now_s)
                 ? replay_by(&values, policy, older, (size_t)(argc - first), argv + first)
                 : MOOR_EXIT_UNDECIDED;
    moor_policy_release(policy);
    moor_policy_release(older);
    return status;
}

const struct moor_command moor_command_replay = {
    .name = "replay",
    .operands = "LOG...|-",
    .completion = MOOR_COMPLETION_FILES,
    .summary = "report what a policy would have answered to an audit log",
    .about = "Reads audit logs of Kubernetes, one event of audit.k8s.io a line, also\n"
             "compressed with gzip.  Evaluates each request as the webhook would have, and\n"
             "reports the decisions, the images that would have been denied, and the\n"
             "difference to what was answered then.  Name rotated files from the oldest to\n"
             "the newest: the image that an update replaced is known from earlier events.\n"
             "The audit level must be Request or RequestResponse for workloads.",
    .options = options,
    .option_count = MOOR_ARRAY_SIZE(options),
    .run = run,
};
