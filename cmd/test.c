/* SPDX-License-Identifier: Apache-2.0 */
/* `tagmoor test`: compares the decisions of a policy with the expected decisions of cases. */
#include "cmd/command.h"
#include "cmd/input/file.h"
#include "cmd/policy_file.h"
#include "cmd/report/page.h"
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
};

static const struct moor_option options[] = {
    MOOR_POLICY_OPTION(offsetof(struct values, policy)),
    MOOR_NOW_OPTION(offsetof(struct values, now)),
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
    struct moor_buf text;
    const char *path;
    size_t files;
    size_t cases;
    size_t failed;
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

/* A failure begins with a position, so that editors and CI logs link to the case. */
static void begin_failure(const struct run *run, const struct moor_key_value *value,
                          const struct moor_verdict *verdict)
{
    moor_page_escape(stdout, moor_slice_from(run->path));
    (void)printf(":%u:%u: %.*s in %.*s: ", (unsigned)value->at->line, (unsigned)value->at->column,
                 MOOR_SLICE_ARGS(moor_buf_slice(&run->text)),
                 MOOR_SLICE_ARGS(verdict->environment->name));
}

/* A failure explains the decision, because a user needs the reason to correct policy or case. */
static bool compare_decision(struct run *run, const struct written *written,
                             const struct moor_verdict *verdict)
{
    if (written->expect.at == NULL || written->expect.number == (unsigned)verdict->worst) {
        return true;
    }
    begin_failure(run, &written->expect, verdict);
    moor_buf_clear(&run->text);
    moor_message_append_reason(&run->text, verdict, &verdict->images[0]);
    (void)printf("expected %s, got %s: %.*s\n",
                 moor_decision_verb((enum moor_decision)written->expect.number),
                 moor_decision_verb(verdict->worst), MOOR_SLICE_ARGS(moor_buf_slice(&run->text)));
    return false;
}

static bool compare_class(const struct run *run, const struct written *written,
                          const struct moor_verdict *verdict)
{
    enum moor_class found = verdict->images[0].class;
    if (written->class.at == NULL || written->class.number == (unsigned)found) {
        return true;
    }
    begin_failure(run, &written->class, verdict);
    (void)printf("expected class %s, got %s: %s\n",
                 moor_class_name((enum moor_class)written->class.number), moor_class_name(found),
                 moor_class_meaning(found));
    return false;
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
        return moor_error_set(err, MOOR_ERROR_VALUE, "the policy does not evaluate this case");
    }
    run->cases++;
    moor_buf_clear(&run->text);
    moor_escape_append(&run->text, trial.image, MOOR_MESSAGE_MAX_IMAGE);
    bool has_class = compare_class(run, written, &verdict);
    bool has_decision = compare_decision(run, written, &verdict);
    run->failed += has_class && has_decision ? 0 : 1;
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

static int test_text(struct run *run, struct moor_slice text)
{
    struct moor_error err = {0};
    struct moor_buf said;
    run->diagnostics = (struct moor_diagnostics){0};
    run->files++;
    moor_arena_init(&run->arena, MAX_TREE_BYTES);
    if (read_cases(run, text, &err) != 0) {
        moor_diagnostics_add(&run->diagnostics, &err);
    }
    moor_arena_release(&run->arena);
    moor_buf_init(&said, MAX_TEXT_BYTES);
    moor_diagnostics_write(&run->diagnostics, run->path, &said);
    /* Failures go to standard output and errors to standard error; the flush keeps their order. */
    (void)fflush(stdout);
    (void)fwrite(said.ptr != NULL ? said.ptr : "", 1, said.len, stderr);
    moor_buf_release(&said);
    size_t errors = run->diagnostics.errors.total;
    return errors > 0 ? moor_command_fail("test: '%s' has %zu error%s", run->path, errors,
                                          moor_page_plural(errors))
                      : 0;
}

static int test_file(struct run *run, const char *path)
{
    struct moor_buf bytes;
    struct moor_error err = {0};
    run->path = path;
    moor_buf_init(&bytes, MOOR_LOADER_MAX_BYTES);
    int status = moor_file_read(&bytes, path, &err) != 0 ? moor_command_fail("test: %s", err.text)
                                                         : test_text(run, moor_buf_slice(&bytes));
    moor_buf_release(&bytes);
    return status;
}

/* An error has precedence over a failed case, because the result is then incomplete. */
static int test_files(struct run *run, int count, char **paths)
{
    struct moor_error err = {0};
    int status = MOOR_EXIT_CLEAN;
    moor_buf_init(&run->text, MAX_TEXT_BYTES);
    if (moor_workspace_init(&run->workspace, &err) != 0) {
        status = moor_command_fail("test: %s", err.text);
        count = 0;
    }
    for (int i = 0; i < count; i++) {
        status = test_file(run, paths[i]) != 0 ? MOOR_EXIT_UNDECIDED : status;
    }
    if (run->files > 0) {
        (void)printf("%zu case%s: %zu passed, %zu failed\n", run->cases,
                     moor_page_plural(run->cases), run->cases - run->failed, run->failed);
    }
    moor_workspace_release(&run->workspace);
    moor_buf_release(&run->text);
    return moor_command_flush(status == 0 && run->failed > 0 ? MOOR_EXIT_DENIED : status);
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
    struct run run = {0};
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
