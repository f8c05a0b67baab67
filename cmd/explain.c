/* SPDX-License-Identifier: Apache-2.0 */
/* `tagmoor explain`: what a reference names, and what each environment says to it. */
#include <jansson.h>

#include "cmd/command.h"
#include "cmd/file.h"
#include "policy/image/reference.h"
#include "policy/judge.h"
#include "policy/message.h"
#include "policy/rules/levels.h"
#include "policy/rules/repository.h"

#include <errno.h>
#include <string.h>

enum format {
    FORMAT_TEXT,
    FORMAT_JSON,
    FORMAT_TSV
};

struct values {
    const char *policy;
    const char *environment;
    int format;
};

static const struct moor_option options[] = {
    {"policy", 0, MOOR_OPTION_TEXT, offsetof(struct values, policy), "FILE",
     "the policy to ask (default: the embedded one)"},
    {"environment", 0, MOOR_OPTION_TEXT, offsetof(struct values, environment), "NAME",
     "ask this environment alone, and exit with 1 where it refuses a reference"},
    {"output", 'o', MOOR_OPTION_CHOICE, offsetof(struct values, format), "text|json|tsv",
     "how to print (default: text); tsv is REFERENCE, CLASS, LEVEL and CANONICAL NAME"},
};

/* One reference, taken apart and classified. */
struct explained {
    struct moor_slice text;
    bool is_valid;
    struct moor_reference reference;
    struct moor_finding finding;
    struct moor_buf name; /* canonical, without tag and digest; empty where it is invalid */
    struct moor_error wrong;
};

/* A run over all references. */
struct run {
    const struct values *values;
    const struct moor_policy *policy;
    struct moor_matcher *matcher;
    struct explained explained; /* reused from reference to reference */
    struct moor_buf text;       /* the same */
    bool is_refused;
    void (*print)(struct run *run);
};

static void explain(struct run *run, struct moor_slice text)
{
    struct explained *out = &run->explained;
    out->text = text;
    out->wrong = (struct moor_error){0};
    moor_buf_clear(&out->name);
    out->is_valid = moor_reference_parse(&out->reference, text, &out->wrong) == 0;
    out->finding = (struct moor_finding){.class = MOOR_CLASS_INVALID, .level = MOOR_LEVEL_NONE};
    if (out->is_valid) {
        moor_reference_append_name(&out->name, &out->reference);
        out->finding = moor_repository_classify(run->policy, &out->reference,
                                                moor_buf_slice(&out->name), run->matcher);
    }
}

static bool is_asked(const struct run *run, const struct moor_environment *environment)
{
    return run->values->environment == NULL ||
           moor_slice_is(environment->name, run->values->environment);
}

/* What the environment asks of it as a new image among the containers. */
static struct moor_levels asked_by(const struct run *run,
                                   const struct moor_environment *environment)
{
    struct moor_levels levels =
        moor_levels_for_name(environment, moor_buf_slice(&run->explained.name), run->matcher);
    return moor_levels_overlay(levels, &environment->fields[MOOR_FIELD_CONTAINERS]);
}

/* What the environment says to that. */
static const char *says(const struct run *run, const struct moor_environment *environment)
{
    const struct explained *explained = &run->explained;
    const struct moor_levels asked = asked_by(run, environment);
    const struct moor_levels *levels = &asked;
    if (!moor_level_satisfies(explained->finding.level, levels->enforce)) {
        return environment->mode == MOOR_MODE_ENFORCE ? "deny"
               : environment->mode == MOOR_MODE_WARN  ? "warn"
                                                      : "record";
    }
    if (!moor_level_satisfies(explained->finding.level, levels->warn)) {
        return environment->mode == MOOR_MODE_AUDIT ? "record" : "warn";
    }
    return moor_level_satisfies(explained->finding.level, levels->audit) ? "admit" : "record";
}

/* --- text ------------------------------------------------------------------------------------- */

static void print_row(const char *label, struct moor_slice value)
{
    if (value.len > 0) {
        (void)printf("  %-12s %.*s\n", label, MOOR_SLICE_ARGS(value));
    }
}

static void append_repair(struct run *run, const struct moor_environment *environment)
{
    const struct explained *explained = &run->explained;
    if (!explained->is_valid) {
        moor_buf_append_text(&run->text, MOOR_MESSAGE_CORRECTION);
        return;
    }
    moor_message_append_repair(&run->text, explained->reference.repository,
                               explained->finding.repair, asked_by(run, environment).audit);
}

static void print_text(struct run *run)
{
    const struct explained *explained = &run->explained;
    moor_message_append_escaped(&run->text, explained->text, MOOR_MESSAGE_MAX_IMAGE);
    (void)printf("%.*s\n", MOOR_SLICE_ARGS(moor_buf_slice(&run->text)));
    moor_buf_clear(&run->text);
    if (explained->is_valid) {
        print_row("repository", moor_buf_slice(&explained->name));
        print_row("tag", explained->reference.tag);
        print_row("digest", explained->reference.digest);
    } else {
        moor_message_append_escaped(&run->text, moor_slice_from(explained->wrong.text),
                                    MOOR_MESSAGE_MAX_IMAGE);
        print_row("refused", moor_buf_slice(&run->text));
        moor_buf_clear(&run->text);
    }
    (void)printf("  %-12s %s: %s\n", "class", moor_class_name(explained->finding.class),
                 moor_class_meaning(explained->finding.class));
    (void)printf("  %-12s %s\n", "level", moor_level_name(explained->finding.level));
    print_row("reason", explained->finding.reason);
    if (explained->finding.tag.base_unpinned) {
        print_row("note", MOOR_SLICE("its base system is not named with its number and can move"));
    }
    if (explained->finding.tag.foreign_commit) {
        print_row("note", MOOR_SLICE("the commit may be the upstream's, not this image's"));
    }
    for (size_t i = 0; i < run->policy->environment_count; i++) {
        const struct moor_environment *environment = &run->policy->environments[i];
        if (!is_asked(run, environment)) {
            continue;
        }
        const char *said = says(run, environment);
        (void)printf("  %-12.*s %s", MOOR_SLICE_ARGS(environment->name), said);
        if (strcmp(said, "admit") != 0) {
            append_repair(run, environment);
            (void)printf(": %.*s", MOOR_SLICE_ARGS(moor_buf_slice(&run->text)));
            moor_buf_clear(&run->text);
        }
        (void)putchar('\n');
    }
}

/* --- tsv -------------------------------------------------------------------------------------- */

static void print_tsv(struct run *run)
{
    const struct explained *explained = &run->explained;
    (void)fwrite(explained->text.ptr, 1, explained->text.len, stdout);
    (void)printf("\t%s\t%s\t%.*s\n", moor_class_name(explained->finding.class),
                 moor_level_name(explained->finding.level),
                 MOOR_SLICE_ARGS(moor_buf_slice(&explained->name)));
}

/* --- json ------------------------------------------------------------------------------------- */

static void set_text(json_t *object, const char *key, struct moor_slice text,
                     struct moor_buf *scratch)
{
    if (text.len == 0) {
        return;
    }
    moor_message_append_escaped(scratch, text, text.len);
    (void)json_object_set_new(object, key, json_stringn(scratch->ptr, scratch->len));
    moor_buf_clear(scratch);
}

static void print_json(struct run *run)
{
    const struct explained *explained = &run->explained;
    json_t *object = json_object();
    json_t *environments = json_object();
    set_text(object, "reference", explained->text, &run->text);
    set_text(object, "repository", moor_buf_slice(&explained->name), &run->text);
    set_text(object, "tag", explained->is_valid ? explained->reference.tag : (struct moor_slice){0},
             &run->text);
    set_text(object, "digest",
             explained->is_valid ? explained->reference.digest : (struct moor_slice){0},
             &run->text);
    set_text(object, "reason", explained->finding.reason, &run->text);
    set_text(object, "error", moor_slice_from(explained->wrong.text), &run->text);
    (void)json_object_set_new(object, "class",
                              json_string(moor_class_name(explained->finding.class)));
    (void)json_object_set_new(object, "level",
                              json_string(moor_level_name(explained->finding.level)));
    (void)json_object_set_new(object, "baseUnpinned",
                              json_boolean(explained->finding.tag.base_unpinned));
    (void)json_object_set_new(object, "foreignCommit",
                              json_boolean(explained->finding.tag.foreign_commit));
    for (size_t i = 0; i < run->policy->environment_count; i++) {
        const struct moor_environment *environment = &run->policy->environments[i];
        if (is_asked(run, environment)) {
            (void)json_object_setn_new(environments, environment->name.ptr, environment->name.len,
                                       json_string(says(run, environment)));
        }
    }
    (void)json_object_set_new(object, "environments", environments);
    (void)json_dumpf(object, stdout, JSON_COMPACT);
    (void)putchar('\n');
    json_decref(object);
}

/* --- the run ---------------------------------------------------------------------------------- */

static void explain_one(struct run *run, struct moor_slice text)
{
    explain(run, text);
    run->print(run);
    if (run->values->environment == NULL) {
        return;
    }
    for (size_t i = 0; i < run->policy->environment_count; i++) {
        const struct moor_environment *environment = &run->policy->environments[i];
        if (is_asked(run, environment) && strcmp(says(run, environment), "deny") == 0) {
            run->is_refused = true;
        }
    }
}

/* One reference a line; the last line may lack its end. */
static int explain_lines(struct run *run)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t len = 0;
    while ((len = getline(&line, &room, stdin)) > 0) {
        size_t text = (size_t)len - (line[len - 1] == '\n' ? 1 : 0);
        if (text > 0) {
            explain_one(run, (struct moor_slice){line, text});
        }
    }
    free(line);
    return ferror(stdin) != 0
               ? moor_command_fail("cannot read standard input: %s", strerrordesc_np(errno))
               : 0;
}

static bool has_environment(const struct moor_policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->environment_count; i++) {
        if (moor_slice_is(policy->environments[i].name, name)) {
            return true;
        }
    }
    return false;
}

static int explain_all(struct run *run, int count, char **references)
{
    if (run->values->environment != NULL &&
        !has_environment(run->policy, run->values->environment)) {
        return moor_command_fail("explain: the policy has no environment '%s'",
                                 run->values->environment);
    }
    for (int i = 0; i < count; i++) {
        if (strcmp(references[i], "-") != 0) {
            explain_one(run, moor_slice_from(references[i]));
        } else if (explain_lines(run) != 0) {
            return MOOR_EXIT_UNDECIDED;
        }
    }
    return moor_command_flush(run->is_refused ? MOOR_EXIT_REFUSED : MOOR_EXIT_CLEAN);
}

#define TEXT_MAX ((size_t)64 * 1024 * 1024)

static int run_explain(const struct moor_command *command, int argc, char **argv)
{
    static void (*const printers[])(struct run *) = {
        [FORMAT_TEXT] = print_text, [FORMAT_JSON] = print_json, [FORMAT_TSV] = print_tsv};
    struct values values = {0};
    int first = 0;
    int status = 0;
    if (moor_command_parse(command, argc, argv, &values, &first, &status) != 0) {
        return status;
    }
    if (first == argc) {
        return moor_command_fail("explain: no image given; see 'tagmoor explain --help'");
    }
    struct moor_policy *policy = moor_file_load_policy(values.policy);
    if (policy == NULL) {
        return MOOR_EXIT_UNDECIDED;
    }
    struct run run = {.values = &values,
                      .policy = policy,
                      .matcher = moor_matcher_new(),
                      .print = printers[values.format]};
    moor_buf_init(&run.text, TEXT_MAX);
    moor_buf_init(&run.explained.name, TEXT_MAX);
    status = run.matcher != NULL ? explain_all(&run, argc - first, argv + first)
                                 : moor_command_fail("explain: no memory to match with");
    moor_matcher_free(run.matcher);
    moor_buf_release(&run.text);
    moor_buf_release(&run.explained.name);
    moor_policy_release(policy);
    return status;
}

const struct moor_command moor_command_explain = {
    .name = "explain",
    .operands = "IMAGE...|-",
    .summary = "say what an image reference names, and what each environment says to it",
    .about = "'-' reads one reference a line from standard input.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_explain,
};
