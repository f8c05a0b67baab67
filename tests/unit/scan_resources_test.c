/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/scan/resources.h"
#include "policy/base/array_size.h"

/* A line of `kubectl api-resources`, and what is read of it; NULL: nothing. */
struct line_row {
    const char *name;
    const char *text;
    const char *said;
};

static const struct line_row lines[] = {
    {"with_short_name", "deployments  deploy  apps/v1  true  Deployment\n",
     "deployments apps v1 Deployment true"},
    {"without_short_name", "jobs      batch/v1   true   Job", "jobs batch v1 Job true"},
    {"of_the_core_group", "pods  po  v1  true  Pod\n", "pods  v1 Pod true"},
    {"of_the_cluster", "nodes  no  v1  false  Node\n", "nodes  v1 Node false"},
    {"several_short_names", "pdbs  a,b,c  policy/v1  true  P\n", "pdbs policy v1 P true"},
    {"after_what_is_none", "error: x\n\nNAME SHORT APIVERSION NAMESPACED KIND\npods v1 true Pod\n",
     "pods  v1 Pod true"},
    {"too_few_words", "pods true Pod\n", NULL},
    {"too_many_words", "pods po v1 true Pod more\n", NULL},
    {"neither_true_nor_false", "pods po v1 maybe Pod\n", NULL},
    {"empty", "", NULL},
};

static void test_line(void **state)
{
    const struct line_row *row = *state;
    struct moor_resource found;
    struct moor_slice text = moor_slice_from(row->text);
    struct moor_buf said;
    moor_buf_init(&said, 4096);
    if (row->said == NULL) {
        assert_false(moor_resource_next(&found, &text));
        return;
    }
    assert_true(moor_resource_next(&found, &text));
    moor_buf_printf(&said, "%.*s %.*s %.*s %.*s %s", MOOR_SLICE_ARGS(found.name),
                    MOOR_SLICE_ARGS(found.group), MOOR_SLICE_ARGS(found.version),
                    MOOR_SLICE_ARGS(found.kind), found.is_namespaced ? "true" : "false");
    assert_slice_equal(moor_buf_slice(&said), row->said);
    assert_false(moor_resource_next(&found, &text));
    moor_buf_release(&said);
}

static void assert_path(const struct moor_resource *resource, const struct moor_resource_page *page,
                        const char *wanted)
{
    struct moor_buf path;
    moor_buf_init(&path, 4096);
    moor_resource_append_path(&path, resource, page);
    assert_slice_equal(moor_buf_slice(&path), wanted);
    moor_buf_release(&path);
}

static void path__by_group_namespace_and_page(void **state)
{
    const struct moor_resource pods = {MOOR_SLICE("pods"), MOOR_SLICE(""), MOOR_SLICE("v1"),
                                       MOOR_SLICE("Pod"), true};
    const struct moor_resource roles = {MOOR_SLICE("clusterroles"), MOOR_SLICE("rbac.x"),
                                        MOOR_SLICE("v1"), MOOR_SLICE("ClusterRole"), false};
    const struct moor_resource_page all = {.limit = 500};
    const struct moor_resource_page one = {.namespace = MOOR_SLICE("shop"), .limit = 2};
    const struct moor_resource_page next = {.limit = 2, .token = MOOR_SLICE("a+b/c=&x")};
    (void)state;
    assert_path(&pods, &all, "/api/v1/pods?limit=500");
    assert_path(&pods, &one, "/api/v1/namespaces/shop/pods?limit=2");
    assert_path(&pods, &next, "/api/v1/pods?limit=2&continue=a%2Bb%2Fc%3D%26x");
    assert_path(&roles, &all, "/apis/rbac.x/v1/clusterroles?limit=500");
    assert_path(&roles, &one, "/apis/rbac.x/v1/clusterroles?limit=2");
}

/* A list, and its token; NULL: it cannot be read. */
struct token_row {
    const char *name;
    const char *list;
    const char *token;
};

static const struct token_row tokens[] = {
    {"last_page", "{\"items\":[],\"metadata\":{\"resourceVersion\":\"1\"}}", ""},
    {"before_and_after_items", "{\"metadata\":{\"continue\":\"abc\"},\"items\":[{}]}", "abc"},
    {"after_items",
     "{\"items\":[{\"metadata\":{\"continue\":\"x\"}}],\"metadata\":{\"continue\":\"y\"}}", "y"},
    {"with_escapes", "{\"metadata\":{\"continue\":\"a\\u003db\"}}", "a=b"},
    {"null", "{\"metadata\":{\"continue\":null}}", ""},
    {"metadata_null", "{\"metadata\":null}", ""},
    {"no_metadata", "{}", ""},
    {"no_object", "[]", ""},
    {"no_json", "{\"metadata\":{\"continue\":", NULL},
};

static void test_token(void **state)
{
    const struct token_row *row = *state;
    struct moor_arena arena;
    struct moor_error err = {0};
    struct moor_slice token = {0};
    moor_arena_init(&arena, 4096);
    int status = moor_resource_token(&token, moor_slice_from(row->list), &arena, &err);
    assert_int_equal(status, row->token != NULL ? 0 : -1);
    assert_slice_equal(token, row->token != NULL ? row->token : "");
    moor_arena_release(&arena);
}

static void namespace__only_what_can_be_one(void **state)
{
    char longest[65];
    (void)state;
    memset(longest, 'a', 64);
    longest[64] = '\0';
    assert_true(moor_resource_is_namespace(MOOR_SLICE("shop-2")));
    assert_true(moor_resource_is_namespace((struct moor_slice){longest, 63}));
    assert_false(moor_resource_is_namespace((struct moor_slice){longest, 64}));
    assert_false(moor_resource_is_namespace(MOOR_SLICE("")));
    assert_false(moor_resource_is_namespace(MOOR_SLICE("a/b")));
    assert_false(moor_resource_is_namespace(MOOR_SLICE("A")));
    assert_false(moor_resource_is_namespace(MOOR_SLICE("a?b")));
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(lines) + MOOR_ARRAY_SIZE(tokens) + 2] = {
        cmocka_unit_test(path__by_group_namespace_and_page),
        cmocka_unit_test(namespace__only_what_can_be_one),
    };
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(lines); i++) {
        tests[2 + i] = test_of_row(lines[i].name, test_line, &lines[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(tokens); i++) {
        tests[2 + MOOR_ARRAY_SIZE(lines) + i] = test_of_row(tokens[i].name, test_token, &tokens[i]);
    }
    return cmocka_run_group_tests_name("scan_resources", tests, NULL, NULL);
}
