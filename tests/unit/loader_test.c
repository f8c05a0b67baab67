/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy that the loader builds: requirements and modes with their inheritance, memory, digest.
 */
#include "tests/unit/loading.h"

#include "policy/base/array_size.h"

/* --- levels and modes, and what they inherit ------------------------------------------------- */

/* The part of the policy whose requirements a row checks. */
enum place {
    ENVIRONMENT,
    CONTAINERS,
    INIT,
    EPHEMERAL,
    VOLUMES,
    UNCHANGED,
    CONTROLLERS
};

struct level_row {
    const char *name;
    const char *environment; /* keys of the one environment */
    const char *controllers; /* keys of `controllers`; NULL: no such key */
    enum place place;
    struct moor_requirements expected;
};

static const struct level_row level_rows[] = {
    {"environment__enforce_only__all_the_same",
     "enforce: build",
     NULL,
     ENVIRONMENT,
     {BUILD, BUILD, BUILD}},
    {"environment__warn_given__audit_as_warn",
     "enforce: any, warn: release",
     NULL,
     ENVIRONMENT,
     {ANY, RELEASE, RELEASE}},
    {"environment__audit_given__warn_as_enforce",
     "enforce: any, audit: digest",
     NULL,
     ENVIRONMENT,
     {ANY, ANY, DIGEST}},
    {"environment__all_given__as_given",
     "enforce: any, warn: build, audit: release",
     NULL,
     ENVIRONMENT,
     {ANY, BUILD, RELEASE}},
    {"environment__ignore__judges_nothing",
     "enforce: ignore",
     NULL,
     ENVIRONMENT,
     {IGNORE, IGNORE, IGNORE}},
    {"environment__key_order__does_not_matter",
     "audit: digest, warn: build, enforce: any",
     NULL,
     ENVIRONMENT,
     {ANY, BUILD, DIGEST}},
    {"containers__always__the_environments",
     "enforce: any, warn: build",
     NULL,
     CONTAINERS,
     {ANY, BUILD, BUILD}},
    {"init__not_given__the_environments",
     "enforce: any, warn: build",
     NULL,
     INIT,
     {ANY, BUILD, BUILD}},
    {"init__enforce_given__rest_the_environments",
     "enforce: any, warn: build, audit: digest, initContainers: {enforce: release}",
     NULL,
     INIT,
     {RELEASE, BUILD, DIGEST}},
    {"init__enforce_above_warn__warn_stays",
     "enforce: any, initContainers: {enforce: build}",
     NULL,
     INIT,
     {BUILD, ANY, ANY}},
    {"init__given__containers_untouched",
     "enforce: any, initContainers: {enforce: build}",
     NULL,
     CONTAINERS,
     {ANY, ANY, ANY}},
    {"ephemeral__warn_given__audit_the_environments",
     "enforce: release, audit: build, ephemeralContainers: {enforce: any, warn: digest}",
     NULL,
     EPHEMERAL,
     {ANY, DIGEST, BUILD}},
    {"volumes__empty__the_environments",
     "enforce: release, imageVolumes: {}",
     NULL,
     VOLUMES,
     {RELEASE, RELEASE, RELEASE}},
    {"volumes__all_given__as_given",
     "enforce: any, imageVolumes: {enforce: build, warn: build, audit: digest}",
     NULL,
     VOLUMES,
     {BUILD, BUILD, DIGEST}},
    {"unchanged__not_given__never_denied",
     "enforce: build, audit: digest",
     NULL,
     UNCHANGED,
     {ANY, BUILD, DIGEST}},
    {"unchanged__environment_ignores__any",
     "enforce: ignore",
     NULL,
     UNCHANGED,
     {ANY, IGNORE, IGNORE}},
    {"unchanged__warn_given__audit_the_environments",
     "enforce: build, audit: digest, unchanged: {warn: ignore}",
     NULL,
     UNCHANGED,
     {ANY, IGNORE, DIGEST}},
    {"unchanged__enforce_given__denied",
     "enforce: release, unchanged: {enforce: release}",
     NULL,
     UNCHANGED,
     {RELEASE, RELEASE, RELEASE}},
    {"unchanged__given__environment_untouched",
     "enforce: release, unchanged: {audit: any}",
     NULL,
     ENVIRONMENT,
     {RELEASE, RELEASE, RELEASE}},
    {"controllers__not_given__recorded",
     "enforce: build",
     NULL,
     CONTROLLERS,
     {ANY, IGNORE, RELEASE}},
    {"controllers__empty__recorded", "enforce: build", "", CONTROLLERS, {ANY, IGNORE, RELEASE}},
    {"controllers__enforce_given__rest_stays",
     "enforce: build",
     "enforce: build",
     CONTROLLERS,
     {BUILD, IGNORE, RELEASE}},
    {"controllers__warn_given__audit_stays",
     "enforce: build",
     "warn: digest",
     CONTROLLERS,
     {ANY, DIGEST, RELEASE}},
    {"controllers__all_given__as_given",
     "enforce: any",
     "enforce: release, warn: build, audit: digest",
     CONTROLLERS,
     {RELEASE, BUILD, DIGEST}},
};

static struct moor_requirements requirements_at(const struct moor_policy *policy, enum place place)
{
    const struct moor_environment *environment = &policy->environments[0];
    const struct moor_requirements requirements[] = {
        [ENVIRONMENT] = environment->requirements,
        [CONTAINERS] = in_field(environment, MOOR_FIELD_CONTAINERS),
        [INIT] = in_field(environment, MOOR_FIELD_INIT_CONTAINERS),
        [EPHEMERAL] = in_field(environment, MOOR_FIELD_EPHEMERAL_CONTAINERS),
        [VOLUMES] = in_field(environment, MOOR_FIELD_IMAGE_VOLUMES),
        [UNCHANGED] = unchanged(environment),
        [CONTROLLERS] = policy->controllers.requirements,
    };
    return requirements[place];
}

static void load__level_row__inherited(void **state)
{
    const struct level_row *row = *state;
    struct moor_buf text;
    moor_buf_init(&text, 4096);
    moor_buf_printf(&text, "version: 1\nenvironments: [{name: e, default: true, %s}]\n",
                    row->environment);
    if (row->controllers != NULL) {
        moor_buf_printf(&text, "controllers: {%s}\n", row->controllers);
    }
    struct moor_policy *policy = load_clean(moor_buf_slice(&text));
    assert_requirements(requirements_at(policy, row->place), row->expected);
    moor_policy_release(policy);
    moor_buf_release(&text);
}

struct mode_row {
    const char *name;
    const char *policy;      /* the policy's line */
    const char *environment; /* the environment's key */
    enum moor_mode policy_mode;
    enum moor_mode environment_mode;
};

static const struct mode_row mode_rows[] = {
    {"mode__not_given__enforce", "", "", MOOR_MODE_ENFORCE, MOOR_MODE_ENFORCE},
    {"mode__policy_only__for_all", "mode: audit\n", "", MOOR_MODE_AUDIT, MOOR_MODE_AUDIT},
    {"mode__environment_only__for_it", "", ", mode: warn", MOOR_MODE_ENFORCE, MOOR_MODE_WARN},
    {"mode__both__its_own", "mode: audit\n", ", mode: enforce", MOOR_MODE_AUDIT, MOOR_MODE_ENFORCE},
};

static void load__mode_row__inherited(void **state)
{
    const struct mode_row *row = *state;
    struct moor_buf text;
    moor_buf_init(&text, 4096);
    moor_buf_printf(&text, "version: 1\nenvironments: [{name: e, default: true, enforce: any%s}]\n",
                    row->environment);
    moor_buf_append_text(&text, row->policy);
    struct moor_policy *policy = load_clean(moor_buf_slice(&text));
    assert_int_equal(policy->mode, row->policy_mode);
    assert_int_equal(policy->environments[0].mode, row->environment_mode);
    moor_policy_release(policy);
    moor_buf_release(&text);
}

/* --- users, memory, digest ------------------------------------------------------------------- */

static void load__users__after_the_built_in_ones(void **state)
{
    (void)state;
    struct moor_policy *policy = load_clean(
        MOOR_SLICE(SMALLEST "controllers: {users: ['system:serviceaccount:argo:*', x]}\n"));
    const struct moor_glob_list *users = &policy->controllers.users;
    assert_int_equal(users->count, 10);
    assert_slice_equal(users->items[8].text, "system:serviceaccount:argo:*");
    assert_slice_equal(users->items[9].text, "x");
    struct moor_matcher *matcher = moor_matcher_new();
    assert_non_null(matcher);
    assert_true(moor_glob_match(&users->items[8], MOOR_SLICE("system:serviceaccount:argo:server"),
                                matcher));
    assert_false(
        moor_glob_match(&users->items[8], MOOR_SLICE("system:serviceaccount:argocd:s"), matcher));
    moor_matcher_free(matcher);
    moor_policy_release(policy);
}

static void load__any_text__independent_of_it(void **state)
{
    (void)state;
    char text[] = "version: 1\nenvironments:\n- {name: e, default: true, namespaces: [a-*, b], "
                  "enforce: any}\n";
    struct moor_policy *policy = load_clean(moor_slice_from(text));
    memset(text, '?', sizeof text);
    assert_slice_equal(policy->environments[0].name, "e");
    assert_slice_equal(policy->environments[0].namespaces.items[0].text, "a-*");
    assert_slice_equal(policy->environments[0].namespaces.items[1].text, "b");
    moor_policy_release(policy);
}

#define LABELS_ONE                                                          \
    "version: 1\nmode: warn\nenvironments:\n- {name: a, enforce: release, " \
    "namespaceLabels: {tier: [x], env: [y]}}\n- {name: b, default: true, enforce: any}\n"

struct digest_row {
    const char *name;
    const char *left;
    const char *right;
    bool is_same;
};

static const struct digest_row digest_rows[] = {
    {"digest__of_comments_and_blank_lines__same", SMALLEST, "# a\n\n" SMALLEST "# b\n", true},
    {"digest__of_another_order_of_keys__same", LABELS_ONE,
     "environments:\n- {namespaceLabels: {env: [y], tier: [x]}, enforce: release, name: a}\n"
     "- {enforce: any, default: true, name: b}\nmode: warn\nversion: 1\n",
     true},
    {"digest__of_block_style_and_quotes__same", LABELS_ONE,
     "version: 1\nmode: 'warn'\nenvironments:\n- name: \"a\"\n  enforce: release\n"
     "  namespaceLabels:\n    tier:\n    - x\n    env:\n    - y\n"
     "- name: b\n  default: true\n  enforce: any\n",
     true},
    {"digest__of_json__same", LABELS_ONE,
     "{\"version\": 1, \"mode\": \"warn\", \"environments\": [{\"name\": \"a\", \"enforce\": "
     "\"release\", \"namespaceLabels\": {\"tier\": [\"x\"], \"env\": [\"y\"]}}, {\"name\": \"b\", "
     "\"default\": true, \"enforce\": \"any\"}]}",
     true},
    {"digest__of_defaults_that_are_written__same",
     "version: 1\nenvironments: [{name: a, default: true, enforce: release}]\n",
     "version: 1\nmode: enforce\nenvironments: [{name: a, default: true, mode: enforce, "
     "enforce: release, warn: release, audit: release}]\n",
     true},
    {"digest__of_another_requirement__differs",
     "version: 1\nenvironments: [{name: a, default: true, enforce: release}]\n",
     "version: 1\nenvironments: [{name: a, default: true, enforce: build}]\n", false},
    {"digest__of_another_mode__differs",
     "version: 1\nmode: warn\nenvironments: [{name: a, default: true, enforce: release}]\n",
     "version: 1\nmode: audit\nenvironments: [{name: a, default: true, enforce: release}]\n",
     false},
    {"digest__of_another_order_of_environments__differs",
     "version: 1\nenvironments: [{name: a, default: true, enforce: any}, {name: b, namespaces: "
     "[x], "
     "enforce: release}]\n",
     "version: 1\nenvironments: [{name: b, namespaces: [x], enforce: release}, {name: a, default: "
     "true, enforce: any}]\n",
     false},
};

static void load__digest_row__as_expected(void **state)
{
    const struct digest_row *row = *state;
    struct moor_policy *left = load_clean(moor_slice_from(row->left));
    struct moor_policy *right = load_clean(moor_slice_from(row->right));
    assert_memory_equal(left->digest, "sha256:", 7);
    assert_int_equal(strlen(left->digest), sizeof left->digest - 1);
    assert_int_equal(strcmp(left->digest, right->digest) == 0, row->is_same);
    moor_policy_release(left);
    moor_policy_release(right);
}

static void load__reports_too_small__still_refused(void **state)
{
    (void)state;
    struct moor_buf diagnostics;
    moor_buf_init(&diagnostics, 4);
    struct moor_policy *policy = NULL;
    assert_int_equal(moor_policy_load(&policy, MOOR_SLICE("x: 1"), "p.yaml", &diagnostics), 3);
    assert_null(policy);
    assert_true(diagnostics.failed);
    moor_buf_release(&diagnostics);
}

static void hold__twice__released_at_the_last(void **state)
{
    (void)state;
    struct moor_policy *policy = load_clean(MOOR_SLICE(SMALLEST));
    assert_ptr_equal(moor_policy_hold(policy), policy);
    moor_policy_release(policy);
    assert_slice_equal(policy->environments[0].name, "e");
    moor_policy_release(policy);
    moor_policy_release(NULL);
}

int main(void)
{
    static const struct CMUnitTest singles[] = {
        cmocka_unit_test(load__users__after_the_built_in_ones),
        cmocka_unit_test(load__any_text__independent_of_it),
        cmocka_unit_test(load__reports_too_small__still_refused),
        cmocka_unit_test(hold__twice__released_at_the_last),
    };
    static struct CMUnitTest tests[MOOR_ARRAY_SIZE(level_rows) + MOOR_ARRAY_SIZE(mode_rows) +
                                   MOOR_ARRAY_SIZE(digest_rows) + MOOR_ARRAY_SIZE(singles)];
    size_t count = 0;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(level_rows); i++) {
        tests[count++] =
            test_of_row(level_rows[i].name, load__level_row__inherited, &level_rows[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(mode_rows); i++) {
        tests[count++] = test_of_row(mode_rows[i].name, load__mode_row__inherited, &mode_rows[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(digest_rows); i++) {
        tests[count++] =
            test_of_row(digest_rows[i].name, load__digest_row__as_expected, &digest_rows[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(singles); i++) {
        tests[count++] = singles[i];
    }
    return _cmocka_run_group_tests("loader", tests, count, NULL, NULL);
}
