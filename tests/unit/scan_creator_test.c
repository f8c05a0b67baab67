/* SPDX-License-Identifier: Apache-2.0 */
/* The user that would re-create an object, determined from its owner. */
#include "tests/unit/loading.h"

#include "cmd/scan/creator.h"
#include "policy/base/array_size.h"
#include "policy/object/kinds.h"

static const char text[] =
    "version: 1\n"
    "environments:\n"
    "- {name: all, default: true, enforce: release}\n"
    "controllers:\n"
    "  users: ['system:serviceaccount:ops:named']\n"
    "customResources:\n"
    "- {resource: apps.judged.example.com, kind: App, images: [spec.image]}\n";

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
    const char *kind; /* object's kind, with its group below */
    const char *group;
    const char *owner;
    const char *owner_group;
    bool is_mirror;
    enum moor_creator_kind expected;
    const char *user; /* NULL: none */
} rows[] = {
    {"creator__no_owner__a_person", "Pod", "", "", "", false, MOOR_CREATOR_PERSON, NULL},
    {"creator__pod_of_a_replica_set__its_controller", "Pod", "", "ReplicaSet", "apps", false,
     MOOR_CREATOR_CONTROLLER, "system:serviceaccount:kube-system:replicaset-controller"},
    {"creator__pod_of_a_job__its_controller", "Pod", "", "Job", "batch", false,
     MOOR_CREATOR_CONTROLLER, "system:serviceaccount:kube-system:job-controller"},
    {"creator__replica_set_of_a_deployment__folded", "ReplicaSet", "apps", "Deployment", "apps",
     false, MOOR_CREATOR_FOLDED, NULL},
    {"creator__job_of_a_cron_job__folded", "Job", "batch", "CronJob", "batch", false,
     MOOR_CREATOR_FOLDED, NULL},
    {"creator__pod_of_a_deployment__no_such_controller", "Pod", "", "Deployment", "apps", false,
     MOOR_CREATOR_PERSON, NULL},
    {"creator__group_without_a_domain__a_person", "Pod", "", "Thing", "things", false,
     MOOR_CREATOR_PERSON, NULL},
    {"creator__custom_resource__an_operator", "Pod", "", "Db", "example.com", false,
     MOOR_CREATOR_OPERATOR, NULL},
    {"creator__replica_set_of_a_judged_resource__folded", "ReplicaSet", "apps", "App",
     "judged.example.com", false, MOOR_CREATOR_FOLDED, NULL},
    {"creator__replica_set_of_another_resource__an_operator", "ReplicaSet", "apps", "Db",
     "example.com", false, MOOR_CREATOR_OPERATOR, NULL},
    {"creator__mirror_pod__a_node", "Pod", "", "", "", true, MOOR_CREATOR_NODE, NULL},
    {"creator__pod_of_a_node__a_node", "Pod", "", "Node", "", false, MOOR_CREATOR_NODE, NULL},
    {"creator__job_of_a_node__a_person", "Job", "batch", "Node", "", false, MOOR_CREATOR_PERSON,
     NULL},
};

static struct moor_request request_of(const struct row *row)
{
    const struct moor_slice none = {0};
    return (struct moor_request){
        .holds = moor_kind_find(moor_slice_from(row->group), none, moor_slice_from(row->kind)),
        .object = {.is_present = true,
                   .is_mirror = row->is_mirror,
                   .owner_kind = moor_slice_from(row->owner),
                   .owner_group = moor_slice_from(row->owner_group)},
    };
}

static void creator__row(void **state)
{
    const struct row *row = *state;
    struct moor_request request = request_of(row);
    struct moor_creator creator;
    assert_non_null(request.holds);
    moor_creator_find(&creator, &request, policy);
    assert_int_equal(creator.kind, row->expected);
    moor_creator_sign(&creator, &request, policy, NULL);
    assert_slice_equal(request.user, row->user != NULL ? row->user : "");
    assert_int_equal(request.group_count, row->user != NULL ? 3 : 0);
    if (row->user != NULL) {
        assert_slice_equal(request.groups[0], "system:serviceaccounts");
        assert_slice_equal(request.groups[1], "system:authenticated");
        assert_slice_equal(request.groups[2], "system:serviceaccounts:kube-system");
    }
}

static const struct sign_row {
    const char *name;
    const char *users[2];
    const char *expected;
    bool is_named;
} sign_rows[] = {
    {"sign__no_account__nobody", {NULL}, "", false},
    {"sign__none_named__the_first",
     {"system:serviceaccount:ops:a", "system:serviceaccount:ops:b"},
     "system:serviceaccount:ops:a",
     false},
    {"sign__second_named__the_second",
     {"system:serviceaccount:ops:a", "system:serviceaccount:ops:named"},
     "system:serviceaccount:ops:named",
     true},
};

static void sign__row(void **state)
{
    const struct sign_row *row = *state;
    struct moor_creator creator = {.kind = MOOR_CREATOR_OPERATOR};
    struct moor_request request = {0};
    struct moor_workspace workspace;
    assert_int_equal(moor_workspace_init(&workspace, NULL), 0);
    while (creator.answer.count < 2 && row->users[creator.answer.count] != NULL) {
        creator.answer.users[creator.answer.count].name = row->users[creator.answer.count];
        creator.answer.count++;
    }
    moor_creator_sign(&creator, &request, policy, workspace.matcher);
    assert_slice_equal(request.user, row->expected);
    assert_int_equal(creator.is_named, row->is_named);
    moor_workspace_release(&workspace);
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(rows) + MOOR_ARRAY_SIZE(sign_rows)];
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        tests[i] = test_of_row(rows[i].name, creator__row, &rows[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(sign_rows); i++) {
        tests[MOOR_ARRAY_SIZE(rows) + i] = test_of_row(sign_rows[i].name, sign__row, &sign_rows[i]);
    }
    return cmocka_run_group_tests_name("scan_creator", tests, load_policy, release);
}
