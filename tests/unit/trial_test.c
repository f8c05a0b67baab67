/* SPDX-License-Identifier: Apache-2.0 */
/* One image before the judge, as `test` and `explain` ask. */
#include "tests/unit/loading.h"

#include "cmd/trial.h"
#include "policy/base/array_size.h"

static const char text[] = "version: 1\n"
                           "environments:\n"
                           "- {name: dev, namespaces: [dev], enforce: any, warn: release}\n"
                           "- name: production\n"
                           "  default: true\n"
                           "  enforce: release\n"
                           "  ephemeralContainers: {enforce: any}\n"
                           "customResources:\n"
                           "- {resource: apps.example.com, kind: App, images: [spec.image]}\n"
                           "exemptions:\n"
                           "- {name: robot, reason: a test of it, permanent: true, match: {users: "
                           "['system:robot']}, enforce: any}\n"
                           "- {name: daemons, reason: a test of it, permanent: true, match: "
                           "{kinds: [DaemonSet]}, enforce: any}\n";

static struct moor_policy *policy;

static int load_policy(void **state)
{
    (void)state;
    policy = load_clean(moor_slice_from(text));
    return 0;
}

static int release(void **state)
{
    (void)state;
    moor_policy_release(policy);
    return 0;
}

static const struct row {
    const char *name;
    struct moor_trial trial;
    const char *error; /* what it holds; NULL: there is a verdict */
    const char *environment;
    enum moor_decision expected;
} rows[] = {
    {"trial__image_alone__default_environment",
     {.image = {"nginx", 5}},
     NULL,
     "production",
     MOOR_DECISION_DENY},
    {"trial__release__allowed",
     {.image = {"nginx:1.2.3", 11}},
     NULL,
     "production",
     MOOR_DECISION_ALLOW},
    {"trial__namespace__its_environment",
     {.image = {"nginx", 5}, .namespace = {"dev", 3}},
     NULL,
     "dev",
     MOOR_DECISION_WARN},
    {"trial__environment_named__before_the_namespace",
     {.image = {"nginx", 5}, .namespace = {"dev", 3}, .environment = {"production", 10}},
     NULL,
     "production",
     MOOR_DECISION_DENY},
    {"trial__field__its_own_requirement",
     {.image = {"nginx", 5}, .field = MOOR_FIELD_EPHEMERAL_CONTAINERS},
     NULL,
     "production",
     MOOR_DECISION_WARN},
    {"trial__no_reference__denied", {.image = {"a b", 3}}, NULL, "production", MOOR_DECISION_DENY},
    {"trial__exempt_user__milder",
     {.image = {"nginx", 5}, .user = {"system:robot", 12}},
     NULL,
     "production",
     MOOR_DECISION_AUDIT},
    {"trial__kind__exempt_by_it",
     {.image = {"nginx", 5}, .kind = {"DaemonSet", 9}},
     NULL,
     "production",
     MOOR_DECISION_AUDIT},
    {"trial__kind_of_a_group__judged",
     {.image = {"nginx", 5}, .kind = {"App.example.com", 15}},
     NULL,
     "production",
     MOOR_DECISION_DENY},
    {"trial__kind_without_its_group__unknown",
     {.image = {"nginx", 5}, .kind = {"App", 3}},
     "'App' is not a kind with images",
     NULL,
     MOOR_DECISION_ALLOW},
    {"trial__kind_without_images__unknown",
     {.image = {"nginx", 5}, .kind = {"Service", 7}},
     "'Service' is not a kind with images",
     NULL,
     MOOR_DECISION_ALLOW},
};

static void trial__row(void **state)
{
    const struct row *row = *state;
    struct moor_trial trial = row->trial;
    struct moor_workspace workspace;
    struct moor_verdict verdict = {0};
    struct moor_error err = {0};
    assert_int_equal(moor_workspace_init(&workspace, NULL), 0);
    int status = moor_trial_judge(&verdict, &trial, policy, 0, &workspace, &err);
    assert_int_equal(status, row->error != NULL ? -1 : 0);
    if (row->error != NULL) {
        assert_non_null(strstr(err.text, row->error));
    } else {
        assert_slice_equal(verdict.environment->name, row->environment);
        assert_int_equal(verdict.worst, row->expected);
        assert_int_equal(verdict.image_count, 1);
    }
    moor_workspace_release(&workspace);
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(rows)];
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        tests[i] = test_of_row(rows[i].name, trial__row, &rows[i]);
    }
    return cmocka_run_group_tests_name("trial", tests, load_policy, release);
}
