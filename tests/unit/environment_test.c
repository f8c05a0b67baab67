/* SPDX-License-Identifier: Apache-2.0 */
/* Which environment a request is in, and what it asks of images by their names. */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/file/loader.h"
#include "policy/judge.h"
#include "policy/rules/requirements.h"

static const char text[] = "version: 1\n"
                           "environments:\n"
                           "- name: both\n"
                           "  namespaceLabels: {env: [dev, test], tier: [a]}\n"
                           "  namespaces: [shop]\n"
                           "  enforce: any\n"
                           "- name: one\n"
                           "  namespaceLabels: {env: [dev, test]}\n"
                           "  enforce: any\n"
                           "- name: named\n"
                           "  namespaces: ['shop*']\n"
                           "  enforce: any\n"
                           "- name: rest\n"
                           "  default: true\n"
                           "  enforce: digest\n"
                           "  images:\n"
                           "  - {match: [docker.io/library/*], enforce: release}\n"
                           "  - {match: ['docker.io/**'], enforce: build}\n"
                           "  initContainers: {warn: any}\n";

static struct moor_policy *load(void)
{
    struct moor_buf diagnostics;
    struct moor_policy *policy = NULL;
    moor_buf_init(&diagnostics, 4096);
    assert_int_equal(moor_policy_load(&policy, moor_slice_from(text), "p.yaml", &diagnostics), 0);
    assert_non_null(policy);
    moor_buf_release(&diagnostics);
    return policy;
}

struct row {
    const char *name;
    const char *namespace;

    struct {
        const char *key;
        const char *value;
    } labels[3];

    const char *path; /* in the URL */
    const char *expected;
    enum moor_environment_source source;
};

static struct row rows[] = {
    {"environment__nothing_known__default", "", {{0}}, "", "rest", MOOR_SOURCE_DEFAULT},
    {"environment__name__by_name", "shop-2", {{0}}, "", "named", MOOR_SOURCE_NAMESPACE},
    {"environment__name_of_two__first", "shop", {{0}}, "", "both", MOOR_SOURCE_NAMESPACE},
    {"environment__other_name__default", "shed", {{0}}, "", "rest", MOOR_SOURCE_DEFAULT},
    {"environment__all_labels__first",
     "x",
     {{"env", "dev"}, {"tier", "a"}},
     "",
     "both",
     MOOR_SOURCE_LABELS},
    {"environment__all_labels_in_another_order__first",
     "x",
     {{"tier", "a"}, {"other", "b"}, {"env", "test"}},
     "",
     "both",
     MOOR_SOURCE_LABELS},
    {"environment__one_label_of_two__the_one_that_asks_for_it",
     "x",
     {{"env", "test"}},
     "",
     "one",
     MOOR_SOURCE_LABELS},
    {"environment__other_value__by_name",
     "shop-2",
     {{"env", "prod"}},
     "",
     "named",
     MOOR_SOURCE_NAMESPACE},
    {"environment__value_of_another_key__default",
     "x",
     {{"environment", "dev"}},
     "",
     "rest",
     MOOR_SOURCE_DEFAULT},
    {"environment__longer_value__default", "x", {{"env", "dev2"}}, "", "rest", MOOR_SOURCE_DEFAULT},
    {"environment__labels_and_name__labels",
     "shop",
     {{"env", "dev"}},
     "",
     "one",
     MOOR_SOURCE_LABELS},
    {"environment__path_and_labels__path",
     "shop",
     {{"env", "dev"}},
     "rest",
     "rest",
     MOOR_SOURCE_PATH},
    {"environment__unknown_path_and_labels__default",
     "shop",
     {{"env", "dev"}},
     "nowhere",
     "rest",
     MOOR_SOURCE_UNKNOWN_PATH},
};

static void environment__row__found(void **state)
{
    const struct row *row = *state;
    struct moor_policy *policy = load();
    struct moor_workspace workspace;
    struct moor_label labels[MOOR_ARRAY_SIZE(row->labels)];
    struct moor_request request = {.namespace = moor_slice_from(row->namespace), .labels = labels};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(row->labels) && row->labels[i].key != NULL; i++) {
        labels[request.label_count++] = (struct moor_label){moor_slice_from(row->labels[i].key),
                                                            moor_slice_from(row->labels[i].value)};
    }
    assert_int_equal(moor_workspace_init(&workspace, NULL), 0);
    struct moor_verdict verdict;
    const struct moor_judge_context context = {.environment = moor_slice_from(row->path)};
    assert_int_equal(moor_judge(&verdict, policy, &request, &context, &workspace, NULL), 0);
    assert_slice_equal(verdict.environment->name, row->expected);
    assert_string_equal(moor_source_name(verdict.source), moor_source_name(row->source));
    moor_workspace_release(&workspace);
    moor_policy_release(policy);
}

static void levels_for_name__first_that_matches(void **state)
{
    (void)state;
    struct moor_policy *policy = load();
    struct moor_matcher *matcher = moor_matcher_new();
    const struct moor_environment *rest = policy->default_environment;
    assert_non_null(matcher);

    static const struct {
        const char *name;
        enum moor_requirement expected;
    } names[] = {
        {"docker.io/library/nginx", MOOR_REQUIREMENT_RELEASE},
        {"docker.io/library/a/b", MOOR_REQUIREMENT_BUILD},
        {"docker.io/vendor/agent", MOOR_REQUIREMENT_BUILD},
        {"ghcr.io/a/b", MOOR_REQUIREMENT_DIGEST},
        {"", MOOR_REQUIREMENT_DIGEST},
    };

    for (size_t i = 0; i < MOOR_ARRAY_SIZE(names); i++) {
        struct moor_requirements requirements =
            moor_requirements_for_name(rest, moor_slice_from(names[i].name), matcher);
        assert_int_equal(requirements.enforce, names[i].expected);
        assert_int_equal(requirements.warn, names[i].expected);
        assert_int_equal(requirements.audit, names[i].expected);
    }
    moor_matcher_free(matcher);
    moor_policy_release(policy);
}

static void overlay__what_is_given__over_any_levels(void **state)
{
    (void)state;
    struct moor_policy *policy = load();
    const struct moor_overlay *overlay =
        &policy->default_environment->fields[MOOR_FIELD_INIT_CONTAINERS];
    const struct moor_requirements before = {MOOR_REQUIREMENT_BUILD, MOOR_REQUIREMENT_BUILD,
                                             MOOR_REQUIREMENT_DIGEST};
    struct moor_requirements requirements = moor_requirements_overlay(before, overlay);
    assert_int_equal(requirements.enforce, MOOR_REQUIREMENT_BUILD);
    assert_int_equal(requirements.warn, MOOR_REQUIREMENT_ANY);
    assert_int_equal(requirements.audit, MOOR_REQUIREMENT_DIGEST);
    moor_policy_release(policy);
}

#define FIXED_TESTS 2

int main(void)
{
    struct CMUnitTest tests[FIXED_TESTS + MOOR_ARRAY_SIZE(rows)] = {
        cmocka_unit_test(levels_for_name__first_that_matches),
        cmocka_unit_test(overlay__what_is_given__over_any_levels),
    };
    size_t count = FIXED_TESTS;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        tests[count++] =
            (struct CMUnitTest){rows[i].name, environment__row__found, NULL, NULL, &rows[i]};
    }
    return cmocka_run_group_tests_name("environment", tests, NULL, NULL);
}
