/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/formats.h"

#include "policy/base/array_size.h"
#include "policy/base/buf.h"
#include "policy/json/reader.h"

#include <fnmatch.h>
#include <string.h>

/* Longer paths match no format: PATH_MAX of Linux. */
#define LONGEST_PATH    4096

/* The containers of a task definition in a CloudFormation template. */
#define TASK_DEFINITION "Resources.*.Properties.ContainerDefinitions"

static const struct moor_format formats[] = {
    [MOOR_INPUT_COMPOSE] =
        {
            .name = "compose",
            .kind = "Compose",
            .files = {"compose*.yaml", "compose*.yml", "docker-compose*.yaml",
                      "docker-compose*.yml", "docker-stack*.yaml", "docker-stack*.yml"},
            .members = "services",
            .paths = {{.expression = "services.*.image"}},
            .has_variables = true,
            .description = "Docker Compose",
        },
    [MOOR_INPUT_ECS] =
        {
            .name = "ecs",
            .kind = "TaskDefinition",
            .members = "containerDefinitions taskDefinition",
            .text = "\"ContainerDefinitions\"",
            /* In CloudFormation, `!If` and `Fn::If` put a list around what they choose from. */
            .paths = {{.expression = "containerDefinitions[*].image"},
                      {.expression = "taskDefinition.containerDefinitions[*].image"},
                      {.expression = TASK_DEFINITION "[*].Image"},
                      {.expression = TASK_DEFINITION "[*][*].Image"},
                      {.expression = TASK_DEFINITION "[*].*[*].Image"},
                      {.expression = TASK_DEFINITION ".*[*][*].Image"}},
            .has_functions = true,
            .description = "task definitions of Amazon ECS",
        },
    /* GitLab has `image` and `services` globally and per job, each as a text or as a mapping. */
    [MOOR_INPUT_GITLAB] =
        {
            .name = "gitlab",
            .kind = "GitLabCI",
            .files = {".gitlab-ci.yml", "*.gitlab-ci.yml", ".gitlab-ci.yaml", "*.gitlab-ci.yaml",
                      ".gitlab/*.yml", ".gitlab/*/*.yml", ".gitlab-ci/*.yml"},
            .ignored = "variables include workflow stages spec",
            .paths = {{.expression = "image"},
                      {.expression = "image.name"},
                      {.expression = "services[*]"},
                      {.expression = "services[*].name"},
                      {.expression = "*.image"},
                      {.expression = "*.image.name"},
                      {.expression = "*.services[*]"},
                      {.expression = "*.services[*].name"}},
            .has_variables = true,
            .description = "pipelines of GitLab CI",
        },
    [MOOR_INPUT_GITHUB] =
        {
            .name = "github",
            .kind = "Workflow",
            .files = {".github/workflows/*.yml", ".github/workflows/*.yaml"},
            .members = "jobs",
            .paths = {{"jobs.*.container", MOOR_FORMAT_SCHEME_OPTIONAL},
                      {"jobs.*.container.image", MOOR_FORMAT_SCHEME_OPTIONAL},
                      {"jobs.*.services.*.image", MOOR_FORMAT_SCHEME_OPTIONAL},
                      {"jobs.*.steps[*].uses", MOOR_FORMAT_SCHEME_REQUIRED}},
            .description = "workflows of GitHub Actions",
        },
    [MOOR_INPUT_DOCKERFILE] =
        {
            .name = "dockerfile",
            .kind = "Dockerfile",
            .files = {"Dockerfile", "dockerfile", "Dockerfile.*", "Dockerfile-*", "Dockerfile_*",
                      "*.Dockerfile", "*.dockerfile", "Containerfile*", "*.Containerfile"},
            /* `Dockerfile.dockerignore` lists what the build of `Dockerfile` leaves out. */
            .not_files = "*.*ignore",
            .is_dockerfile = true,
            .description = "images that Dockerfiles name",
        },
};

_Static_assert(MOOR_ARRAY_SIZE(formats) == MOOR_INPUT_FORMAT_COUNT, "each format has a row");

const struct moor_format *moor_format_row(enum moor_input_format format)
{
    return &formats[format];
}

const char *moor_input_format_name(enum moor_input_format format)
{
    return formats[format].name;
}

const char *moor_input_format_name_at(size_t index, const char **description)
{
    *description = index < MOOR_ARRAY_SIZE(formats) ? formats[index].description : NULL;
    return index < MOOR_ARRAY_SIZE(formats) ? formats[index].name : NULL;
}

/* Writes the names for an error message: `a, b or c`. */
static void append_names(struct moor_buf *out)
{
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(formats); i++) {
        const char *before = i == 0 ? "" : i + 1 == MOOR_ARRAY_SIZE(formats) ? " or " : ", ";
        moor_buf_printf(out, "%s%s", before, formats[i].name);
    }
}

static int parse_name(unsigned *out, struct moor_slice name, struct moor_error *err)
{
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(formats); i++) {
        if (moor_slice_is(name, formats[i].name)) {
            *out |= moor_input_bit((enum moor_input_format)i);
            return 0;
        }
    }
    struct moor_buf names;
    moor_buf_init(&names, 1024);
    append_names(&names);
    (void)moor_error_set(err, MOOR_ERROR_VALUE, "unknown format '%.*s' in --include: use %.*s",
                         MOOR_SLICE_ARGS(name), MOOR_SLICE_ARGS(moor_buf_slice(&names)));
    moor_buf_release(&names);
    return -1;
}

int moor_input_formats_parse(unsigned *out, const char *names, struct moor_error *err)
{
    for (const char *at = names;; at++) {
        size_t len = strcspn(at, ",");
        if (parse_name(out, (struct moor_slice){at, len}, err) != 0) {
            return -1;
        }
        at += len;
        if (*at == '\0') {
            return 0;
        }
    }
}

/*
 * Compares the glob with as many of the last parts of the path as the glob has. `.github/workflows`
 * is then found wherever the repository is checked out.
 */
static bool matches(const char *glob, const char *path)
{
    const char *start = path + strlen(path);
    size_t slashes = 0;
    for (const char *at = glob; *at != '\0'; at++) {
        slashes += *at == '/';
    }
    while (start > path && (start[-1] != '/' || slashes-- > 0)) {
        start--;
    }
    return fnmatch(glob, start, FNM_PATHNAME) == 0;
}

static bool has_name(enum moor_input_format format, const char *path)
{
    const char *const *files = formats[format].files;
    if (formats[format].not_files != NULL && matches(formats[format].not_files, path)) {
        return false;
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(formats[format].files) && files[i] != NULL; i++) {
        if (matches(files[i], path)) {
            return true;
        }
    }
    return files[0] == NULL;
}

/* fnmatch() needs a C string.  A path comes from the file system, so it contains no NUL. */
static bool copy_path(char *out, size_t room, struct moor_slice path)
{
    if (path.len >= room) {
        return false;
    }
    memcpy(out, path.len > 0 ? path.ptr : "", path.len);
    out[path.len] = '\0';
    return true;
}

unsigned moor_input_named(struct moor_slice path)
{
    char text[LONGEST_PATH];
    unsigned set = 0;
    for (size_t i = 0; copy_path(text, sizeof text, path) && i < MOOR_ARRAY_SIZE(formats); i++) {
        if (formats[i].files[0] != NULL && has_name((enum moor_input_format)i, text)) {
            set |= moor_input_bit((enum moor_input_format)i);
        }
    }
    return set;
}

bool moor_input_is_named(unsigned set, struct moor_slice path)
{
    return set != 0 && (set & moor_input_named(path)) != 0;
}

/* Returns whether the key is one of `names`, a list separated by blanks. */
static bool is_among(const struct moor_json_token *key, const char *names)
{
    for (const char *at = names; *at != '\0';) {
        size_t len = strcspn(at, " ");
        if (moor_json_token_is(key, (struct moor_slice){at, len})) {
            return true;
        }
        at += len + (at[len] == ' ');
    }
    return false;
}

/* Returns whether the object has a member of one of these names. */
static bool has_member(struct moor_slice object, const char *names)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, object);
    (void)moor_json_next(&reader, &token);
    while (moor_json_next(&reader, &token) == MOOR_JSON_KEY) {
        if (is_among(&token, names)) {
            return true;
        }
        if (moor_json_skip(&reader, NULL) != 0) {
            return false;
        }
    }
    return false;
}

/* Returns whether the document contains the text.  Searching is cheaper than a path to the key. */
static bool has_text(struct moor_slice document, const char *text)
{
    return text != NULL && document.len > 0 &&
           memmem(document.ptr, document.len, text, strlen(text)) != NULL;
}

/*
 * Dockerfiles are recognized by name alone (moor_input_is_named), because a JSON document is never
 * one.  The other rows need a name, a member, or both.
 */
enum moor_input_format moor_input_recognise(struct moor_slice document, struct moor_slice path)
{
    char text[LONGEST_PATH];
    for (size_t i = 0; copy_path(text, sizeof text, path) && i < MOOR_ARRAY_SIZE(formats); i++) {
        enum moor_input_format format = (enum moor_input_format)i;
        if (!formats[i].is_dockerfile && has_name(format, text) &&
            (formats[i].members == NULL || has_member(document, formats[i].members) ||
             has_text(document, formats[i].text))) {
            return format;
        }
    }
    return MOOR_INPUT_FORMAT_COUNT;
}
