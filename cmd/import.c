/* SPDX-License-Identifier: Apache-2.0 */
/* `tagmoor import`: converts the tag settings of a registry to the repositories of a policy. */
#include "cmd/command.h"
#include "cmd/import_dockerhub.h"
#include "cmd/import_ecr.h"
#include "cmd/import_gar.h"
#include "cmd/import_harbor.h"
#include "cmd/import_quay.h"
#include "cmd/input/file.h"
#include "policy/base/array_size.h"

#include <unistd.h>

/* A repository takes about 700 bytes, so this is enough for 90,000. */
#define INPUT_MAX ((size_t)64 * 1024 * 1024)

/* A registry. */
struct registry {
    const char *verb;
    const char *tool;    /* the program that prints the settings */
    const char *advice;  /* what to do if its output is not JSON; or an empty text */
    const char *comment; /* first line of the output; NULL: the importer writes everything */
    bool has_project;    /* the settings do not name the registry: --project does */
    bool is_repeated;    /* the input may have several documents */
    int (*read)(struct moor_import *out, const json_t *root, struct moor_error *err);
};

static const struct registry registries[] = {
    {.verb = "ecr", .tool = "aws", .advice = " (run 'aws' with --output json)"},
    {.verb = "gar",
     .tool = "gcloud",
     .advice = " (run 'gcloud' with --format=json)",
     .comment =
         "# Repositories whose tags Google Artifact Registry protects from being overwritten",
     .read = moor_import_gar},
    {.verb = "dockerhub",
     .tool = "curl",
     .advice = "",
     .comment = "# Tags that Docker Hub protects from being overwritten",
     .is_repeated = true,
     .read = moor_import_dockerhub},
    {.verb = "harbor",
     .tool = "curl",
     .advice = "",
     .comment = "# Tags that Harbor protects from being overwritten",
     .has_project = true,
     .read = moor_import_harbor},
    {.verb = "quay",
     .tool = "curl",
     .advice = "",
     .comment = "# Tags that Quay protects from being overwritten",
     .has_project = true,
     .read = moor_import_quay},
};

struct options {
    const char *project;
};

/* --- input ------------------------------------------------------------------------------------ */

static bool is_blank(struct moor_slice text)
{
    static const char blanks[] = {' ', '\t', '\r', '\n'};
    for (size_t i = 0; i < text.len; i++) {
        if (memchr(blanks, text.ptr[i], sizeof blanks) == NULL) {
            return false;
        }
    }
    return true;
}

/* Parses documents that follow one another, as answers of an API do, into a list. */
static json_t *load_all(struct moor_slice text, json_error_t *wrong)
{
    json_t *list = json_array();
    for (size_t at = 0; list != NULL && !is_blank(moor_slice_sub(text, at, text.len));) {
        /*
         * With JSON_DISABLE_EOF_CHECK, jansson stores in `position` where the document ends.  Of
         * two equal members, a later one could hide the setting that protects the tags.
         */
        json_t *one = json_loadb(text.ptr + at, text.len - at,
                                 JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, wrong);
        if (one == NULL || json_array_append_new(list, one) != 0) {
            json_decref(list);
            return NULL;
        }
        at += (size_t)wrong->position;
    }
    json_t *first = json_array_size(list) == 1 ? json_incref(json_array_get(list, 0)) : NULL;
    if (first != NULL) {
        json_decref(list);
    }
    return first != NULL ? first : list;
}

static json_t *load(const struct registry *registry, struct moor_slice text, json_error_t *wrong)
{
    return registry->is_repeated && text.len > 0
               ? load_all(text, wrong)
               : json_loadb(text.len > 0 ? text.ptr : "", text.len,
                            registry->read != NULL ? JSON_REJECT_DUPLICATES : 0, wrong);
}

/* --- output ----------------------------------------------------------------------------------- */

static int import_ecr(const json_t *root, const char *name)
{
    struct moor_error err = {0};
    struct moor_ecr ecr;
    int status = MOOR_EXIT_CLEAN;
    moor_ecr_init(&ecr);
    if (moor_ecr_read(&ecr, root, &err) == 0) {
        moor_ecr_write(stdout, &ecr);
    } else {
        status = moor_command_fail("import: %s: %s", name, err.text);
    }
    moor_ecr_release(&ecr);
    return moor_command_flush(status);
}

/* An empty buffer has no bytes to point to. */
static void print_buf(FILE *out, const struct moor_buf *buf)
{
    if (buf->len > 0) {
        (void)fwrite(buf->ptr, 1, buf->len, out);
    }
}

static int write_result(const struct registry *registry, const struct moor_import *import)
{
    struct moor_error err = {0};
    if (moor_buf_check(&import->out, &err) != 0 || moor_buf_check(&import->notes, &err) != 0) {
        return moor_command_fail("import: %s", err.text);
    }
    print_buf(stderr, &import->notes);
    /* The result is checked for memory before, because a cut list is still valid YAML. */
    (void)printf("%s ('tagmoor import %s').\n"
                 "# Users with access to these settings can still move a tag.\n",
                 registry->comment, registry->verb);
    /* An empty output could also mean that the command failed. */
    if (import->entries == 0) {
        (void)puts("# No repository has such tags.");
    }
    print_buf(stdout, &import->out);
    return moor_command_flush(MOOR_EXIT_CLEAN);
}

static int import_other(const struct registry *registry, const struct options *options,
                        const json_t *root, const char *name)
{
    struct moor_error err = {0};
    struct moor_import import;
    moor_import_init(&import, options->project);
    int status = registry->read(&import, root, &err) != 0
                     ? moor_command_fail("import: %s: %s", name, err.text)
                     : write_result(registry, &import);
    moor_import_release(&import);
    return status;
}

/* `name` is the name of the file in messages. */
static int import_text(const struct registry *registry, const struct options *options,
                       struct moor_slice text, const char *name)
{
    json_error_t wrong = {0};
    json_t *root = load(registry, text, &wrong);
    if (root == NULL) {
        return text.len == 0
                   ? moor_command_fail("import: %s is empty: check whether '%s' failed", name,
                                       registry->tool)
                   : moor_command_fail("import: %s:%d:%d: not JSON%s: %s", name, wrong.line,
                                       wrong.column, registry->advice, wrong.text);
    }
    int status = registry->read == NULL ? import_ecr(root, name)
                                        : import_other(registry, options, root, name);
    json_decref(root);
    return status;
}

/* --- the command ------------------------------------------------------------------------------ */

static const struct registry *find_registry(const char *verb)
{
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(registries); i++) {
        if (strcmp(registries[i].verb, verb) == 0) {
            return &registries[i];
        }
    }
    return NULL;
}

static int run(const struct moor_command *command, int argc, char **argv)
{
    struct options options = {0};
    struct moor_error err = {0};
    struct moor_buf text;
    int first = 0;
    int status = 0;
    if (moor_command_parse(command, argc, argv, &options, &first, &status) != 0) {
        return status;
    }
    int operands = argc - first;
    const struct registry *registry = operands > 0 ? find_registry(argv[first]) : NULL;
    if (registry == NULL || operands > 2) {
        return moor_command_misused(command, "expected '%s'", command->operands);
    }
    /* An ignored --project would let a user believe that the entries are limited to it. */
    if ((options.project != NULL) != registry->has_project) {
        return moor_command_misused(command,
                                    registry->has_project
                                        ? "'%s' needs --project, such as harbor.example.com/shop"
                                        : "'%s' has no --project: its settings name the registry",
                                    registry->verb);
    }
    const char *path = operands == 2 ? argv[first + 1] : "-";
    moor_buf_init(&text, INPUT_MAX);
    status = moor_file_read(&text, path, &err) != 0
                 ? moor_command_fail("%s", err.text)
                 : import_text(registry, &options, moor_buf_slice(&text), moor_file_name(path));
    moor_buf_release(&text);
    return status;
}

static const struct moor_option option_rows[] = {
    {.name = "project",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct options, project),
     .argument = "REGISTRY/NAME",
     .help = "registry and project (harbor) or organization (quay) of the settings"},
};

const struct moor_command moor_command_import = {
    .name = "import",
    .operands = "ecr|gar|dockerhub|harbor|quay [FILE|-]",
    .verbs = "ecr gar dockerhub harbor quay",
    .completion = MOOR_COMPLETION_FILES,
    .summary = "convert the tag settings of a registry to a policy's 'repositories'",
    .about = "The settings are read from a file or standard input:\n\n"
             "  aws ecr describe-repositories --output json | tagmoor import ecr\n"
             "  gcloud artifacts repositories list --format=json | tagmoor import gar\n"
             "  curl -s https://hub.docker.com/v2/namespaces/shop/repositories/app |\n"
             "    tagmoor import dockerhub\n"
             "  curl -s https://HARBOR/api/v2.0/projects/shop/immutabletagrules |\n"
             "    tagmoor import harbor --project HARBOR/shop\n"
             "  curl -s https://quay.io/api/v1/organization/shop/immutabilitypolicy/ |\n"
             "    tagmoor import quay --project quay.io/shop\n\n"
             "Tags that cannot be overwritten get the level build.  In an immutable\n"
             "repository, tags that a rule leaves mutable are rolling.  All others are\n"
             "classified by form.  Disabled rules have no effect.  A setting that a policy\n"
             "cannot express is left out and named on standard error.",
    .options = option_rows,
    .option_count = MOOR_ARRAY_SIZE(option_rows),
    .run = run,
};
