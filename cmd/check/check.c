/* SPDX-License-Identifier: Apache-2.0 */
/* `tagmoor check`: evaluates manifests as the webhook would, before they are applied. */
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/check/baseline.h"
#include "cmd/check/walk_choice.h"
#include "cmd/command.h"
#include "cmd/input/file.h"
#include "cmd/policy_file.h"
#include "cmd/report/outputs.h"
#include "cmd/report/page.h"
#include "cmd/report/whole_file.h"
#include "policy/base/array_size.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

/* The values of the options. */
struct values {
    const char *policy;
    const char *environment;
    const char *namespace;
    struct moor_option_list include;
    struct moor_option_list exclude;
    bool force_exclude;
    bool render;
    uint32_t render_timeout_ms;
    struct moor_option_list value_files;
    bool fail_if_nothing;
    bool verbose;
    struct moor_option_list output;
    int color;
    const char *baseline;
    const char *write_baseline;
    const char *now;
    struct moor_option_list namespace_labels;
    const char *evidence;
    int fail_on; /* index in the words of the option: deny, warn */
    bool no_suppressions;
};

_Static_assert(MOOR_OPTION_LIST_MAX <= MOOR_RENDER_MAX_VALUES, "helm gets all files of values");

static const struct moor_option options[] = {
    MOOR_POLICY_OPTION(offsetof(struct values, policy)),
    MOOR_ENVIRONMENT_OPTION(offsetof(struct values, environment)),
    MOOR_NAMESPACE_OPTION(offsetof(struct values, namespace)),
    MOOR_NAMESPACE_LABELS_OPTION(offsetof(struct values, namespace_labels),
                                 "labels of the namespaces that are not in the input"),
    MOOR_INCLUDE_OPTION(offsetof(struct values, include)),
    MOOR_EXCLUDE_OPTION(offsetof(struct values, exclude)),
    MOOR_FORCE_EXCLUDE_OPTION(offsetof(struct values, force_exclude)),
    {.name = "render",
     .type = MOOR_OPTION_FLAG,
     .offset = offsetof(struct values, render),
     .help = "run helm and kustomize on the charts and kustomizations, and evaluate the output"},
    {.name = "render-timeout",
     .type = MOOR_OPTION_DURATION,
     .offset = offsetof(struct values, render_timeout_ms),
     .argument = "DURATION",
     .help = "maximum time of each run of helm or kustomize"},
    {.name = "values",
     .type = MOOR_OPTION_LIST,
     .offset = offsetof(struct values, value_files),
     .argument = "FILE",
     .help = "values for helm, in addition to those of the charts; with --render (may repeat)"},
    {.name = "fail-if-nothing",
     .type = MOOR_OPTION_FLAG,
     .offset = offsetof(struct values, fail_if_nothing),
     .help = "exit with status 2 if no image was evaluated"},
    {.name = "verbose",
     .letter = 'v',
     .type = MOOR_OPTION_FLAG,
     .offset = offsetof(struct values, verbose),
     .help = "list objects and images that were only counted"},
    MOOR_OUTPUT_OPTION(offsetof(struct values, output)),
    MOOR_COLOR_OPTION(offsetof(struct values, color)),
    {.name = "baseline",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, baseline),
     .argument = "FILE",
     .help = "report findings that this file lists as known; they do not fail the run",
     .completion = MOOR_COMPLETION_FILES},
    {.name = "write-baseline",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, write_baseline),
     .argument = "FILE",
     .help = "write the findings to a baseline, and do not fail the run for them",
     .completion = MOOR_COMPLETION_FILES},
    {.name = "fail-on",
     .type = MOOR_OPTION_CHOICE,
     .offset = offsetof(struct values, fail_on),
     .argument = "deny|warn",
     .help = "least severe decision that fails the run"},
    MOOR_NO_SUPPRESSIONS_OPTION(offsetof(struct values, no_suppressions)),
    MOOR_EVIDENCE_OPTION(offsetof(struct values, evidence)),
    MOOR_NOW_OPTION(offsetof(struct values, now)),
};

/* A run over all files. */
struct run {
    const struct values *values;
    struct moor_report *report;
    struct moor_walk walk;
    struct moor_outputs outputs;
    struct moor_lock evidence;
};

/* --- baselines and outputs -------------------------------------------------------------------- */

/* The baseline is applied after all files: an entry is stale only if no file matches it. */
static int apply_baseline(struct run *run)
{
    struct moor_error err = {0};
    struct moor_relative folder;
    const char *path = run->values->baseline;
    if (path == NULL) {
        return 0;
    }
    if (moor_source_read(&run->walk.judging.source, path, &err) != 0) {
        return moor_command_fail("check: %s", err.text);
    }
    /*
     * The operands are needed too: an entry for a file that this run was not asked to read is not
     * stale.
     */
    const struct moor_baseline baseline = {path, &folder, run->walk.operands,
                                           run->walk.operand_count};
    struct moor_slice text = moor_buf_slice(&run->walk.judging.source.bytes);
    int status = moor_relative_init(&folder, path, &err) != 0
                     ? -1
                     : moor_baseline_apply(run->report, &baseline, text, &err);
    moor_relative_release(&folder);
    return status != 0 ? moor_command_fail("check: --baseline %s: %s", path, err.text) : 0;
}

/* A shell can expand `--write-baseline *.yaml` to a manifest, so only a baseline is overwritten. */
static int check_replaced(struct run *run, const char *path, struct moor_error *err)
{
    struct stat found;
    struct moor_source *source = &run->walk.judging.source;
    if (strcmp(path, "-") == 0) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "--write-baseline: '-' is not a file: use a name such as './-'");
    }
    /* A new file destroys nothing, and a pipe or `/dev/stdout` has no content to lose. */
    if (stat(path, &found) != 0 || !S_ISREG(found.st_mode)) {
        return 0;
    }
    if (moor_source_read(source, path, err) != 0) {
        return -1;
    }
    return moor_baseline_is_one(moor_buf_slice(&source->bytes))
               ? 0
               : moor_error_set(err, MOOR_ERROR_VALUE,
                                "--write-baseline: '%s' exists and is not a baseline: use another "
                                "file, or remove it",
                                moor_file_shown(path).text);
}

static int write_baseline(struct run *run)
{
    struct moor_error err = {0};
    const char *path = run->values->write_baseline;
    if (path == NULL) {
        return 0;
    }
    struct moor_relative folder;
    struct moor_whole_file file;
    size_t count = 0;
    if (check_replaced(run, path, &err) != 0 || moor_whole_file_begin(&file, path, &err) != 0) {
        return moor_command_fail("check: %s", err.text);
    }
    /*
     * The file is ended in both cases: without a complete list, this keeps the previous baseline.
     */
    bool is_listed = moor_relative_init(&folder, path, &err) == 0 &&
                     moor_baseline_write(file.out, &count, run->report, &folder, &err) == 0;
    bool is_written = moor_whole_file_end(&file, is_listed, &err) == 0;
    moor_relative_release(&folder);
    if (!is_listed || !is_written) {
        return moor_command_fail("check: %s", err.text);
    }
    /* The note goes to standard error, because standard output can carry a report for a program. */
    (void)moor_command_fail("wrote %zu finding%s to '%s'", count, moor_page_plural(count),
                            moor_file_shown(path).text);
    return 0;
}

/* Appends why no image was evaluated. */
static void append_nothing(struct moor_buf *out, const struct moor_report *report)
{
    size_t files = report->files;
    if (report->unjudged[MOOR_UNJUDGED_EMPTY] == files) {
        moor_buf_append_text(out, files > 0 ? "no file contains a document"
                                  : report->unjudged[MOOR_UNJUDGED_CHART] > 0
                                      ? "only charts were found, which --render evaluates"
                                  : report->unjudged[MOOR_UNJUDGED_EXCLUDED] > 0
                                      ? "every file is excluded"
                                      : "no file was read");
        return;
    }
    moor_buf_printf(out, "no image in %zu file%s", files, moor_page_plural(files));
}

/*
 * A run that evaluated no image must not look like one without findings.  It is an error if the
 * files contain nothing at all, or if the user asked for that.  With --force-exclude, a hook can
 * pass only files that are excluded.
 */
static void check_nothing(struct run *run)
{
    const struct moor_report *report = run->report;
    if (report->input_error_count > 0 || report->finding_count > 0 ||
        report->counts[MOOR_DECISION_ALLOW] > 0) {
        return;
    }
    struct moor_error err = {0};
    struct moor_buf why;
    /*
     * A hook with --force-exclude passes changed files only, and a commit can change excluded files
     * only.
     */
    bool is_forced = run->values->force_exclude && report->unjudged[MOOR_UNJUDGED_EXCLUDED] > 0;
    bool is_empty = report->unjudged[MOOR_UNJUDGED_EMPTY] == report->files &&
                    report->unjudged[MOOR_UNJUDGED_CHART] == 0 && !is_forced;
    bool is_error = is_empty || run->values->fail_if_nothing;
    moor_buf_init(&why, 256);
    append_nothing(&why, report);
    (void)moor_error_set(&err, MOOR_ERROR_VALUE, "%snothing was evaluated: %.*s%s",
                         is_error ? "" : "warning: ", (int)why.len, why.ptr,
                         is_error && !is_empty ? " (--fail-if-nothing)" : "");
    moor_buf_release(&why);
    if (is_error) {
        moor_walk_fail(&run->walk, run->walk.operands[0], &err);
    } else {
        (void)moor_command_fail("%s", err.text);
    }
}

static int check(struct run *run)
{
    struct moor_error err = {0};
    int walked = moor_walk_run(&run->walk, &err);
    moor_progress_clear(&run->walk.progress);
    if (walked != 0) {
        return moor_command_fail("check: %s", err.text);
    }
    /*
     * The old baseline is read before the new one is written, because both options can name one
     * file.
     */
    if (apply_baseline(run) != 0 || write_baseline(run) != 0) {
        return MOOR_EXIT_UNDECIDED;
    }
    check_nothing(run);
    moor_report_count(run->report);
    /*
     * The check for memory comes before the outputs: an incomplete report must not look like a
     * clean one.
     */
    if (run->report->failed) {
        return moor_command_fail("check: no memory for the report");
    }
    if (moor_outputs_write(&run->outputs, run->report, NULL, &err) != 0) {
        return moor_command_fail("check: %s", err.text);
    }
    /* The findings are in the new baseline, so they do not fail this run either. */
    int status = moor_report_status(run->report);
    bool is_accepted = run->values->write_baseline != NULL && status == MOOR_EXIT_DENIED;
    return moor_command_flush(is_accepted ? MOOR_EXIT_CLEAN : status);
}

/* --- the command ------------------------------------------------------------------------------ */

static int set_up(struct run *run, const struct moor_policy *policy, int64_t now,
                  struct moor_error *err)
{
    const struct values *values = run->values;
    const struct moor_walk_choice choice = {.environment = values->environment,
                                            .namespace = values->namespace,
                                            .namespace_labels = &values->namespace_labels,
                                            .include = &values->include,
                                            .exclude = &values->exclude,
                                            .forces_excludes = values->force_exclude,
                                            .has_no_suppressions = values->no_suppressions,
                                            .now = now};
    /* The walk comes first, because the caller releases it even if a later step fails. */
    if (moor_walk_init(&run->walk, policy, run->report, err) != 0 ||
        moor_outputs_parse(&run->outputs, moor_report_formats_at, values->output.items,
                           values->output.count, err) != 0 ||
        moor_walk_choice_apply(&run->walk, &choice, err) != 0) {
        return -1;
    }
    if (values->evidence != NULL) {
        if (moor_lock_load(&run->evidence, values->evidence, err) != 0) {
            return -1;
        }
        run->walk.judging.findings.evidence = &run->evidence;
    }
    /* Only a baseline needs the names of the files that were read, which can be many. */
    run->report->lists_read = values->baseline != NULL;
    run->report->fails_from = values->fail_on == 0 ? MOOR_DECISION_DENY : MOOR_DECISION_WARN;
    run->walk.judging.unread.lists_all = values->verbose;
    run->outputs.colour = (enum moor_colour)values->color;
    run->walk.renders = values->render;
    run->walk.render.timeout_ms = values->render_timeout_ms;
    return moor_render_set_values(&run->walk.render, values->value_files.items,
                                  values->value_files.count, err);
}

static int check_by(const struct values *values, const struct moor_policy *policy, int64_t now,
                    int count, char **operands)
{
    struct moor_report report;
    struct moor_error err = {0};
    struct run run = {.values = values, .report = &report};
    moor_report_init(&report);
    int status = set_up(&run, policy, now, &err);
    /* The operands are set after moor_walk_init(), which clears the walk. */
    run.walk.operands = operands;
    run.walk.operand_count = (size_t)count;
    status = status != 0 ? moor_command_fail("check: %s", err.text) : check(&run);
    moor_walk_release(&run.walk);
    moor_lock_release(&run.evidence);
    moor_report_release(&report);
    return status;
}

static int run_check(const struct moor_command *command, int argc, char **argv)
{
    /* A chart can loop for a long time in a template, so that helm needs a limit by default. */
    struct values values = {.render_timeout_ms = 60 * 1000};
    int first = 0;
    int status = 0;
    if (moor_command_parse(command, argc, argv, &values, &first, &status) != 0) {
        return status;
    }
    if (first == argc) {
        return moor_command_misused(command, "no file: give a PATH, or '-' for standard input");
    }
    /*
     * Ignoring the option would evaluate the chart's own values and look like a result for these.
     */
    if (values.value_files.count > 0 && !values.render) {
        return moor_command_misused(command, "--values needs --render");
    }
    int64_t now = 0;
    struct moor_policy *policy = moor_policy_file_load_at(values.policy, values.now, &now);
    if (policy == NULL) {
        return MOOR_EXIT_UNDECIDED;
    }
    status = check_by(&values, policy, now, argc - first, argv + first);
    moor_policy_release(policy);
    return status;
}

const struct moor_command moor_command_check = {
    .name = "check",
    .operands = "PATH...|-",
    .completion = MOOR_COMPLETION_FILES,
    .summary = "evaluate manifests as the webhook would, before they are applied",
    .about = "Reads YAML and JSON from files, from directories (*.yaml, *.yml and *.json at\n"
             "any depth) or from standard input ('-'), as in 'helm template CHART | tagmoor\n"
             "check -'.  Each object is evaluated in the environment of its own namespace.\n"
             "Objects that are not evaluated are counted.",
    .format_at = moor_report_formats_at,
    .options = options,
    .option_count = MOOR_ARRAY_SIZE(options),
    .run = run_check,
};
