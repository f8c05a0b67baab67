/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/formats.h"

#include "cmd/input/variables.h"

#include <fnmatch.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* --- where images stand ----------------------------------------------------------------------- */

/* The expression's number only makes the walk give an image's whole path. */
#define LEAF(name, what)                                                              \
    {                                                                                 \
        .step = MOOR_PATH_MEMBER, .role = (what), .key = {"" name, sizeof(name) - 1}, \
        .expression = 1                                                               \
    }
#define ITEM_IMAGE                                                           \
    {                                                                        \
        .step = MOOR_PATH_ANY_ITEM, .role = MOOR_PATH_IMAGE, .expression = 1 \
    }
#define MEMBER(name, below)                                                                \
    {                                                                                      \
        .step = MOOR_PATH_MEMBER, .key = {"" name, sizeof(name) - 1}, .children = (below), \
        .child_count = COUNT(below)                                                        \
    }
#define ANY(kind, below)                                                 \
    {                                                                    \
        .step = (kind), .children = (below), .child_count = COUNT(below) \
    }
#define ROOT(below)                                      \
    {                                                    \
        .children = (below), .child_count = COUNT(below) \
    }

static const struct moor_path_node image_text[] = {LEAF("image", MOOR_PATH_IMAGE)};
static const struct moor_path_node image_of_each[] = {ANY(MOOR_PATH_ANY_MEMBER, image_text)};

/* Compose: services.*.image */
static const struct moor_path_node compose[] = {MEMBER("services", image_of_each)};
static const struct moor_path_node compose_root = ROOT(compose);

/* ECS: containerDefinitions[*].image, also below `taskDefinition` as it is described */
static const struct moor_path_node ecs_container[] = {LEAF("name", MOOR_PATH_NAME),
                                                      LEAF("image", MOOR_PATH_IMAGE)};
static const struct moor_path_node ecs_containers[] = {ANY(MOOR_PATH_ANY_ITEM, ecs_container)};
static const struct moor_path_node ecs_task[] = {MEMBER("containerDefinitions", ecs_containers)};
static const struct moor_path_node ecs[] = {MEMBER("containerDefinitions", ecs_containers),
                                            MEMBER("taskDefinition", ecs_task)};
static const struct moor_path_node ecs_root = ROOT(ecs);

/* GitLab CI: image and services, global and of each job (`default` is like a job); a text, or a
 * mapping with a name.  A member has one shape in a tree: hence one for texts, one for mappings. */
static const struct moor_path_node name_image[] = {LEAF("name", MOOR_PATH_IMAGE)};
static const struct moor_path_node service_texts[] = {ITEM_IMAGE};
static const struct moor_path_node service_mappings[] = {ANY(MOOR_PATH_ANY_ITEM, name_image)};
static const struct moor_path_node gitlab_texts[] = {LEAF("image", MOOR_PATH_IMAGE),
                                                     MEMBER("services", service_texts)};
static const struct moor_path_node gitlab_mappings[] = {MEMBER("image", name_image),
                                                        MEMBER("services", service_mappings)};
static const struct moor_path_node gitlab_job_texts[] = {ANY(MOOR_PATH_ANY_MEMBER, gitlab_texts)};
static const struct moor_path_node gitlab_job_mappings[] = {
    ANY(MOOR_PATH_ANY_MEMBER, gitlab_mappings)};
static const struct moor_path_node gitlab_texts_root = ROOT(gitlab_texts);
static const struct moor_path_node gitlab_mappings_root = ROOT(gitlab_mappings);
static const struct moor_path_node gitlab_job_texts_root = ROOT(gitlab_job_texts);
static const struct moor_path_node gitlab_job_mappings_root = ROOT(gitlab_job_mappings);

/* GitHub workflows: jobs.*.container, jobs.*.container.image, jobs.*.services.*.image,
 * jobs.*.steps[*].uses */
static const struct moor_path_node step[] = {LEAF("uses", MOOR_PATH_IMAGE)};
static const struct moor_path_node steps[] = {ANY(MOOR_PATH_ANY_ITEM, step)};
static const struct moor_path_node job_texts[] = {
    LEAF("container", MOOR_PATH_IMAGE), MEMBER("services", image_of_each), MEMBER("steps", steps)};
static const struct moor_path_node job_mappings[] = {MEMBER("container", image_text)};
static const struct moor_path_node jobs_of_texts[] = {ANY(MOOR_PATH_ANY_MEMBER, job_texts)};
static const struct moor_path_node jobs_of_mappings[] = {ANY(MOOR_PATH_ANY_MEMBER, job_mappings)};
static const struct moor_path_node github_texts[] = {MEMBER("jobs", jobs_of_texts)};
static const struct moor_path_node github_mappings[] = {MEMBER("jobs", jobs_of_mappings)};
static const struct moor_path_node github_texts_root = ROOT(github_texts);
static const struct moor_path_node github_mappings_root = ROOT(github_mappings);

#define KIND(name, tree)                                                             \
    {                                                                                \
        .kind = {"" name, sizeof(name) - 1}, .is_template = true, .is_custom = true, \
        .root = &(tree)                                                              \
    }

static const struct moor_kind compose_kinds[] = {KIND("Compose", compose_root)};
static const struct moor_kind ecs_kinds[] = {KIND("TaskDefinition", ecs_root)};
static const struct moor_kind gitlab_kinds[] = {
    KIND("GitLabCI", gitlab_texts_root), KIND("GitLabCI", gitlab_mappings_root),
    KIND("GitLabCI", gitlab_job_texts_root), KIND("GitLabCI", gitlab_job_mappings_root)};
static const struct moor_kind github_kinds[] = {KIND("Workflow", github_texts_root),
                                                KIND("Workflow", github_mappings_root)};
static const struct moor_kind dockerfile_kinds[] = {KIND("Dockerfile", compose_root)};

/* --- formats ---------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const char *files[5]; /* globs over the path, or its end; none: any file */
    const char *members;  /* one of these must stand in the document, between blanks; none: any */
    const struct moor_kind *kinds;
    size_t kind_count;
} formats[] = {
    [MOOR_INPUT_COMPOSE] = {"compose",
                            {"compose*.yaml", "compose*.yml", "docker-compose*.yaml",
                             "docker-compose*.yml"},
                            "services",
                            compose_kinds,
                            COUNT(compose_kinds)},
    [MOOR_INPUT_GITLAB] = {"gitlab",
                           {".gitlab-ci.yml", "*.gitlab-ci.yml", ".gitlab-ci.yaml",
                            "*.gitlab-ci.yaml"},
                           NULL,
                           gitlab_kinds,
                           COUNT(gitlab_kinds)},
    [MOOR_INPUT_GITHUB] = {"github",
                           {".github/workflows/*.yml", ".github/workflows/*.yaml"},
                           "jobs",
                           github_kinds,
                           COUNT(github_kinds)},
    [MOOR_INPUT_DOCKERFILE] = {"dockerfile",
                               {"Dockerfile", "Dockerfile.*", "*.Dockerfile", "*.dockerfile",
                                "Containerfile"},
                               NULL,
                               dockerfile_kinds,
                               COUNT(dockerfile_kinds)},
    [MOOR_INPUT_ECS] =
        {"ecs", {NULL}, "containerDefinitions taskDefinition", ecs_kinds, COUNT(ecs_kinds)},
};

const char *moor_input_format_name(enum moor_input_format format)
{
    return formats[format].name;
}

const struct moor_kind *moor_input_kinds(enum moor_input_format format, size_t *count)
{
    *count = formats[format].kind_count;
    return formats[format].kinds;
}

static int parse_name(unsigned *out, struct moor_slice name, struct moor_error *err)
{
    for (size_t i = 0; i < COUNT(formats); i++) {
        if (moor_slice_is(name, formats[i].name)) {
            *out |= moor_input_bit((enum moor_input_format)i);
            return 0;
        }
    }
    return moor_error_set(err, MOOR_ERROR_VALUE,
                          "--include wants compose, ecs, gitlab, github or dockerfile, not '%.*s'",
                          MOOR_SLICE_ARGS(name));
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

/* Whether the glob matches as many of the path's last parts as it has itself. */
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
    for (size_t i = 0; i < COUNT(formats[format].files) && files[i] != NULL; i++) {
        if (matches(files[i], path)) {
            return true;
        }
    }
    return files[0] == NULL;
}

/* Paths are of the system: without a NUL, and short. */
static bool copy_path(char *out, size_t room, struct moor_slice path)
{
    if (path.len >= room) {
        return false;
    }
    memcpy(out, path.len > 0 ? path.ptr : "", path.len);
    out[path.len] = '\0';
    return true;
}

#define LONGEST_PATH 4096

bool moor_input_is_named(unsigned set, struct moor_slice path)
{
    char text[LONGEST_PATH];
    for (size_t i = 0; copy_path(text, sizeof text, path) && i < COUNT(formats); i++) {
        if ((set & moor_input_bit((enum moor_input_format)i)) != 0 && formats[i].files[0] != NULL &&
            has_name((enum moor_input_format)i, text)) {
            return true;
        }
    }
    return false;
}

/* Whether the key is one of `names`, which stand between blanks. */
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

/* Whether the object has one of these members. */
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

enum moor_input_format moor_input_recognise(struct moor_slice document, struct moor_slice path)
{
    char text[LONGEST_PATH];
    for (size_t i = 0; copy_path(text, sizeof text, path) && i < COUNT(formats); i++) {
        enum moor_input_format format = (enum moor_input_format)i;
        if (format != MOOR_INPUT_DOCKERFILE && has_name(format, text) &&
            (formats[i].members == NULL || has_member(document, formats[i].members))) {
            return format;
        }
    }
    return MOOR_INPUT_FORMAT_COUNT;
}

/* --- what images mean there ------------------------------------------------------------------- */

/* Members of a GitLab CI file that look like jobs and are none. */
static bool is_no_job(struct moor_slice where)
{
    static const char *const names[] = {"variables.", "include", "workflow.", "stages", "spec."};
    for (size_t i = 0; i < COUNT(names); i++) {
        if (moor_slice_starts_with(where, moor_slice_from(names[i]))) {
            return true;
        }
    }
    return false;
}

/* Whether the image is one; takes from it what only says so. */
static bool is_image(struct moor_object_image *image, enum moor_input_format format)
{
    static const struct moor_slice scheme = {"docker://", 9};
    struct moor_slice where = image->where;
    bool is_action =
        where.len >= 5 && moor_slice_is(moor_slice_sub(where, where.len - 5, where.len), ".uses");
    if (format == MOOR_INPUT_GITLAB) {
        return !is_no_job(where);
    }
    if (format != MOOR_INPUT_GITHUB) {
        return true;
    }
    if (moor_slice_starts_with(image->text, scheme)) {
        image->text = moor_slice_sub(image->text, scheme.len, image->text.len);
        return true;
    }
    return !is_action;
}

int moor_input_settle(struct moor_object *object, enum moor_input_format format, size_t *unknown,
                      struct moor_arena *arena, struct moor_error *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < object->image_count; i++) {
        struct moor_object_image image = object->images[i];
        bool is_known = true;
        if (!is_image(&image, format)) {
            continue;
        }
        bool has_variables = format == MOOR_INPUT_COMPOSE || format == MOOR_INPUT_GITLAB;
        if (has_variables &&
            moor_variables_expand(&image.text, &is_known, image.text, NULL, arena, err) != 0) {
            return -1;
        }
        if (!is_known) {
            (*unknown)++;
            continue;
        }
        object->images[kept++] = image;
    }
    object->image_total -= object->image_count - kept;
    object->image_count = kept;
    return 0;
}
