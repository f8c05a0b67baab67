/* SPDX-License-Identifier: Apache-2.0 */
/* `tagmoor explain`: classifies references and shows the decision of each environment. */
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/evidence/repair.h"
#include "cmd/explain/data.h"
#include "cmd/explain/text.h"
#include "cmd/input/label_list.h"
#include "cmd/input/lines.h"
#include "cmd/policy_file.h"
#include "cmd/report/formats.h"
#include "cmd/report/outputs.h"
#include "cmd/report/whole_file.h"
#include "policy/base/array_size.h"
#include "policy/image/reference_name.h"
#include "policy/message.h"
#include "policy/rules/repository.h"
#include "policy/rules/requirements.h"

#include <string.h>
#include <time.h>

#define TEXT_MAX ((size_t)64 * 1024 * 1024)

/* The values of the options. */
struct values {
    const char *policy;
    const char *environment;
    struct moor_option_list namespace_labels;
    const char *evidence;
    struct moor_option_list output;
    int color;
};

static const struct moor_option options[] = {
    MOOR_POLICY_OPTION(offsetof(struct values, policy)),
    {.name = "environment",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, environment),
     .argument = "NAME",
     .help = "evaluate in this environment only, and exit with 1 if it denies a reference",
     .completion = MOOR_COMPLETION_ENVIRONMENTS},
    MOOR_NAMESPACE_LABELS_OPTION(offsetof(struct values, namespace_labels),
                                 "evaluate in the environment of a namespace with these labels "
                                 "only, as with --environment"),
    MOOR_EVIDENCE_OPTION(offsetof(struct values, evidence)),
    MOOR_OUTPUT_OPTION(offsetof(struct values, output)),
    MOOR_COLOR_OPTION(offsetof(struct values, color)),
};

/* The command's own formats, which write each reference at once and so work in a pipe. */
static const struct own_format {
    const struct moor_report_format *format;
    bool wants_answers; /* the format shows the decisions of the environments */
    void (*write)(FILE *out, struct moor_explaining *explaining,
                  const struct moor_page_style *style);
    /* Writes the text before the first reference; or NULL. */
    void (*begin)(FILE *out);
    /* Writes the text after the last reference; or NULL. */
    void (*finish)(FILE *out, struct moor_explaining *explaining,
                   const struct moor_page_style *style);
} formats[] = {
    {&moor_report_format_text, true, moor_explain_write_text, NULL, moor_explain_finish_text},
    {&moor_report_format_json, true, moor_explain_write_json, NULL, NULL},
    {&moor_report_format_tsv, false, moor_explain_write_tsv, NULL, NULL},
    {&moor_report_format_tsv_header, false, moor_explain_write_tsv, moor_explain_begin_tsv, NULL},
};

/* An output in one of the command's own formats.  Reports are written at the end instead. */
struct stream {
    const struct own_format *format;
    struct moor_whole_file file; /* without a path: standard output */
    struct moor_page_style style;
};

/* One run over all references.  It is on the heap because of its buffers. */
struct run {
    struct moor_explaining explaining;
    struct stream streams[MOOR_OUTPUTS_MAX];
    size_t stream_count;
    struct moor_outputs diagnostics;
    struct moor_report report;
    struct moor_lines lines; /* lines of standard input */
};

/* --- one reference ---------------------------------------------------------------------------- */

/* An invalid reference is classified too: the webhook denies it, and the output explains why. */
static void classify(struct moor_explaining *out, struct moor_slice text)
{
    out->text = text;
    out->wrong = (struct moor_error){0};
    moor_buf_clear(&out->name);
    out->is_valid = moor_reference_parse(&out->reference, text, &out->wrong) == 0;
    out->classification =
        (struct moor_classification){.class = MOOR_CLASS_INVALID, .level = MOOR_LEVEL_NONE};
    if (out->is_valid) {
        moor_reference_append_name(&out->name, &out->reference);
        out->classification = moor_repository_classify(
            out->policy, &out->reference, moor_buf_slice(&out->name), out->workspace.matcher);
    }
}

/* Finds the place of the entry that applies in the policy, and its glob. */
static void find_entry(struct moor_explaining *explaining)
{
    const struct moor_policy *policy = explaining->policy;
    const struct moor_repository *entry = explaining->classification.repository;
    explaining->entry_match = (struct moor_slice){0};
    if (entry == NULL) {
        return;
    }
    size_t index = (size_t)(entry - policy->repositories);
    explaining->is_entry_builtin = index >= policy->own_repository_count;
    explaining->entry_index =
        explaining->is_entry_builtin ? index - policy->own_repository_count : index;
    for (size_t i = 0; i < entry->match.count && explaining->entry_match.len == 0; i++) {
        if (moor_glob_match(&entry->match.items[i], moor_buf_slice(&explaining->name),
                            explaining->workspace.matcher)) {
            explaining->entry_match = entry->match.items[i].text;
        }
    }
}

/* Evaluates the reference as the image of a new Pod that a user creates. */
static int answer_one(struct moor_explaining *explaining, struct moor_explain_answer *answer,
                      struct moor_error *err)
{
    const struct moor_environment *environment = answer->environment;
    answer->requirements = moor_requirements_overlay(
        moor_requirements_for_name(environment, moor_buf_slice(&explaining->name),
                                   explaining->workspace.matcher),
        &environment->fields[MOOR_FIELD_CONTAINERS]);
    answer->trial =
        (struct moor_trial){.image = explaining->text, .environment = environment->name};
    if (moor_trial_judge(&answer->verdict, &answer->trial, explaining->policy, explaining->now,
                         &explaining->workspace, err) != 0) {
        return -1;
    }
    moor_buf_clear(&answer->repair);
    if (answer->verdict.worst >= MOOR_DECISION_AUDIT) {
        const struct moor_image_verdict *image = &answer->verdict.images[0];
        moor_message_append_image_repair(&answer->repair, image);
        moor_repair_complete(&answer->repair, &explaining->evidence, explaining->text,
                             image->level == MOOR_LEVEL_ROLLING);
    }
    answer->counts[answer->verdict.worst]++;
    return 0;
}

static int explain_one(struct run *run, struct moor_slice text)
{
    struct moor_explaining *explaining = &run->explaining;
    struct moor_error err = {0};
    /*
     * The verdicts of the last reference have been written, so that its memory can be used again.
     */
    moor_arena_reset(&explaining->workspace.arena);
    classify(explaining, text);
    if (explaining->wants_answers) {
        find_entry(explaining);
    }
    explaining->references++;
    for (size_t i = 0; explaining->wants_answers && i < explaining->answer_count; i++) {
        if (answer_one(explaining, &explaining->answers[i], &err) != 0) {
            return moor_command_fail("explain: %s", err.text);
        }
    }
    for (size_t i = 0; i < run->stream_count; i++) {
        const struct stream *stream = &run->streams[i];
        stream->format->write(stream->file.out, explaining, &stream->style);
    }
    /* Reports are collected, because their formats need counts of the whole run. */
    if (explaining->report != NULL) {
        moor_explain_report(explaining);
    }
    return 0;
}

/* A line that is too long is an input error, and the run continues with the next line. */
static void note_long_line(struct run *run, struct moor_error *err)
{
    struct moor_error said = {.line = run->lines.number, .column = 1};
    (void)moor_error_set(&said, err->code, "%s: write one reference per line", err->text);
    moor_report_add_input_error(&run->report, run->explaining.source, &said);
    (void)moor_command_fail("explain: standard input:%u: %s", said.line, said.text);
}

/* Explains one reference per line of standard input. */
static int explain_lines(struct run *run)
{
    struct moor_slice line = {0};
    struct moor_error err = {0};
    int status = 0;
    int got = 0;
    run->explaining.source = MOOR_SLICE("-");
    moor_lines_init(&run->lines, STDIN_FILENO);
    while (status == 0 && (got = moor_lines_next(&run->lines, &line, &err)) != 0) {
        /* A long line is skipped, but after a read error the rest of the input is unknown. */
        if (got < 0 && err.code != MOOR_ERROR_LIMIT) {
            return moor_command_fail("cannot read standard input: %s", err.text);
        }
        if (got < 0) {
            note_long_line(run, &err);
            err = (struct moor_error){0};
            continue;
        }
        run->explaining.line = run->lines.number;
        status = line.len > 0 ? explain_one(run, line) : 0;
    }
    return status;
}

static int explain_operands(struct run *run, int count, char **references)
{
    int status = 0;
    run->report.files = 1;
    for (int i = 0; i < count && status == 0; i++) {
        if (strcmp(references[i], "-") == 0) {
            status = explain_lines(run);
            continue;
        }
        run->explaining.source = MOOR_SLICE("arguments");
        run->explaining.line = (uint32_t)i + 1;
        status = explain_one(run, moor_slice_from(references[i]));
    }
    return status;
}

/* --- outputs ------------------------------------------------------------------------------------
 */

static const struct own_format *find_format(const struct moor_report_format *format)
{
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(formats); i++) {
        if (formats[i].format == format) {
            return &formats[i];
        }
    }
    return NULL;
}

static int open_outputs(struct run *run, const struct moor_outputs *outputs, struct moor_error *err)
{
    for (size_t i = 0; i < outputs->count; i++) {
        const struct moor_output *output = &outputs->items[i];
        const struct own_format *format = find_format(output->format);
        if (format == NULL) {
            /* A format that is not the command's own is written by the general code at the end. */
            run->diagnostics.items[run->diagnostics.count++] = *output;
            run->explaining.report = &run->report;
            run->explaining.wants_answers = true;
            continue;
        }
        struct moor_whole_file file = {.out = stdout};
        if (output->path != NULL && moor_whole_file_begin(&file, output->path, err) != 0) {
            return -1;
        }
        run->streams[run->stream_count++] =
            (struct stream){format, file, moor_terminal_style(file.out, outputs->colour)};
        run->explaining.wants_answers |= format->wants_answers;
        if (format->begin != NULL) {
            format->begin(file.out);
        }
    }
    return 0;
}

static int write_ends(struct run *run)
{
    struct moor_error err = {0};
    for (size_t i = 0; i < run->stream_count; i++) {
        const struct stream *stream = &run->streams[i];
        if (stream->format->finish != NULL) {
            stream->format->finish(stream->file.out, &run->explaining, &stream->style);
        }
    }
    moor_report_count(&run->report);
    if (run->report.failed) {
        return moor_command_fail("explain: no memory for the report");
    }
    return moor_outputs_write(&run->diagnostics, &run->report, NULL, &err) != 0
               ? moor_command_fail("explain: %s", err.text)
               : 0;
}

/* An incomplete output never replaces the previous file: see whole_file.h. */
static int close_files(struct run *run, int status)
{
    for (size_t i = 0; i < run->stream_count; i++) {
        struct moor_error err = {0};
        struct moor_whole_file *file = &run->streams[i].file;
        if (file->path != NULL &&
            moor_whole_file_end(file, status != MOOR_EXIT_UNDECIDED, &err) != 0) {
            status = moor_command_fail("explain: %s", err.text);
        }
    }
    return status;
}

/* --- the command --------------------------------------------------------------------------------
 */

/* Adds all environments, or only that of this name if an option selects it. */
static void set_environments(struct moor_explaining *out, struct moor_slice only)
{
    for (size_t i = 0; i < out->policy->environment_count; i++) {
        const struct moor_environment *environment = &out->policy->environments[i];
        if (out->is_selected && !moor_slice_equal(environment->name, only)) {
            continue;
        }
        struct moor_explain_answer *answer = &out->answers[out->answer_count++];
        *answer = (struct moor_explain_answer){.environment = environment};
        (void)snprintf(answer->name, sizeof answer->name, "%.*s",
                       MOOR_SLICE_ARGS(environment->name));
        moor_buf_init(&answer->repair, TEXT_MAX);
    }
}

/* Finds the environment of a namespace with the labels of the command line. */
static const struct moor_environment *find_by_labels(struct moor_explaining *explaining,
                                                     const struct moor_label_list *labels)
{
    enum moor_environment_source source = MOOR_SOURCE_DEFAULT;
    const struct moor_request request = {.labels = labels->items, .label_count = labels->count};
    return moor_judge_environment(explaining->policy, &request, (struct moor_slice){0},
                                  explaining->workspace.matcher, &source);
}

/* Keeps only the environment that the options select, whose decision is the exit status. */
static int select_environment(struct moor_explaining *explaining, const struct values *values,
                              struct moor_error *err)
{
    struct moor_label_list labels = {0};
    explaining->is_selected = values->environment != NULL || values->namespace_labels.count > 0;
    if (values->environment != NULL && values->namespace_labels.count > 0) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "--environment and --namespace-labels are mutually exclusive: use "
                              "one of them");
    }
    for (size_t i = 0; i < values->namespace_labels.count; i++) {
        if (moor_label_list_add(&labels, values->namespace_labels.items[i], err) != 0) {
            return -1;
        }
    }
    set_environments(explaining, values->environment != NULL ? moor_slice_from(values->environment)
                                 : labels.count > 0 ? find_by_labels(explaining, &labels)->name
                                                    : (struct moor_slice){0});
    return explaining->answer_count > 0
               ? 0
               : moor_error_set(err, MOOR_ERROR_VALUE, "the policy has no environment '%s'",
                                values->environment);
}

static int set_up(struct run *run, const struct values *values, struct moor_error *err)
{
    struct moor_explaining *explaining = &run->explaining;
    struct moor_outputs outputs;
    moor_buf_init(&explaining->name, TEXT_MAX);
    moor_buf_init(&explaining->scratch, TEXT_MAX);
    moor_report_init(&run->report);
    explaining->now = (int64_t)time(NULL);
    if (moor_workspace_init(&explaining->workspace, err) != 0 ||
        moor_outputs_parse(&outputs, moor_report_formats_at, values->output.items,
                           values->output.count, err) != 0 ||
        select_environment(explaining, values, err) != 0 ||
        (values->evidence != NULL &&
         moor_lock_load(&explaining->evidence, values->evidence, err) != 0)) {
        return -1;
    }
    explaining->wants_answers = explaining->is_selected;
    outputs.colour = (enum moor_colour)values->color;
    return open_outputs(run, &outputs, err);
}

static void release(struct run *run)
{
    struct moor_explaining *explaining = &run->explaining;
    for (size_t i = 0; i < explaining->answer_count; i++) {
        moor_buf_release(&explaining->answers[i].repair);
    }
    moor_buf_release(&explaining->name);
    moor_buf_release(&explaining->scratch);
    moor_report_release(&run->report);
    moor_lock_release(&explaining->evidence);
    moor_workspace_release(&explaining->workspace);
}

static int explain_all(struct run *run, const struct values *values, int count, char **references)
{
    struct moor_error err = {0};
    int status = set_up(run, values, &err) != 0 ? moor_command_fail("explain: %s", err.text) : 0;
    status = status == 0 ? explain_operands(run, count, references) : status;
    status = status == 0 ? write_ends(run) : status;
    /* The files are closed after every error too, which removes their temporary files. */
    status = close_files(run, status);
    if (status != 0) {
        return status;
    }
    bool is_denied =
        run->explaining.is_selected && run->explaining.answers[0].counts[MOOR_DECISION_DENY] > 0;
    return moor_command_flush(run->report.input_error_count > 0 ? MOOR_EXIT_UNDECIDED
                              : is_denied                       ? MOOR_EXIT_DENIED
                                                                : MOOR_EXIT_CLEAN);
}

static int run_explain(const struct moor_command *command, int argc, char **argv)
{
    struct values values = {0};
    int first = 0;
    int status = 0;
    if (moor_command_parse(command, argc, argv, &values, &first, &status) != 0) {
        return status;
    }
    if (first == argc) {
        return moor_command_misused(command, "no image: give an IMAGE, or '-' for standard input");
    }
    struct moor_policy *policy = moor_policy_file_load(values.policy);
    struct run *run = calloc(1, sizeof *run);
    if (policy == NULL || run == NULL) {
        free(run);
        moor_policy_release(policy);
        return policy == NULL ? MOOR_EXIT_UNDECIDED : moor_command_fail("explain: no memory");
    }
    run->explaining.policy = policy;
    run->explaining.policy_name = values.policy != NULL ? values.policy : "default.yaml";
    status = explain_all(run, &values, argc - first, argv + first);
    release(run);
    free(run);
    moor_policy_release(policy);
    return status;
}

const struct moor_command moor_command_explain = {
    .name = "explain",
    .operands = "IMAGE...|-",
    .summary = "classify an image reference and show each environment's decision",
    .about = "'-' reads one reference per line from standard input.  text and json show each\n"
             "reference; a line of tsv has REFERENCE, CLASS, LEVEL and CANONICAL NAME; the\n"
             "other formats list the images that an environment audits, warns about or\n"
             "denies.",
    .format_at = moor_report_formats_at,
    .options = options,
    .option_count = MOOR_ARRAY_SIZE(options),
    .run = run_explain,
};
