/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The default policy as the loader reads it.
 */
#include "tests/unit/loading.h"

#include "policy/base/array_size.h"
#include "policy/file/default.h"

static void assert_globs(const struct moor_glob_list *list, const char *const *texts, size_t count)
{
    assert_int_equal(list->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(moor_slice_is(list->items[i].text, texts[i]));
    }
}

static void default__text__whole_file(void **state)
{
    (void)state;
    struct moor_slice text = moor_policy_default_text();
    char file[16384];
    FILE *stream = fopen("policy/file/default.yaml", "rb");
    assert_non_null(stream);
    size_t len = fread(file, 1, sizeof file, stream);
    assert_int_equal(fclose(stream), 0);
    assert_true(len < sizeof file);
    assert_true(moor_slice_equal(text, (struct moor_slice){file, len}));
}

static void default__top__as_written(void **state)
{
    (void)state;
    struct moor_policy *policy = load_clean(moor_policy_default_text());
    assert_int_equal(policy->version, 1);
    assert_int_equal(policy->grammar, 1);
    assert_int_equal(policy->mode, MOOR_MODE_ENFORCE);
    assert_int_equal(policy->environment_count, 2);
    assert_ptr_equal(policy->default_environment, &policy->environments[1]);
    moor_policy_release(policy);
}

static void default__development__any_with_warnings(void **state)
{
    (void)state;
    static const char *const globs[] = {"dev",     "dev-*",     "*-dev",    "development",
                                        "sandbox", "sandbox-*", "review-*", "preview-*"};
    struct moor_policy *policy = load_clean(moor_policy_default_text());
    const struct moor_environment *environment = &policy->environments[0];
    assert_slice_equal(environment->name, "development");
    assert_false(environment->is_default);
    assert_int_equal(environment->mode, MOOR_MODE_ENFORCE);
    assert_globs(&environment->namespaces, globs, MOOR_ARRAY_SIZE(globs));
    const struct moor_requirements requirements = {ANY, RELEASE, RELEASE};
    assert_requirements(environment->requirements, requirements);
    for (size_t i = 0; i < MOOR_FIELD_COUNT; i++) {
        assert_requirements(in_field(environment, (enum moor_field)i), requirements);
    }
    assert_requirements(unchanged(environment), requirements);
    moor_policy_release(policy);
}

static void default__production__release(void **state)
{
    (void)state;
    struct moor_policy *policy = load_clean(moor_policy_default_text());
    const struct moor_environment *environment = &policy->environments[1];
    assert_slice_equal(environment->name, "production");
    assert_true(environment->is_default);
    assert_int_equal(environment->mode, MOOR_MODE_ENFORCE);
    assert_int_equal(environment->namespaces.count, 0);
    const struct moor_requirements release = {RELEASE, RELEASE, RELEASE};
    const struct moor_requirements lenient = {ANY, RELEASE, RELEASE};
    assert_requirements(environment->requirements, release);
    assert_requirements(in_field(environment, MOOR_FIELD_CONTAINERS), release);
    assert_requirements(in_field(environment, MOOR_FIELD_INIT_CONTAINERS), release);
    assert_requirements(in_field(environment, MOOR_FIELD_EPHEMERAL_CONTAINERS), lenient);
    assert_requirements(in_field(environment, MOOR_FIELD_IMAGE_VOLUMES), release);
    assert_requirements(unchanged(environment), lenient);
    moor_policy_release(policy);
}

static void default__controllers__built_in_and_recorded(void **state)
{
    (void)state;
    static const char *const users[] = {
        "system:serviceaccount:kube-system:deployment-controller",
        "system:serviceaccount:kube-system:replicaset-controller",
        "system:serviceaccount:kube-system:statefulset-controller",
        "system:serviceaccount:kube-system:daemon-set-controller",
        "system:serviceaccount:kube-system:job-controller",
        "system:serviceaccount:kube-system:cronjob-controller",
        "system:serviceaccount:kube-system:replication-controller",
        "system:kube-controller-manager",
    };
    struct moor_policy *policy = load_clean(moor_policy_default_text());
    assert_globs(&policy->controllers.users, users, MOOR_ARRAY_SIZE(users));
    assert_requirements(policy->controllers.requirements,
                        (struct moor_requirements){ANY, IGNORE, RELEASE});
    moor_policy_release(policy);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(default__text__whole_file),
        cmocka_unit_test(default__top__as_written),
        cmocka_unit_test(default__development__any_with_warnings),
        cmocka_unit_test(default__production__release),
        cmocka_unit_test(default__controllers__built_in_and_recorded),
    };
    return cmocka_run_group_tests_name("loader_default", tests, NULL, NULL);
}
