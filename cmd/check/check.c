/* SPDX-License-Identifier: Apache-2.0 */
/* `tagmoor check`: evaluates manifests as the webhook would, before they are applied. */
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/check/baseline.h"
#include "cmd/check/judging.h"
#include "cmd/command.h"
#include "cmd/input/file.h"
#include "cmd/input/files.h"
#include "cmd/policy_file.h"
#include "cmd/report/outputs.h"
#include "cmd/report/whole_file.h"
#include "cmd/scan/resources.h"
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
    struct moor_option_list output;
    const char *baseline;
    const char *write_baseline;
    const char *now;
};

static const struct moor_option options[] = {
    MOOR_POLICY_OPTION(offsetof(struct values, policy)),
    {.name = "environment",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, environment),
     .argument = "NAME",
     .help = "evaluate all objects in this environment",
     .fallback = "the environment of each object's namespace",
     .completion = MOOR_COMPLETION_ENVIRONMENTS},
    {.name = "namespace",
     .letter = 'n',
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, namespace),
     .argument = "NAME",
     .help = "namespace of objects that name none"},
    {.name = "include",
     .type = MOOR_OPTION_LIST,
     .offset = offsetof(struct values, include),
     .argument = "FORMAT[,FORMAT]...",
     .help = "evaluate files of other tools too",
     .word_at = moor_input_format_name_at,
     .lists_words = true},
    MOOR_OUTPUT_OPTION(offsetof(struct values, output)),
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
    MOOR_NOW_OPTION(offsetof(struct values, now)),
};

/* A run over all files. */
struct run {
    const struct values *values;
    char **operands;
    size_t operand_count;
    struct moor_report *report;
    struct moor_judging judging;
    struct moor_namespaces namespaces;
    struct moor_outputs outputs;
    size_t errors_said; /* number of input errors that were printed */
    bool is_judging;    /* false while only Namespaces are collected */
    bool has_progress;
    struct timespec started;
};

/* Reports and baselines name a file without a leading `./`. */
static const char *shown(const char *path)
{
    return strncmp(path, "./", 2) == 0 && path[2] != '\0' ? path + 2 : path;
}

/* --- progress and errors ---------------------------------------------------------------------- */

static void say_input_errors(struct run *run)
{
    if (run->has_progress && run->errors_said < run->report->input_error_count) {
        (void)fputs("\r\x1b[K", stderr);
    }
    for (; run->errors_said < run->report->input_error_count; run->errors_said++) {
        const struct moor_report_input_error *error = &run->report->input_errors[run->errors_said];
        if (error->line > 0) {
            (void)moor_command_fail("%.*s:%u:%u: %.*s", MOOR_SLICE_ARGS(error->file), error->line,
                                    error->column, MOOR_SLICE_ARGS(error->text));
        } else {
            (void)moor_command_fail("%.*s", MOOR_SLICE_ARGS(error->text));
        }
    }
}

/* Draws a progress line on a terminal, once the run has taken more than a second. */
static void say_progress(struct run *run, bool is_done)
{
    struct timespec now;
    if (!run->has_progress) {
        return;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    if (is_done) {
        (void)fputs("\r\x1b[K", stderr);
    } else if (now.tv_sec > run->started.tv_sec && run->report->files % 64 == 0) {
        (void)fprintf(stderr, "\r%zu files, %zu findings", run->report->files,
                      run->report->finding_count);
    }
}

/* --- the run ---------------------------------------------------------------------------------- */

/* If an environment selects by labels, all files are read for Namespaces first. */
static bool wants_labels(const struct moor_policy *policy)
{
    for (size_t i = 0; i < policy->environment_count; i++) {
        if (policy->environments[i].label_count > 0) {
            return true;
        }
    }
    return false;
}

/* Files are read twice if labels matter, but an unreadable file is reported once. */
static void note_input_error(struct run *run, const char *path, const struct moor_error *err)
{
    if (run->is_judging) {
        moor_report_add_input_error(run->report, moor_slice_from(shown(path)), err);
    }
}

/*
 * Reads a file.  Empty standard input usually means that the command before the pipe failed, and
 * must not look like manifests without findings.
 */
static int read_source(struct run *run, const char *path, struct moor_error *err)
{
    if (moor_source_read(&run->judging.source, path, err) != 0) {
        return -1;
    }
    return strcmp(path, "-") == 0 && run->judging.source.bytes.len == 0
               ? moor_error_set(err, MOOR_ERROR_VALUE,
                                "standard input is empty: check whether the command before the "
                                "pipe failed")
               : 0;
}

/* Reads the next readable file.  Returns false after the last one. */
static bool next_file(struct run *run, struct moor_files *files, struct moor_slice *file)
{
    struct moor_error err = {0};
    const char *path = NULL;
    int status = 0;
    while ((status = moor_files_next(files, &path, &err)) != 0) {
        if (status > 0 && read_source(run, path, &err) == 0) {
            *file = moor_slice_from(shown(path));
            return true;
        }
        note_input_error(run, path, &err);
        say_input_errors(run);
        err = (struct moor_error){0};
    }
    return false;
}

static int open_files(struct run *run, struct moor_files *files)
{
    struct moor_error err = {0};
    if (moor_files_init(files, run->operands, run->operand_count, run->judging.formats, &err) !=
        0) {
        return moor_command_fail("check: %s", err.text);
    }
    return 0;
}

/* Adds the labels of the Namespaces in all files. */
static int collect_namespaces(struct run *run)
{
    struct moor_judging *judging = &run->judging;
    struct moor_files files;
    struct moor_slice file;
    struct moor_error err = {0};
    if (open_files(run, &files) != 0) {
        return -1;
    }
    while (next_file(run, &files, &file)) {
        struct moor_slice text = moor_buf_slice(&judging->source.bytes);
        /* Searching the word is much faster than parsing a file without a Namespace. */
        if (text.len == 0 || memmem(text.ptr, text.len, "Namespace", 9) == NULL) {
            continue;
        }
        moor_documents_open(&judging->documents, &judging->source, file, false);
        if (moor_namespaces_collect(&run->namespaces, &judging->documents,
                                    &judging->workspace.arena, &err) != 0) {
            run->report->failed = true;
        }
    }
    moor_files_release(&files);
    return 0;
}

/* Standard input is kept if files are read twice, because it can be read only once. */
static int judge_all(struct run *run)
{
    struct moor_files files;
    struct moor_slice file;
    if (wants_labels(run->judging.policy) && run->values->environment == NULL) {
        run->judging.source.keeps_input = true;
        if (collect_namespaces(run) != 0) {
            return -1;
        }
        run->judging.namespaces = &run->namespaces;
    }
    run->is_judging = true;
    if (open_files(run, &files) != 0) {
        return -1;
    }
    while (next_file(run, &files, &file)) {
        moor_judging_file(&run->judging, file);
        say_progress(run, false);
        say_input_errors(run);
    }
    moor_files_release(&files);
    return 0;
}

/* --- baselines and outputs -------------------------------------------------------------------- */

/* The baseline is applied after all files: an entry is stale only if no file matches it. */
static int apply_baseline(struct run *run)
{
    struct moor_error err = {0};
    const char *path = run->values->baseline;
    if (path == NULL) {
        return 0;
    }
    if (moor_source_read(&run->judging.source, path, &err) != 0) {
        return moor_command_fail("check: %s", err.text);
    }
    return moor_baseline_apply(run->report, moor_buf_slice(&run->judging.source.bytes),
                               moor_slice_from(path), &err) != 0
               ? moor_command_fail("check: --baseline %s: %s", path, err.text)
               : 0;
}

/* A shell can expand `--write-baseline *.yaml` to a manifest, so only a baseline is overwritten. */
static int check_replaced(struct run *run, const char *path, struct moor_error *err)
{
    struct stat found;
    struct moor_source *source = &run->judging.source;
    if (strcmp(path, "-") == 0) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "--write-baseline: '-' is not a file: use a name such as './-'");
    }
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
    struct moor_whole_file file;
    if (check_replaced(run, path, &err) != 0 || moor_whole_file_begin(&file, path, &err) != 0) {
        return moor_command_fail("check: %s", err.text);
    }
    bool is_listed = moor_baseline_write(file.out, run->report, &err) == 0;
    bool is_written = moor_whole_file_end(&file, is_listed, &err) == 0;
    return is_listed && is_written ? 0 : moor_command_fail("check: %s", err.text);
}

/* A run that read only empty files must not look like one without findings. */
static void note_nothing(struct run *run, const char *path)
{
    struct moor_error err = {0};
    (void)moor_error_set(&err, MOOR_ERROR_VALUE,
                         "no file contains a document: nothing was evaluated");
    note_input_error(run, path, &err);
    say_input_errors(run);
}

static int check(struct run *run)
{
    struct moor_error err = {0};
    if (judge_all(run) != 0 || apply_baseline(run) != 0 || write_baseline(run) != 0) {
        return MOOR_EXIT_UNDECIDED;
    }
    if (run->report->input_error_count == 0 &&
        run->report->unjudged[MOOR_UNJUDGED_EMPTY] == run->report->files) {
        note_nothing(run, run->operands[0]);
    }
    say_progress(run, true);
    moor_report_count(run->report);
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

static bool has_environment(const struct moor_policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->environment_count; i++) {
        if (moor_slice_is(policy->environments[i].name, name)) {
            return true;
        }
    }
    return false;
}

static int set_up(struct run *run, const struct moor_policy *policy, int64_t now,
                  struct moor_error *err)
{
    const struct values *values = run->values;
    struct moor_judging *judging = &run->judging;
    if (moor_judging_init(judging, policy, run->report, err) != 0 ||
        moor_outputs_parse(&run->outputs, values->output.items, values->output.count, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < values->include.count; i++) {
        if (moor_input_formats_parse(&judging->formats, values->include.items[i], err) != 0) {
            return -1;
        }
    }
    if (values->environment != NULL && !has_environment(policy, values->environment)) {
        return moor_error_set(err, MOOR_ERROR_VALUE, "the policy has no environment '%s'",
                              values->environment);
    }
    judging->environment = moor_slice_from(values->environment);
    judging->namespace = moor_slice_from(values->namespace);
    judging->now = now;
    run->has_progress = moor_outputs_can_redraw();
    (void)clock_gettime(CLOCK_MONOTONIC, &run->started);
    return 0;
}

static int check_by(const struct values *values, const struct moor_policy *policy, int64_t now,
                    int count, char **operands)
{
    struct moor_report report;
    struct moor_error err = {0};
    struct run run = {
        .values = values, .report = &report, .operands = operands, .operand_count = (size_t)count};
    moor_report_init(&report);
    moor_namespaces_init(&run.namespaces);
    int status = set_up(&run, policy, now, &err) != 0 ? moor_command_fail("check: %s", err.text)
                                                      : check(&run);
    moor_judging_release(&run.judging);
    moor_namespaces_release(&run.namespaces);
    moor_report_release(&report);
    return status;
}

static int run_check(const struct moor_command *command, int argc, char **argv)
{
    struct values values = {0};
    int first = 0;
    int status = 0;
    if (moor_command_parse(command, argc, argv, &values, &first, &status) != 0) {
        return status;
    }
    if (first == argc) {
        return moor_command_misused(command, "no file: give a PATH, or '-' for standard input");
    }
    if (values.namespace != NULL &&
        !moor_resource_is_namespace(moor_slice_from(values.namespace))) {
        return moor_command_fail("check: --namespace: '%s' is not a valid namespace name",
                                 values.namespace);
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
    .has_formats = true,
    .options = options,
    .option_count = MOOR_ARRAY_SIZE(options),
    .run = run_check,
};
