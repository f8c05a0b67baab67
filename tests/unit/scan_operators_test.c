/* SPDX-License-Identifier: Apache-2.0 */
/* Which service account the roles of a cluster name as the operator of a custom resource. */
#include "tests/unit/test.h"

#include "cmd/scan/operators.h"
#include "policy/base/array_size.h"
#include "policy/base/buf.h"

#define META(name, namespace) "\"metadata\":{\"name\":\"" name "\",\"namespace\":\"" namespace "\"}"
#define API                   "\"apiVersion\":\"rbac.authorization.k8s.io/v1\","
#define ROLE(kind, name, namespace, rules) \
    "{" API "\"kind\":\"" kind "\"," META(name, namespace) ",\"rules\":[" rules "]}"
#define RULE(group, resource, verb)                                    \
    "{\"apiGroups\":[\"" group "\"],\"resources\":[\"" resource "\"]," \
    "\"verbs\":[\"" verb "\"]}"
#define BINDING(kind, namespace, role_kind, role, account_namespace, account)             \
    "{" API "\"kind\":\"" kind                                                            \
    "\"," META("b-" account, namespace) ",\"roleRef\":{\"kind\":\"" role_kind             \
                                        "\",\"name\":\"" role                             \
                                        "\"},\"subjects\":[{\"kind\":\"ServiceAccount\"," \
                                        "\"name\":\"" account                             \
                                        "\",\"namespace\":\"" account_namespace "\"}]}"

#define CREATES                   RULE("", "pods", "create")
#define STATUS                    RULE("example.com", "dbs/status", "update")
#define GROUP                     RULE("example.com", "dbs", "update")
#define EVERY                     RULE("example.com", "*", "update")
#define ALL                       RULE("*", "*", "*")

#define CLUSTER_ROLE(name, rules) ROLE("ClusterRole", name, "", rules)
#define CLUSTER_BINDING(role, account) \
    BINDING("ClusterRoleBinding", "", "ClusterRole", role, "ops", account)

static const struct row {
    const char *name;
    const char *objects;
    size_t total;
    const char *user; /* the first */
    enum moor_operators_doubt doubt;
} rows[] = {
    {"find__no_roles__nobody", CLUSTER_ROLE("a", CREATES), 0, NULL, MOOR_OPERATORS_CERTAIN},
    {"find__creates_and_status__certain",
     CLUSTER_ROLE("a", CREATES "," STATUS) "," CLUSTER_BINDING("a", "op"), 1,
     "system:serviceaccount:ops:op", MOOR_OPERATORS_CERTAIN},
    {"find__rights_in_two_roles__add_up",
     CLUSTER_ROLE("a", CREATES) "," CLUSTER_ROLE("b", STATUS) "," CLUSTER_BINDING(
         "a", "op") "," CLUSTER_BINDING("b", "op"),
     1, "system:serviceaccount:ops:op", MOOR_OPERATORS_CERTAIN},
    {"find__status_alone__nobody", CLUSTER_ROLE("a", STATUS) "," CLUSTER_BINDING("a", "op"), 0,
     NULL, MOOR_OPERATORS_CERTAIN},
    {"find__two_with_status__several",
     CLUSTER_ROLE("a", CREATES
                  "," STATUS) "," CLUSTER_BINDING("a", "op") "," CLUSTER_BINDING("a", "other"),
     2, "system:serviceaccount:ops:op", MOOR_OPERATORS_SEVERAL},
    {"find__every_resource_of_the_group__not_certain",
     CLUSTER_ROLE("a", CREATES "," EVERY) "," CLUSTER_BINDING("a", "op"), 1,
     "system:serviceaccount:ops:op", MOOR_OPERATORS_NO_STATUS},
    {"find__group_without_status__doubted",
     CLUSTER_ROLE("a", CREATES "," GROUP) "," CLUSTER_BINDING("a", "op"), 1,
     "system:serviceaccount:ops:op", MOOR_OPERATORS_NO_STATUS},
    {"find__bound_in_the_namespace__doubted",
     CLUSTER_ROLE("a", CREATES "," STATUS) "," BINDING("RoleBinding", "shop", "ClusterRole", "a",
                                                       "shop", "op"),
     1, "system:serviceaccount:shop:op", MOOR_OPERATORS_NAMESPACED},
    {"find__bound_in_another_namespace__nobody",
     CLUSTER_ROLE("a", CREATES "," STATUS) "," BINDING("RoleBinding", "else", "ClusterRole", "a",
                                                       "shop", "op"),
     0, NULL, MOOR_OPERATORS_CERTAIN},
    {"find__may_everything__a_guess", CLUSTER_ROLE("a", ALL) "," CLUSTER_BINDING("a", "op"), 1,
     "system:serviceaccount:ops:op", MOOR_OPERATORS_EVERYTHING},
    {"find__may_everything_beside_an_operator__the_operator",
     CLUSTER_ROLE("a", ALL) "," CLUSTER_ROLE("b", CREATES "," STATUS) "," CLUSTER_BINDING(
         "a", "admin") "," CLUSTER_BINDING("b", "op"),
     1, "system:serviceaccount:ops:op", MOOR_OPERATORS_CERTAIN},
    {"find__name_that_is_a_glob__nobody",
     CLUSTER_ROLE("a", CREATES "," STATUS) "," CLUSTER_BINDING("a", "*"), 0, NULL,
     MOOR_OPERATORS_CERTAIN},
    {"find__more_than_are_named__counted",
     CLUSTER_ROLE("a", CREATES "," STATUS) "," CLUSTER_BINDING("a", "a") "," CLUSTER_BINDING(
         "a", "b") "," CLUSTER_BINDING("a", "c") "," CLUSTER_BINDING("a",
                                                                     "d") "," CLUSTER_BINDING("a",
                                                                                              "e"),
     5, "system:serviceaccount:ops:a", MOOR_OPERATORS_SEVERAL},
};

static void load(struct moor_operators *operators, const char *objects)
{
    struct moor_manifest_reader reader;
    struct moor_manifest manifest;
    struct moor_arena arena;
    struct moor_buf list;
    moor_buf_init(&list, (size_t)64 * 1024);
    moor_buf_printf(&list, "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[%s]}", objects);
    moor_arena_init(&arena, (size_t)1024 * 1024);
    moor_manifest_open(&reader, moor_buf_slice(&list), &arena);
    while (moor_manifest_next(&manifest, &reader, NULL) > 0) {
        assert_int_equal(moor_operators_add(operators, &manifest, NULL), 0);
    }
    moor_arena_release(&arena);
    moor_buf_release(&list);
}

static const struct moor_operators_question question = {
    .owner_group = {"example.com", 11},
    .group = {"", 0},
    .resource = {"pods", 4},
    .namespace = {"shop", 4},
};

static void find__row(void **state)
{
    const struct row *row = *state;
    struct moor_operators operators;
    struct moor_operators_answer answer;
    assert_int_equal(moor_operators_init(&operators, NULL), 0);
    load(&operators, row->objects);
    assert_int_equal(moor_operators_find(&answer, &operators, &question, NULL), 0);
    assert_int_equal(answer.total, row->total);
    assert_int_equal(answer.count,
                     row->total < MOOR_OPERATORS_MAX_FOUND ? row->total : MOOR_OPERATORS_MAX_FOUND);
    if (row->total > 0) {
        assert_string_equal(answer.users[0].name, row->user);
        assert_int_equal(answer.users[0].doubt, row->doubt);
        bool is_certain = row->doubt == MOOR_OPERATORS_CERTAIN;
        assert_int_equal(*moor_operators_doubt_text(row->doubt) == '\0', is_certain);
    }
    moor_operators_release(&operators);
}

/* A tenant who writes many owners costs no more than the limit; what was asked stays known. */
static void find__many_questions_of_a_namespace__answered_up_to_the_limit(void **state)
{
    struct moor_operators operators;
    struct moor_operators_answer answer;
    (void)state;
    assert_int_equal(moor_operators_init(&operators, NULL), 0);
    load(&operators, CLUSTER_ROLE("a", ALL) "," CLUSTER_BINDING("a", "op"));
    for (unsigned i = 0; i <= MOOR_OPERATORS_MAX_ASKED; i++) {
        struct moor_operators_question asked = question;
        struct moor_buf group;
        moor_buf_init(&group, 64);
        moor_buf_printf(&group, "g%u.example.com", i);
        asked.owner_group = moor_buf_slice(&group);
        assert_int_equal(moor_operators_find(&answer, &operators, &asked, NULL), 0);
        assert_int_equal(answer.total, i < MOOR_OPERATORS_MAX_ASKED ? 1 : 0);
        moor_buf_release(&group);
    }
    struct moor_operators_question first = question;
    first.owner_group = MOOR_SLICE("g0.example.com");
    assert_int_equal(moor_operators_find(&answer, &operators, &first, NULL), 0);
    assert_int_equal(answer.total, 1);
    first.namespace = MOOR_SLICE("another");
    assert_int_equal(moor_operators_find(&answer, &operators, &first, NULL), 0);
    assert_int_equal(answer.total, 1);
    moor_operators_release(&operators);
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(rows) + 1] = {
        cmocka_unit_test(find__many_questions_of_a_namespace__answered_up_to_the_limit),
    };
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        tests[1 + i] = test_of_row(rows[i].name, find__row, &rows[i]);
    }
    return cmocka_run_group_tests_name("scan_operators", tests, NULL, NULL);
}
