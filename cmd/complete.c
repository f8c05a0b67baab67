/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/complete.h"

#include "policy/file/default.h"
#include "policy/file/loader.h"
#include "webhook/regular_file.h"

#include <stdlib.h>
#include <string.h>

#define DIAGNOSTICS_MAX ((size_t)64 * 1024)
#define LONGEST_PATH    4096

/* The directives of Cobra, which kubectl and its plugins use. */
enum directive {
    DIRECTIVE_FILES = 0,
    DIRECTIVE_WORDS = 4,
    DIRECTIVE_DIRECTORIES = 16
};

/* A command line up to the word to complete. */
struct context {
    const struct moor_command *command;
    const struct moor_option *option; /* the option whose argument is the last word, or NULL */
    const char *policy;               /* the policy of the line; NULL: the embedded policy */
    const char *last;
    bool has_verb;
    bool has_ended; /* `--` was read, so only operands follow */
};

/* --- candidates ------------------------------------------------------------------------------- */

/* Prints the candidate if it begins with `start`.  `before` is the part of the word before it. */
static void offer(struct moor_slice before, struct moor_slice word, const char *description,
                  const char *start)
{
    if (moor_slice_starts_with(word, moor_slice_from(start))) {
        (void)printf("%.*s%.*s%s%s\n", MOOR_SLICE_ARGS(before), MOOR_SLICE_ARGS(word),
                     description != NULL ? "\t" : "", description != NULL ? description : "");
    }
}

static void offer_text(const char *word, const char *description, const char *start)
{
    offer((struct moor_slice){0}, moor_slice_from(word), description, start);
}

static enum directive offer_commands(const struct moor_command *const *commands, const char *start)
{
    for (; *commands != NULL; commands++) {
        offer_text((*commands)->name, (*commands)->summary, start);
    }
    offer_text("--help", "list the commands", start);
    offer_text("--version", "print the version", start);
    return DIRECTIVE_WORDS;
}

static enum directive offer_options(const struct moor_command *command, const char *start)
{
    for (size_t i = 0; i < command->option_count; i++) {
        const struct moor_option *option = &command->options[i];
        char name[64];
        (void)snprintf(name, sizeof name, "--%s", option->name);
        offer_text(name, option->help, start);
    }
    offer_text("--help", "list the options", start);
    return DIRECTIVE_WORDS;
}

/*
 * Loads the policy at `path`, or returns NULL.  Completion never prints an error, and only a
 * regular file is read: a FIFO would block the shell.  The shell has not expanded `~/` yet.
 */
static struct moor_policy *load(const char *path)
{
    char expanded[LONGEST_PATH];
    struct moor_policy *policy = NULL;
    struct moor_buf text;
    struct moor_buf diagnostics;
    const char *home = getenv("HOME"); // NOLINT(concurrency-mt-unsafe): one thread
    moor_buf_init(&text, MOOR_LOADER_MAX_BYTES);
    moor_buf_init(&diagnostics, DIAGNOSTICS_MAX);
    if (path != NULL && home != NULL && strncmp(path, "~/", 2) == 0) {
        (void)snprintf(expanded, sizeof expanded, "%s%s", home, path + 1);
        path = expanded;
    }
    if (path == NULL || moor_regular_file_read(&text, path) == 0) {
        struct moor_slice source =
            path == NULL ? moor_policy_default_text() : moor_buf_slice(&text);
        size_t errors = moor_policy_load(&policy, source, "", &diagnostics);
        (void)errors; /* then there is no policy */
    }
    moor_buf_release(&diagnostics);
    moor_buf_release(&text);
    return policy;
}

static enum directive offer_environments(const char *path, const char *start)
{
    struct moor_policy *policy = load(path);
    for (size_t i = 0; policy != NULL && i < policy->environment_count; i++) {
        offer((struct moor_slice){0}, policy->environments[i].name, NULL, start);
    }
    moor_policy_release(policy);
    return DIRECTIVE_WORDS;
}

static enum directive offer_by(enum moor_completion completion, const struct context *context,
                               const char *start)
{
    switch (completion) {
    case MOOR_COMPLETION_NONE:
        return DIRECTIVE_WORDS;
    case MOOR_COMPLETION_FILES:
        return DIRECTIVE_FILES;
    case MOOR_COMPLETION_DIRECTORIES:
        return DIRECTIVE_DIRECTORIES;
    case MOOR_COMPLETION_ENVIRONMENTS:
        return offer_environments(context->policy, start);
    }
    return DIRECTIVE_WORDS;
}

/* Offers the words that complete `start`: `compose,e` becomes `compose,ecs`. */
static enum directive offer_words(const struct moor_option *option, const char *start)
{
    struct moor_slice word;
    const char *description = NULL;
    bool has_file = strstr(option->argument, "[=FILE]") != NULL;
    const char *comma = strstr(option->argument, "[,") != NULL ? strrchr(start, ',') : NULL;
    const char *item = comma != NULL ? comma + 1 : start;
    if (has_file && strchr(start, '=') != NULL) {
        return DIRECTIVE_FILES;
    }
    for (size_t i = 0; moor_option_word(option, i, &word, &description); i++) {
        offer((struct moor_slice){start, (size_t)(item - start)}, word, description, item);
    }
    return DIRECTIVE_WORDS;
}

static enum directive offer_values(const struct context *context, const char *start)
{
    struct moor_slice first;
    const char *ignored = NULL;
    return moor_option_word(context->option, 0, &first, &ignored)
               ? offer_words(context->option, start)
               : offer_by(context->option->completion, context, start);
}

static enum directive offer_operands(const struct context *context)
{
    const char *verbs = context->command->verbs;
    if (verbs == NULL || context->has_verb) {
        return offer_by(context->command->completion, context, context->last);
    }
    for (const char *at = verbs; *at != '\0';) {
        size_t len = strcspn(at, " ");
        offer((struct moor_slice){0}, (struct moor_slice){at, len}, NULL, context->last);
        at += len + (at[len] == ' ');
    }
    return DIRECTIVE_WORDS;
}

/* --- the line --------------------------------------------------------------------------------- */

/* Returns the option named by `word` up to an `=`, or NULL. */
static const struct moor_option *find_option(const struct moor_command *command, const char *word)
{
    struct moor_slice name = {word, strcspn(word, "=")};
    for (size_t i = 0; i < command->option_count; i++) {
        const struct moor_option *option = &command->options[i];
        bool is_long = moor_slice_starts_with(name, MOOR_SLICE("--")) &&
                       moor_slice_is(moor_slice_sub(name, 2, name.len), option->name);
        bool is_short =
            option->letter != 0 && word[0] == '-' && word[1] == option->letter && word[2] == '\0';
        if (is_long || is_short) {
            return option;
        }
    }
    return NULL;
}

static bool is_verb(const char *verbs, const char *word)
{
    for (const char *at = verbs; at != NULL && *at != '\0';) {
        size_t len = strcspn(at, " ");
        if (moor_slice_is((struct moor_slice){at, len}, word)) {
            return true;
        }
        at += len + (at[len] == ' ');
    }
    return false;
}

/* Evaluates a word before the last one, so that the last one is understood. */
static void take(struct context *context, const char *word)
{
    const struct moor_option *taking = context->option;
    context->option = NULL;
    const char *sign = strchr(word, '=');
    const char *value = taking != NULL ? word : sign != NULL ? sign + 1 : NULL;
    const struct moor_option *option =
        taking != NULL || context->has_ended ? taking : find_option(context->command, word);
    if (option == NULL) {
        context->has_ended = context->has_ended || strcmp(word, "--") == 0;
        context->has_verb = context->has_verb || is_verb(context->command->verbs, word);
        return;
    }
    /* `--policy FILE`: the next word is the argument. */
    if (value == NULL && option->type != MOOR_OPTION_FLAG) {
        context->option = option;
    }
    if (value != NULL && strcmp(option->name, "policy") == 0) {
        context->policy = value;
    }
}

static enum directive offer_last(struct context *context)
{
    const char *sign = strchr(context->last, '=');
    if (context->option != NULL) {
        return offer_values(context, context->last);
    }
    if (context->has_ended || context->last[0] != '-') {
        return offer_operands(context);
    }
    context->option = sign != NULL ? find_option(context->command, context->last) : NULL;
    return context->option != NULL && context->option->type != MOOR_OPTION_FLAG
               ? offer_values(context, sign + 1)
               : offer_options(context->command, context->last);
}

static const struct moor_command *find_command(const struct moor_command *const *commands,
                                               const char *name)
{
    while (*commands != NULL && strcmp((*commands)->name, name) != 0) {
        commands++;
    }
    return *commands;
}

int moor_complete(const struct moor_command *const *commands, int count, char *const *words)
{
    enum directive directive = DIRECTIVE_WORDS;
    if (count == 1) {
        directive = offer_commands(commands, words[0]);
    }
    struct context context = {.command = count > 1 ? find_command(commands, words[0]) : NULL};
    if (context.command != NULL) {
        for (int i = 1; i < count - 1; i++) {
            take(&context, words[i]);
        }
        context.last = words[count - 1];
        directive = offer_last(&context);
    }
    (void)printf(":%d\n", (int)directive);
    return moor_command_flush(MOOR_EXIT_CLEAN);
}
