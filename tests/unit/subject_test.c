/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/check/subject.h"
#include "policy/base/array_size.h"
#include "policy/file/default.h"
#include "policy/file/loader.h"

#define TEXT_MAX ((size_t)64 * 1024)
#define FAILS    ((enum moor_subject_type)99)

/* A document in `a.yaml`, and what its first value is. */
struct row {
    const char *name;
    const char *document;
    enum moor_subject_type type;
    const char *error; /* how the reason begins, if it FAILS */
    size_t offset;
};

static const struct row rows[] = {
    {"null", "null", MOOR_SUBJECT_NOTHING, "", 0},
    {"pod", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}", MOOR_SUBJECT_OBJECT, "", 0},
    {"other_version", "{\"apiVersion\":\"apps/v9\",\"kind\":\"Deployment\"}", MOOR_SUBJECT_OBJECT,
     "", 0},
    {"custom_resource", "{\"apiVersion\":\"argoproj.io/v1alpha1\",\"kind\":\"Rollout\"}",
     MOOR_SUBJECT_OBJECT, "", 0},
    {"plain_kind", "{\"apiVersion\":\"v1\",\"kind\":\"Service\"}", MOOR_SUBJECT_PLAIN_KIND, "", 0},
    {"plain_kind_of_a_group", "{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"Ingress\"}",
     MOOR_SUBJECT_PLAIN_KIND, "", 0},
    {"unknown_kind", "{\"apiVersion\":\"example.com/v1\",\"kind\":\"Web\"}",
     MOOR_SUBJECT_UNKNOWN_KIND, "", 0},
    {"unknown_kind_of_the_core_group", "{\"apiVersion\":\"v1\",\"kind\":\"Web\"}",
     MOOR_SUBJECT_UNKNOWN_KIND, "", 0},
    {"custom_resource_of_kubernetes", "{\"apiVersion\":\"node.k8s.io/v1\",\"kind\":\"Web\"}",
     MOOR_SUBJECT_UNKNOWN_KIND, "", 0},
    {"workload_of_another_group", "{\"apiVersion\":\"batch/v1\",\"kind\":\"Deployment\"}", FAILS,
     "unknown kind 'batch/Deployment' (did you mean 'apps/Deployment'?): correct the group", 32},
    {"workload_of_the_core_group", "{\"apiVersion\":\"v1\",\"kind\":\"Deployment\"}", FAILS,
     "unknown kind 'Deployment' (did you mean 'apps/Deployment'?): correct the group", 26},
    {"workload_of_a_group_of_old", "{\"apiVersion\":\"extensions/v1beta1\",\"kind\":\"DaemonSet\"}",
     FAILS, "unknown kind 'extensions/DaemonSet' (did you mean 'apps/DaemonSet'?)", 42},
    {"pod_of_apps", "{\"apiVersion\":\"apps/v1\",\"kind\":\"Pod\"}", FAILS,
     "unknown kind 'apps/Pod' (did you mean 'Pod'?): correct the group", 31},
    {"job_of_another_project", "{\"apiVersion\":\"batch.volcano.sh/v1\",\"kind\":\"Job\"}",
     MOOR_SUBJECT_UNKNOWN_KIND, "", 0},
    {"wrong_case", "{\"apiVersion\":\"apps/v1\",\"kind\":\"deployment\"}", FAILS,
     "unknown kind 'apps/deployment' (did you mean 'apps/Deployment'?)", 31},
    {"list_without_a_list", "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":{}}", FAILS,
     "the items of the list are not a list", 0},
    {"item_is_no_object", "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[1]}", FAILS,
     "an item of this list is not an object", 42},
    {"workload_without_version", "{\"kind\":\"Pod\"}", FAILS, "the object has no apiVersion", 0},
    {"whole_without_version", "{\"kind\":\"Web\",\"metadata\":{},\"spec\":{}}", FAILS,
     "the object has no apiVersion", 0},
    {"pipeline_of_drone", "{\"kind\":\"pipeline\",\"type\":\"docker\"}", MOOR_SUBJECT_OTHER, "", 0},
    {"without_kind", "{\"apiVersion\":\"v1\",\"metadata\":{}}", FAILS, "the object has no kind", 0},
    {"chart", "{\"apiVersion\":\"v2\",\"name\":\"a\"}", MOOR_SUBJECT_OTHER, "", 0},
    {"text", "\"x\"", MOOR_SUBJECT_OTHER, "", 0},
    {"task_definition", "{\"containerDefinitions\":[]}", MOOR_SUBJECT_OTHER, "", 0},
};

static struct moor_policy *policy;

static int load(void **state)
{
    struct moor_buf diagnostics;
    (void)state;
    moor_buf_init(&diagnostics, TEXT_MAX);
    size_t errors = moor_policy_load(&policy, moor_policy_default_text(), "default", &diagnostics);
    moor_buf_release(&diagnostics);
    return (int)errors;
}

static int unload(void **state)
{
    (void)state;
    moor_policy_release(policy);
    return 0;
}

static void classify__row__its_type(void **state)
{
    const struct row *row = *state;
    const struct moor_document document = {.path = MOOR_SLICE("a.yaml"),
                                           .text = moor_slice_from(row->document)};
    struct moor_manifest_reader reader;
    struct moor_manifest value;
    struct moor_subject subject;
    struct moor_error err = {0};
    struct moor_arena arena;
    moor_arena_init(&arena, TEXT_MAX);
    moor_manifest_open(&reader, document.text, &arena);
    assert_int_equal(moor_manifest_next(&value, &reader, NULL), 1);
    int status = moor_subject_classify(&subject, policy, &document, &value, reader.has_lists, &err);
    assert_int_equal(status, row->type == FAILS ? -1 : 0);
    assert_true(moor_slice_starts_with(moor_slice_from(err.text), moor_slice_from(row->error)));
    assert_int_equal(subject.offset, row->offset);
    if (status == 0) {
        assert_int_equal(subject.type, row->type);
        assert_int_equal(subject.kind != NULL, row->type == MOOR_SUBJECT_OBJECT);
        assert_int_equal(subject.format, strcmp(row->name, "task_definition") == 0
                                             ? MOOR_INPUT_ECS
                                             : MOOR_INPUT_FORMAT_COUNT);
    }
    moor_arena_release(&arena);
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(rows)];
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        tests[i] = test_of_row(rows[i].name, classify__row__its_type, &rows[i]);
    }
    return cmocka_run_group_tests_name("subject", tests, load, unload);
}
