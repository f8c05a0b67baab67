/* SPDX-License-Identifier: Apache-2.0 */
/* `tagmoor test`: compares the decisions of a policy with the expected decisions of cases. */
#include "cmd/command.h"
#include "cmd/input/file.h"
#include "cmd/policy_file.h"
#include "cmd/report/page.h"
#include "cmd/test_results.h"
#include "cmd/trial.h"
#include "policy/base/array_size.h"
#include "policy/file/keys.h"
#include "policy/file/loader.h"
#include "policy/file/quote.h"
#include "policy/message.h"

#include <string.h>

#define MAX_TREE_BYTES ((size_t)32 * 1024 * 1024)
#define MAX_TEXT_BYTES ((size_t)64 * 1024)

struct values {
    const char *policy;
    const char *now;
    int output; /* an enum moor_test_format */
};

static const struct moor_option options[] = {
    MOOR_POLICY_OPTION(offsetof(struct values, policy)),
    MOOR_NOW_OPTION(offsetof(struct values, now)),
    {.name = "output",
     .letter = 'o',
     .type = MOOR_OPTION_CHOICE,
     .offset = offsetof(struct values, output),
     .argument = "text|json|junit",
     .help = "format of the report"},
};

/* --- a case in a file ------------------------------------------------------------------------- */

/* The keys of a case with their positions, so that errors and failures point at a key. */
struct written {
    const struct moor_yaml_node *at;
    struct moor_key_value image;
    struct moor_key_value environment;
    struct moor_key_value namespace;
    struct moor_key_value kind;
    struct moor_key_value name;
    struct moor_key_value container;
    struct moor_key_value field; /* an enum moor_field */
    struct moor_key_value user;
    struct moor_key_value group;
    struct moor_key_value expect; /* an enum moor_decision */
    struct moor_key_value class;  /* an enum moor_class */
};

/* The loader of policies reads the cases: its keys report unknown words and suggest close ones. */
static const char *field_word(unsigned place)
{
    return place < MOOR_FIELD_COUNT ? moor_field_name((enum moor_field)place) : NULL;
}

static const char *decision_word(unsigned place)
{
    return place < MOOR_DECISION_COUNT ? moor_decision_verb((enum moor_decision)place) : NULL;
}

static const char *class_word(unsigned place)
{
    return place < MOOR_CLASS_COUNT ? moor_class_name((enum moor_class)place) : NULL;
}

#define TEXT(member)                                                                       \
    {                                                                                      \
        .name = #member, .type = MOOR_KEY_TEXT, .offset = offsetof(struct written, member) \
    }
#define CHOICE(member, words)                                                                 \
    {                                                                                         \
        .name = #member, .type = MOOR_KEY_CHOICE, .offset = offsetof(struct written, member), \
        .choice = (words)                                                                     \
    }

static const struct moor_key keys[] = {
    {.name = "image",
     .type = MOOR_KEY_TEXT,
     .is_required = true,
     .offset = offsetof(struct written, image),
     .hint = "the image reference to evaluate"},
    TEXT(environment),
    TEXT(namespace),
    TEXT(kind),
    TEXT(name),
    TEXT(container),
    CHOICE(field, field_word),
    TEXT(user),
    TEXT(group),
    CHOICE(expect, decision_word),
    CHOICE(class, class_word),
};

static const struct moor_key_table table = {
    .what = "a case",
    .keys = keys,
    .count = MOOR_ARRAY_SIZE(keys),
    .size = sizeof(struct written),
};

/* --- the run ---------------------------------------------------------------------------------- */

struct run {
    const struct moor_policy *policy;
    int64_t now;
    struct moor_workspace workspace;
    struct moor_arena arena; /* the tree of the current file */
    struct moor_diagnostics diagnostics;
    struct moor_buf name; /* texts of the current case */
    struct moor_buf image;
    struct moor_buf texts[MOOR_TEST_MAX_FAILURES];
    const char *path;
    enum moor_test_format format;
    struct moor_test_results results;
};

static struct moor_slice text_of(const struct moor_key_value *value)
{
    return value->at != NULL ? value->at->text : (struct moor_slice){0};
}

static bool has_environment(const struct moor_policy *policy, struct moor_slice name)
{
    for (size_t i = 0; i < policy->environment_count; i++) {
        if (moor_slice_equal(policy->environments[i].name, name)) {
            return true;
        }
    }
    return name.len == 0;
}

/*
 * Appends the keys that identify a case.  They do not contain what is expected, so that a CI server
 * recognizes the case after its expectation has changed.
 */
static void append_name(struct moor_buf *out, const struct written *written)
{
    const struct {
        const char *key;
        const struct moor_key_value *value;
    } parts[] = {
        {"environment", &written->environment},
        {"namespace", &written->namespace},
        {"kind", &written->kind},
        {"name", &written->name},
        {"container", &written->container},
        {"field", &written->field},
        {"user", &written->user},
        {"group", &written->group},
    };

    moor_escape_append(out, text_of(&written->image), MOOR_MESSAGE_MAX_IMAGE);
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(parts); i++) {
        if (parts[i].value->at != NULL) {
            moor_buf_printf(out, " %s=%.*s", parts[i].key,
                            MOOR_SLICE_ARGS(text_of(parts[i].value)));
        }
    }
}

/* Adds a failure whose text is in the next buffer, at the key that expects something else. */
static void add_failure(struct moor_test_case *found, const struct moor_key_value *value,
                        const struct moor_buf *text)
{
    found->failures[found->failure_count++] =
        (struct moor_test_failure){value->at->line, value->at->column, moor_buf_slice(text)};
}

/* A failure explains the decision, because a user needs the reason to correct policy or case. */
static void compare_decision(struct run *run, struct moor_test_case *found,
                             const struct written *written, const struct moor_verdict *verdict)
{
    struct moor_buf *text = &run->texts[found->failure_count];
    if (written->expect.at == NULL || written->expect.number == (unsigned)verdict->worst) {
        return;
    }
    moor_buf_printf(text, "expected %s, got %s: ",
                    moor_decision_verb((enum moor_decision)written->expect.number),
                    moor_decision_verb(verdict->worst));
    moor_message_append_reason(text, verdict, &verdict->images[0]);
    add_failure(found, &written->expect, text);
}

static void compare_class(struct run *run, struct moor_test_case *found,
                          const struct written *written, const struct moor_verdict *verdict)
{
    struct moor_buf *text = &run->texts[found->failure_count];
    enum moor_class class = verdict->images[0].class;
    if (written->class.at == NULL || written->class.number == (unsigned)class) {
        return;
    }
    moor_buf_printf(text, "expected class %s, got %s: %s",
                    moor_class_name((enum moor_class)written->class.number), moor_class_name(class),
                    moor_class_meaning(class));
    add_failure(found, &written->class, text);
}

static void add_case(struct run *run, const struct written *written,
                     const struct moor_verdict *verdict)
{
    struct moor_test_case found = {
        .file = run->path,
        .line = (uint32_t)written->at->line,
        .column = (uint32_t)written->at->column,
        .environment = verdict->environment->name,
        .decision = verdict->worst,
        .class = moor_class_name(verdict->images[0].class),
    };
    moor_buf_clear(&run->name);
    moor_buf_clear(&run->image);
    moor_buf_clear(&run->texts[0]);
    moor_buf_clear(&run->texts[1]);
    append_name(&run->name, written);
    moor_escape_append(&run->image, text_of(&written->image), MOOR_MESSAGE_MAX_IMAGE);
    found.name = moor_buf_slice(&run->name);
    found.image = moor_buf_slice(&run->image);
    compare_class(run, &found, written, verdict);
    compare_decision(run, &found, written, verdict);
    moor_test_results_add(&run->results, &found);
}

static int run_case(struct run *run, const struct written *written, struct moor_error *err)
{
    struct moor_verdict verdict = {0};
    struct moor_trial trial = {
        .image = text_of(&written->image),
        .environment = text_of(&written->environment),
        .namespace = text_of(&written->namespace),
        .kind = text_of(&written->kind),
        .name = text_of(&written->name),
        .container = text_of(&written->container),
        .user = text_of(&written->user),
        .group = text_of(&written->group),
        .field = (enum moor_field)written->field.number,
    };
    moor_arena_reset(&run->workspace.arena);
    if (moor_trial_judge(&verdict, &trial, run->policy, run->now, &run->workspace, err) != 0) {
        return -1;
    }
    /* `expect: allow` must not pass because nothing was evaluated. */
    if (verdict.image_count == 0) {
        return moor_error_set(
            err, MOOR_ERROR_VALUE,
            "the policy evaluates nothing in this case, so no decision can be expected");
    }
    add_case(run, written, &verdict);
    return 0;
}

/* Reports errors in the case itself. */
static void check_case(struct run *run, const struct written *written)
{
    if (written->expect.at == NULL && written->class.at == NULL) {
        moor_diagnostics_error(&run->diagnostics, written->at,
                               "the case expects nothing: add 'expect', 'class' or both");
    }
    if (!has_environment(run->policy, text_of(&written->environment))) {
        moor_diagnostics_error(&run->diagnostics, written->environment.at,
                               "the policy has no environment '%s'",
                               moor_quote(text_of(&written->environment)).text);
    }
}

/* Errors in a case do not end the file: a user sees all of them in one run. */
static int take_case(struct run *run, const struct moor_yaml_node *node, struct moor_error *err)
{
    struct written written = {0};
    size_t before = run->diagnostics.errors.total;
    if (moor_keys_read(&written, &table, node, &run->diagnostics, &run->arena, err) != 0) {
        return -1;
    }
    if (run->diagnostics.errors.total == before) {
        check_case(run, &written);
    }
    if (run->diagnostics.errors.total > before) {
        return 0;
    }
    /* A case that cannot run is reported at its kind, which is the usual cause. */
    struct moor_error wrong = {0};
    if (run_case(run, &written, &wrong) != 0) {
        moor_diagnostics_error(&run->diagnostics,
                               written.kind.at != NULL ? written.kind.at : written.at, "%s",
                               wrong.text);
    }
    return 0;
}

/* An empty list is an error: a test without cases would pass forever. */
static int read_cases(struct run *run, struct moor_slice text, struct moor_error *err)
{
    const struct moor_yaml_node *root = NULL;
    if (moor_yaml_parse(&root, text, &run->arena, err) != 0) {
        return -1;
    }
    if (root == NULL || root->kind != MOOR_YAML_SEQUENCE || root->count == 0) {
        err->line = 1;
        err->column = 1;
        return moor_error_set(
            err, MOOR_ERROR_VALUE,
            "expected a list of cases, such as: - {image: 'nginx:1.2.3', expect: allow}");
    }
    for (const struct moor_yaml_node *node = root->first; node != NULL; node = node->next) {
        if (take_case(run, node, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Failures go to standard output and errors to standard error; the flush keeps their order. */
static int say_errors(const struct run *run)
{
    struct moor_buf said;
    size_t errors = run->diagnostics.errors.total;
    moor_buf_init(&said, MAX_TEXT_BYTES);
    const char *path = strcmp(run->path, "-") == 0 ? "<stdin>" : run->path;
    moor_diagnostics_write(&run->diagnostics, path, &said);
    (void)fflush(stdout);
    (void)fwrite(said.ptr != NULL ? said.ptr : "", 1, said.len, stderr);
    moor_buf_release(&said);
    return errors > 0 ? moor_command_fail("test: '%s' has %zu error%s", path, errors,
                                          moor_page_plural(errors))
                      : 0;
}

static int test_text(struct run *run, struct moor_slice text)
{
    struct moor_error err = {0};
    size_t first = run->results.count;
    run->diagnostics = (struct moor_diagnostics){0};
    run->results.report.files++;
    moor_arena_init(&run->arena, MAX_TREE_BYTES);
    if (read_cases(run, text, &err) != 0) {
        moor_diagnostics_add(&run->diagnostics, &err);
    }
    moor_arena_release(&run->arena);
    moor_test_results_add_errors(&run->results, run->path, &run->diagnostics);
    if (run->format == MOOR_TEST_TEXT) {
        moor_test_results_write_failures(stdout, &run->results, first);
    }
    return say_errors(run);
}

static int test_file(struct run *run, const char *path)
{
    struct moor_buf bytes;
    struct moor_error err = {0};
    run->path = path;
    moor_buf_init(&bytes, MOOR_LOADER_MAX_BYTES);
    int status = moor_file_read(&bytes, path, &err);
    if (status != 0) {
        moor_report_add_input_error(&run->results.report, moor_slice_from(path), &err);
        status = moor_command_fail("test: %s", err.text);
    } else {
        status = test_text(run, moor_buf_slice(&bytes));
    }
    moor_buf_release(&bytes);
    return status;
}

static int set_up(struct run *run, struct moor_error *err)
{
    moor_test_results_init(&run->results);
    moor_buf_init(&run->name, MAX_TEXT_BYTES);
    moor_buf_init(&run->image, MAX_TEXT_BYTES);
    for (size_t i = 0; i < MOOR_TEST_MAX_FAILURES; i++) {
        moor_buf_init(&run->texts[i], MAX_TEXT_BYTES);
    }
    return moor_workspace_init(&run->workspace, err);
}

static void release(struct run *run)
{
    for (size_t i = 0; i < MOOR_TEST_MAX_FAILURES; i++) {
        moor_buf_release(&run->texts[i]);
    }
    moor_buf_release(&run->image);
    moor_buf_release(&run->name);
    moor_workspace_release(&run->workspace);
    moor_test_results_release(&run->results);
}

/* An error has precedence over a failed case, because the result is then incomplete. */
static int test_files(struct run *run, int count, char **paths)
{
    struct moor_error err = {0};
    int status = MOOR_EXIT_CLEAN;
    if (set_up(run, &err) != 0) {
        status = moor_command_fail("test: %s", err.text);
        count = 0;
    }
    for (int i = 0; i < count; i++) {
        status = test_file(run, paths[i]) != 0 ? MOOR_EXIT_UNDECIDED : status;
    }
    if (run->results.report.failed) {
        status = moor_command_fail("test: no memory for the results");
    } else {
        moor_test_results_write(stdout, &run->results, run->format);
    }
    status = status == 0 && run->results.failed > 0 ? MOOR_EXIT_DENIED : status;
    release(run);
    return moor_command_flush(status);
}

static int run_test(const struct moor_command *command, int argc, char **argv)
{
    struct values values = {0};
    int first = 0;
    int status = 0;
    if (moor_command_parse(command, argc, argv, &values, &first, &status) != 0) {
        return status;
    }
    if (first == argc) {
        return moor_command_misused(command, "no file with cases: give at least one FILE");
    }
    struct run run = {.format = (enum moor_test_format)values.output};
    struct moor_policy *policy = moor_policy_file_load_at(values.policy, values.now, &run.now);
    if (policy == NULL) {
        return MOOR_EXIT_UNDECIDED;
    }
    run.policy = policy;
    status = test_files(&run, argc - first, argv + first);
    moor_policy_release(policy);
    return status;
}

const struct moor_command moor_command_test = {
    .name = "test",
    .operands = "FILE...",
    .completion = MOOR_COMPLETION_FILES,
    .summary = "test a policy against cases with expected decisions",
    .about = "A file is a YAML list of cases ('-' is standard input):\n\n"
             "  - {image: 'nginx:latest', namespace: shop, expect: deny, class: channel}\n"
             "  - {image: 'app:1a6dd44', environment: production, expect: allow}\n\n"
             "expect is allow, audit, warn or deny.  To test exemptions, add kind,\n"
             "name, field, container, user or group.  The exit status is 1 if a case fails.",
    .options = options,
    .option_count = MOOR_ARRAY_SIZE(options),
    .run = run_test,
};
