/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/input/format_images.h"
#include "policy/base/array_size.h"

#define TEXT_MAX ((size_t)64 * 1024)

/* --- recognising --------------------------------------------------------------------------------
 */

/* A path, the document in it, and the format that it is. */
struct recognised {
    const char *name;
    const char *path;
    const char *document;
    enum moor_input_format format;
};

static const struct recognised recognised[] = {
    {"compose", "a/compose.yaml", "{\"services\":{}}", MOOR_INPUT_COMPOSE},
    {"compose_of_a_stage", "docker-compose.prod.yml", "{\"services\":{}}", MOOR_INPUT_COMPOSE},
    {"compose_without_services", "compose.yaml", "{\"a\":1}", MOOR_INPUT_FORMAT_COUNT},
    {"services_elsewhere", "values.yaml", "{\"services\":{}}", MOOR_INPUT_FORMAT_COUNT},
    {"ecs", "x.json", "{\"family\":\"a\",\"containerDefinitions\":[]}", MOOR_INPUT_ECS},
    {"ecs_described", "x.json", "{\"taskDefinition\":{}}", MOOR_INPUT_ECS},
    {"ecs_in_cloudformation", "x.yaml",
     "{\"Resources\":{\"a\":{\"Properties\":{\"ContainerDefinitions\":[]}}}}", MOOR_INPUT_ECS},
    {"cloudformation_without_ecs", "x.yaml", "{\"Resources\":{}}", MOOR_INPUT_FORMAT_COUNT},
    {"compose_of_a_stack", "docker-stack.yml", "{\"services\":{}}", MOOR_INPUT_COMPOSE},
    {"gitlab", "/src/.gitlab-ci.yml", "{}", MOOR_INPUT_GITLAB},
    {"gitlab_part", "ci/build.gitlab-ci.yml", "{}", MOOR_INPUT_GITLAB},
    {"gitlab_part_in_a_folder", "a/.gitlab/ci/test.yml", "{}", MOOR_INPUT_GITLAB},
    {"github", "x/.github/workflows/a.yml", "{\"jobs\":{}}", MOOR_INPUT_GITHUB},
    {"github_without_jobs", ".github/workflows/a.yml", "{}", MOOR_INPUT_FORMAT_COUNT},
    {"github_elsewhere", "workflows/a.yml", "{\"jobs\":{}}", MOOR_INPUT_FORMAT_COUNT},
    {"nothing", "a.yaml", "{}", MOOR_INPUT_FORMAT_COUNT},
};

static void recognise__row__its_format(void **state)
{
    const struct recognised *row = *state;
    assert_int_equal(
        moor_input_recognise(moor_slice_from(row->document), moor_slice_from(row->path)),
        row->format);
}

/* --- images -------------------------------------------------------------------------------------
 */

/* A document, and its images: `path image`, a line each, and how many are unknown. */
struct held {
    const char *name;
    enum moor_input_format format;
    const char *document;
    const char *images;
    size_t unknown;
};

static const struct held held[] = {
    {"compose", MOOR_INPUT_COMPOSE,
     "{\"services\":{\"web\":{\"image\":\"nginx\"},\"db\":{\"image\":\"postgres:16\",\"build\":{"
     "\"image\":\"no\"}}}}",
     "services.web.image nginx\nservices.db.image postgres:16\n", 0},
    {"compose_variables", MOOR_INPUT_COMPOSE,
     "{\"services\":{\"a\":{\"image\":\"nginx:${TAG:-1.25}\"},\"b\":{\"image\":\"nginx:$TAG\"}}}",
     "services.a.image nginx:1.25\n", 1},
    {"compose_no_image", MOOR_INPUT_COMPOSE,
     "{\"services\":{\"a\":{\"build\":\".\"},\"b\":null,\"c\":[]}}", "", 0},
    {"ecs", MOOR_INPUT_ECS,
     "{\"containerDefinitions\":[{\"name\":\"a\",\"image\":\"x\"},{\"image\":\"y:1\"}]}",
     "containerDefinitions[0] x\ncontainerDefinitions[1] y:1\n", 0},
    {"ecs_described", MOOR_INPUT_ECS,
     "{\"taskDefinition\":{\"containerDefinitions\":[{\"image\":\"x\"}]}}",
     "taskDefinition.containerDefinitions[0] x\n", 0},
    {"ecs_dollar_is_no_variable", MOOR_INPUT_ECS,
     "{\"containerDefinitions\":[{\"image\":\"x:$TAG\"}]}", "containerDefinitions[0] x:$TAG\n", 0},
    {"ecs_in_cloudformation", MOOR_INPUT_ECS,
     "{\"Resources\":{\"T\":{\"Properties\":{\"ContainerDefinitions\":[{\"Image\":\"a\"},"
     "{\"Image\":{\"Ref\":\"I\"}},{\"Image\":{\"Fn::Join\":[\"\",[\"b\"]]}},{\"Image\":\"${I}:1\"},"
     "{\"Image\":[\"\",[\"c\"]]}]}}}}",
     "Resources.T.Properties.ContainerDefinitions[0].Image a\n", 4},
    {"ecs_in_cloudformation_by_condition", MOOR_INPUT_ECS,
     "{\"Resources\":{\"T\":{\"Properties\":{\"ContainerDefinitions\":[[\"If\",{\"Image\":\"a\"},"
     "\"No\"],"
     "{\"Fn::If\":[\"If\",{\"Image\":\"b\"},{\"Ref\":\"No\"}]}]}},\"U\":{\"Properties\":"
     "{\"ContainerDefinitions\":{\"Fn::If\":[\"If\",[{\"Image\":\"c\"}],[{\"Image\":\"d\"}]]}}}}}",
     "Resources.T.Properties.ContainerDefinitions[0][1].Image a\n"
     "Resources.T.Properties.ContainerDefinitions[1].Fn::If[1].Image b\n"
     "Resources.U.Properties.ContainerDefinitions.Fn::If[1][0].Image c\n"
     "Resources.U.Properties.ContainerDefinitions.Fn::If[2][0].Image d\n",
     0},
    {"gitlab_references", MOOR_INPUT_GITLAB,
     "{\"a\":{\"image\":[\".b\",\"image\"]},\"c\":{\"services\":[[\".b\",\"services\",0],\"d\"]}}",
     "c.services[1] d\n", 2},
    {"gitlab_texts", MOOR_INPUT_GITLAB,
     "{\"image\":\"a\",\"services\":[\"b\"],\"job\":{\"image\":\"c\",\"services\":[\"d\",\"e\"]}}",
     "image a\nservices[0] b\njob.image c\njob.services[0] d\njob.services[1] e\n", 0},
    {"gitlab_mappings", MOOR_INPUT_GITLAB,
     "{\"image\":{\"name\":\"a\"},\"services\":[{\"name\":\"b\"}],\"job\":{\"image\":{\"name\":"
     "\"c\"},\"services\":[{\"name\":\"d\"}]}}",
     "image.name a\nservices[0].name b\njob.image.name c\njob.services[0].name d\n", 0},
    {"gitlab_no_jobs", MOOR_INPUT_GITLAB,
     "{\"variables\":{\"image\":\"a\"},\"include\":{\"image\":\"b\"},\"workflow\":{\"image\":\"c\"}"
     ",\"stages\":{\"image\":\"d\"},\"spec\":{\"image\":\"e\"},"
     "\"variables2\":{\"image\":\"f\"}}",
     "variables2.image f\n", 0},
    {"github", MOOR_INPUT_GITHUB,
     "{\"jobs\":{\"a\":{\"container\":\"node:20\",\"services\":{\"db\":{\"image\":\"docker://"
     "postgres\"}},\"steps\":[{\"uses\":\"actions/checkout@v4\"},"
     "{\"uses\":\"docker://"
     "alpine:3\"},{\"run\":\"true\"}]},\"b\":{\"container\":{\"image\":\"docker://x\"}}}}",
     "jobs.a.container node:20\njobs.b.container.image x\njobs.a.services.db.image "
     "postgres\njobs.a.steps[1].uses alpine:3\n",
     0},
    {"dockerfile", MOOR_INPUT_DOCKERFILE, "ARG TAG\nFROM a:1 AS b\nFROM c:$TAG\nFROM b\n",
     "FROM a:1\n", 1},
};

static void images__row__these(void **state)
{
    const struct held *row = *state;
    const struct moor_document document = {.text = moor_slice_from(row->document)};
    struct moor_format_images images;
    struct moor_arena arena;
    struct moor_buf said;
    size_t unknown = 0;
    assert_int_equal(moor_format_images_init(&images, NULL), 0);
    moor_arena_init(&arena, TEXT_MAX);
    moor_buf_init(&said, TEXT_MAX);
    for (size_t i = 0; i < moor_format_images_parts(row->format); i++) {
        const struct moor_format_part part = {&document, row->format, i};
        struct moor_object object;
        struct moor_format_unread unread;
        assert_int_equal(moor_format_images_read(&object, &unread, &images, &part, &arena, NULL),
                         0);
        assert_int_equal(object.image_total, object.image_count);
        unknown += unread.unknown + unread.templates;
        for (size_t k = 0; k < object.image_count; k++) {
            moor_object_append_path(&said, &object.images[k]);
            moor_buf_append_byte(&said, ' ');
            moor_buf_append(&said, object.images[k].text);
            moor_buf_append_byte(&said, '\n');
        }
    }
    assert_slice_equal(moor_buf_slice(&said), row->images);
    assert_int_equal(unknown, row->unknown);
    moor_buf_release(&said);
    moor_arena_release(&arena);
    moor_format_images_release(&images);
}

static void images__broken_document__where_and_why(void **state)
{
    (void)state;
    const struct moor_document document = {
        .text = MOOR_SLICE("{\"services\":{\"a\":{\"image\":\"x\",\"image\":\"y\"}}}")};
    struct moor_format_images images;
    struct moor_arena arena;
    struct moor_object object;
    struct moor_error err = {0};
    struct moor_format_unread unread;
    assert_int_equal(moor_format_images_init(&images, NULL), 0);
    moor_arena_init(&arena, TEXT_MAX);
    const struct moor_format_part part = {&document, MOOR_INPUT_COMPOSE, 0};
    assert_int_equal(moor_format_images_read(&object, &unread, &images, &part, &arena, &err), -1);
    assert_true(err.offset > 30 && err.offset < document.text.len);
    moor_arena_release(&arena);
    moor_format_images_release(&images);
}

/* --- the table ----------------------------------------------------------------------------------
 */

static void table__each_row__is_whole(void **state)
{
    const char *description = NULL;
    (void)state;
    for (size_t i = 0; i < MOOR_INPUT_FORMAT_COUNT; i++) {
        const struct moor_format *row = moor_format_row((enum moor_input_format)i);
        assert_non_null(row->kind);
        assert_true((row->name != NULL) == (i < MOOR_INPUT_NAMED_COUNT));
        assert_true((row->description != NULL) == (row->name != NULL));
        assert_true(row->files[0] != NULL || row->members != NULL || row->kinds != NULL);
        assert_true((row->groups != NULL) == (row->kinds != NULL));
        assert_true(row->is_dockerfile == (row->paths[0].expression == NULL));
        assert_ptr_equal(moor_input_format_name_at(i, &description), row->name);
        assert_ptr_equal(description, row->description);
    }
    assert_null(moor_input_format_name_at(MOOR_INPUT_FORMAT_COUNT, &description));
}

static void names__between_commas__a_set(void **state)
{
    (void)state;
    unsigned set = 0;
    struct moor_error err = {0};
    assert_int_equal(moor_input_formats_parse(&set, "ecs,dockerfile", NULL), 0);
    assert_int_equal(set, moor_input_bit(MOOR_INPUT_ECS) | moor_input_bit(MOOR_INPUT_DOCKERFILE));
    assert_int_equal(moor_input_formats_parse(&set, "ecs,", &err), -1);
    assert_string_equal(err.text,
                        "unknown format '' in --include: use compose, ecs, gitlab, github, "
                        "dockerfile, kustomize or helm-values");
    assert_true(moor_input_is_named(set, moor_slice_from("a/Dockerfile.dev")));
    assert_false(moor_input_is_named(set, moor_slice_from("a/compose.yaml")));
}

static void named__dockerfiles__and_what_belongs_to_them(void **state)
{
    static const char *const files[] = {
        "Dockerfile",       "a/dockerfile",      "Dockerfile.dev",  "Dockerfile-alpine",
        "Dockerfile_arm64", "web.Dockerfile",    "web.dockerfile",  "Containerfile",
        "Containerfile.ci", "web.Containerfile", "Containerfile-1",
    };
    static const char *const others[] = {
        "Dockerfile.dockerignore",
        "Containerfile.containerignore",
        ".dockerignore",
        "dockerfile.go",
        "Dockerfiles",
        "MyDockerfile",
        "Dockerfile/a",
    };
    (void)state;
    unsigned set = moor_input_bit(MOOR_INPUT_DOCKERFILE);
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(files); i++) {
        assert_true(moor_input_is_named(set, moor_slice_from(files[i])));
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(others); i++) {
        assert_false(moor_input_is_named(set, moor_slice_from(others[i])));
    }
}

int main(void)
{
    enum {
        RECOGNISED = MOOR_ARRAY_SIZE(recognised),
        HELD = MOOR_ARRAY_SIZE(held)
    };
    struct CMUnitTest tests[RECOGNISED + HELD + 4];
    size_t count = 0;
    for (size_t i = 0; i < RECOGNISED; i++) {
        tests[count++] =
            test_of_row(recognised[i].name, recognise__row__its_format, &recognised[i]);
    }
    for (size_t i = 0; i < HELD; i++) {
        tests[count++] = test_of_row(held[i].name, images__row__these, &held[i]);
    }
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(images__broken_document__where_and_why);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(table__each_row__is_whole);
    tests[count++] =
        (struct CMUnitTest)cmocka_unit_test(named__dockerfiles__and_what_belongs_to_them);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(names__between_commas__a_set);
    return cmocka_run_group_tests_name("formats", tests, NULL, NULL);
}
