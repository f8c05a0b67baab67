/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/formats.h"

#include "policy/base/array_size.h"
#include "policy/base/buf.h"
#include "policy/json/reader.h"

#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

/* The ways to images in a source of an Argo CD Application. */
#define ARGO_SOURCE(source)                                                             \
    {.expression = source ".helm.valuesObject", .shape = MOOR_FORMAT_VALUES_OBJECT},    \
        {.expression = source ".helm.values", .shape = MOOR_FORMAT_VALUES_TEXT},        \
        {.expression = source ".helm.parameters", .shape = MOOR_FORMAT_PARAMETERS},     \
        {.expression = source ".helm.fileParameters", .shape = MOOR_FORMAT_PARAMETERS}, \
    {                                                                                   \
        .expression = source ".kustomize.images", .shape = MOOR_FORMAT_OVERRIDES        \
    }

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
            .paths =
                {{.expression = "jobs.*.container", .scheme = MOOR_FORMAT_SCHEME_OPTIONAL},
                 {.expression = "jobs.*.container.image", .scheme = MOOR_FORMAT_SCHEME_OPTIONAL},
                 {.expression = "jobs.*.services.*.image", .scheme = MOOR_FORMAT_SCHEME_OPTIONAL},
                 {.expression = "jobs.*.steps[*].uses", .scheme = MOOR_FORMAT_SCHEME_REQUIRED}},
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
    [MOOR_INPUT_KUSTOMIZE] =
        {
            .name = "kustomize",
            .kind = "Kustomization",
            .groups = "kustomize.config.k8s.io",
            .kinds = "Kustomization Component",
            .files = {"kustomization.yaml", "kustomization.yml", "Kustomization"},
            .paths = {{.expression = "images", .shape = MOOR_FORMAT_ENTRIES},
                      {.expression = "helmCharts[*].valuesInline", .shape = MOOR_FORMAT_VALUES}},
            .namespace = "namespace",
            .is_deployed_there = true,
            .description = "kustomizations without a kind",
        },
    [MOOR_INPUT_HELM_VALUES] =
        {
            .name = "helm-values",
            .kind = "HelmValues",
            .files = {"values*.yaml", "values*.yml"},
            .beside = "Chart.yaml",
            .paths = {{.expression = "", .shape = MOOR_FORMAT_VALUES}},
            .description = "values of Helm charts",
        },
    [MOOR_INPUT_HELM_RELEASE] =
        {
            .kind = "HelmRelease",
            .groups = "helm.toolkit.fluxcd.io helm.fluxcd.io flux.weave.works",
            .kinds = "HelmRelease",
            .paths = {{.expression = "spec.values", .shape = MOOR_FORMAT_VALUES},
                      {.expression = "spec.postRenderers[*].kustomize.images",
                       .shape = MOOR_FORMAT_ENTRIES}},
            .namespace = "spec.targetNamespace",
        },
    [MOOR_INPUT_FLUX_KUSTOMIZATION] =
        {
            .kind = "Kustomization",
            .groups = "kustomize.toolkit.fluxcd.io",
            .kinds = "Kustomization",
            .paths = {{.expression = "spec.images", .shape = MOOR_FORMAT_ENTRIES}},
            .namespace = "spec.targetNamespace",
        },
    /* An Application is in the namespace of Argo CD, which says nothing about its images. */
    [MOOR_INPUT_ARGO_APPLICATION] =
        {
            .kind = "Application",
            .groups = "argoproj.io",
            .kinds = "Application",
            .paths = {ARGO_SOURCE("spec.source"), ARGO_SOURCE("spec.sources[*]")},
            .namespace = "spec.destination.namespace",
            .is_deployed_there = true,
        },
    [MOOR_INPUT_ARGO_APPLICATION_SET] =
        {
            .kind = "ApplicationSet",
            .groups = "argoproj.io",
            .kinds = "ApplicationSet",
            .paths = {ARGO_SOURCE("spec.template.spec.source"),
                      ARGO_SOURCE("spec.template.spec.sources[*]")},
            .namespace = "spec.template.spec.destination.namespace",
            .is_deployed_there = true,
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
    *description = index < MOOR_INPUT_NAMED_COUNT ? formats[index].description : NULL;
    return index < MOOR_INPUT_NAMED_COUNT ? formats[index].name : NULL;
}

/* Writes the names for an error message: `a, b or c`. */
static void append_names(struct moor_buf *out)
{
    for (size_t i = 0; i < MOOR_INPUT_NAMED_COUNT; i++) {
        const char *before = i == 0 ? "" : i + 1 == MOOR_INPUT_NAMED_COUNT ? " or " : ", ";
        moor_buf_printf(out, "%s%s", before, formats[i].name);
    }
}

static int parse_name(unsigned *out, struct moor_slice name, struct moor_error *err)
{
    for (size_t i = 0; i < MOOR_INPUT_NAMED_COUNT; i++) {
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

/* Returns whether the directory of `path` has a file called `name`. */
static bool is_beside(const char *path, const char *name)
{
    /* `values.yaml` is a common name, which only a Chart.yaml beside it makes a file of Helm. */
    char other[LONGEST_PATH];
    const char *slash = strrchr(path, '/');
    size_t folder = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    size_t len = strlen(name) + 1;
    if (folder + len > sizeof other) {
        return false;
    }
    memcpy(other, path, folder);
    memcpy(other + folder, name, len);
    return access(other, F_OK) == 0;
}

static bool has_name(enum moor_input_format format, const char *path)
{
    const char *const *files = formats[format].files;
    if (formats[format].not_files != NULL && matches(formats[format].not_files, path)) {
        return false;
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(formats[format].files) && files[i] != NULL; i++) {
        if (matches(files[i], path)) {
            return formats[format].beside == NULL || is_beside(path, formats[format].beside);
        }
    }
    /*
     * A format without names, such as a task definition, is recognized by its members in any file.
     */
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

/* Takes the next of several names, which blanks separate.  It is empty after the last. */
static struct moor_slice take_name(const char **names)
{
    struct moor_slice name = {*names, strcspn(*names, " ")};
    *names += name.len + ((*names)[name.len] == ' ');
    return name;
}

static bool is_among(const struct moor_json_token *key, const char *names)
{
    struct moor_slice name = take_name(&names);
    while (name.len > 0 && !moor_json_token_is(key, name)) {
        name = take_name(&names);
    }
    return name.len > 0;
}

static bool is_listed(struct moor_slice word, const char *names)
{
    const struct moor_json_token token = {.raw = word};
    return names != NULL && is_among(&token, names);
}

enum moor_input_format moor_input_of_kind(struct moor_slice group, struct moor_slice kind)
{
    size_t i = 0;
    while (i < MOOR_ARRAY_SIZE(formats) &&
           !(is_listed(kind, formats[i].kinds) && is_listed(group, formats[i].groups))) {
        i++;
    }
    return (enum moor_input_format)i;
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
    for (size_t i = 0; copy_path(text, sizeof text, path) && i < MOOR_INPUT_NAMED_COUNT; i++) {
        enum moor_input_format format = (enum moor_input_format)i;
        if (!formats[i].is_dockerfile && has_name(format, text) &&
            (formats[i].members == NULL || has_member(document, formats[i].members) ||
             has_text(document, formats[i].text))) {
            return format;
        }
    }
    return MOOR_INPUT_FORMAT_COUNT;
}
