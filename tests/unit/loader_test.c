/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/file/default.h"
#include "policy/file/loader.h"
#include "policy/rules/requirements.h"

#define IGNORE  MOOR_REQUIREMENT_IGNORE
#define ANY     MOOR_REQUIREMENT_ANY
#define RELEASE MOOR_REQUIREMENT_RELEASE
#define BUILD   MOOR_REQUIREMENT_BUILD
#define DIGEST  MOOR_REQUIREMENT_DIGEST

static size_t load(struct moor_policy **out, struct moor_slice text, struct moor_buf *diagnostics)
{
    moor_buf_init(diagnostics, (size_t)64 * 1024);
    return moor_policy_load(out, text, "p.yaml", diagnostics);
}

/* Loads what must load without a word. */
static struct moor_policy *load_clean(struct moor_slice text)
{
    struct moor_policy *policy = NULL;
    struct moor_buf diagnostics;
    size_t errors = load(&policy, text, &diagnostics);
    if (errors != 0 || diagnostics.len != 0) {
        print_error("%.*s", MOOR_SLICE_ARGS(moor_buf_slice(&diagnostics)));
    }
    assert_int_equal(errors, 0);
    assert_int_equal(diagnostics.len, 0);
    assert_non_null(policy);
    moor_buf_release(&diagnostics);
    return policy;
}

/* Loads what must be refused with exactly this. */
static void assert_refused(struct moor_slice text, const char *expected)
{
    struct moor_policy *policy = NULL;
    struct moor_buf diagnostics;
    assert_int_equal(load(&policy, text, &diagnostics), 1);
    assert_slice_equal(moor_buf_slice(&diagnostics), expected);
    assert_null(policy);
    moor_buf_release(&diagnostics);
}

static void assert_globs(const struct moor_glob_list *list, const char *const *texts, size_t count)
{
    assert_int_equal(list->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(moor_slice_is(list->items[i].text, texts[i]));
    }
}

static void assert_requirements(struct moor_requirements requirements,
                                struct moor_requirements expected)
{
    assert_string_equal(moor_requirement_name(requirements.enforce),
                        moor_requirement_name(expected.enforce));
    assert_string_equal(moor_requirement_name(requirements.warn),
                        moor_requirement_name(expected.warn));
    assert_string_equal(moor_requirement_name(requirements.audit),
                        moor_requirement_name(expected.audit));
}

static struct moor_requirements in_field(const struct moor_environment *environment,
                                         enum moor_field field)
{
    return moor_requirements_overlay(environment->requirements, &environment->fields[field]);
}

static struct moor_requirements unchanged(const struct moor_environment *environment)
{
    return moor_requirements_overlay(environment->requirements, &environment->unchanged);
}

/* --- the default policy ----------------------------------------------------------------------- */

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

/* --- inheritance ------------------------------------------------------------------------------ */

/* Where the levels to look at are. */
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

static struct level_row level_rows[] = {
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

static struct mode_row mode_rows[] = {
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

/* --- the rest --------------------------------------------------------------------------------- */

#define SMALLEST "version: 1\nenvironments:\n- {name: e, default: true, enforce: any}\n"

static void load__users__behind_the_built_in_ones(void **state)
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

static void load__smallest__digest_of_the_bytes(void **state)
{
    (void)state;
    struct moor_policy *policy = load_clean(MOOR_SLICE(SMALLEST));
    assert_string_equal(policy->digest,
                        "sha256:9b465fe8014eb766d6dd832814b301b1faebad204ef863ab91cbc479e6ccd807");
    moor_policy_release(policy);
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

/* --- limits ----------------------------------------------------------------------------------- */

/* The smallest policy with a comment behind, `size` bytes in all. */
static struct moor_slice padded(char *text, size_t size)
{
    memset(text, 'x', size);
    memcpy(text, SMALLEST "#", sizeof SMALLEST);
    return (struct moor_slice){text, size};
}

static void limit__one_mebibyte__loaded_and_a_byte_more_refused(void **state)
{
    (void)state;
    char *text = malloc(MOOR_LOADER_MAX_BYTES + 1);
    assert_non_null(text);
    moor_policy_release(load_clean(padded(text, MOOR_LOADER_MAX_BYTES)));
    assert_refused(padded(text, MOOR_LOADER_MAX_BYTES + 1),
                   "p.yaml:1:1: 1048577 bytes, more than 1 MiB: this is no policy\n");
    free(text);
}

static struct moor_slice nested(struct moor_buf *buf, size_t depth)
{
    moor_buf_clear(buf);
    for (size_t i = 0; i < depth; i++) {
        moor_buf_append_byte(buf, '[');
    }
    for (size_t i = 0; i < depth; i++) {
        moor_buf_append_byte(buf, ']');
    }
    return moor_buf_slice(buf);
}

static void limit__depth_32__read_and_33_refused(void **state)
{
    (void)state;
    struct moor_buf text;
    moor_buf_init(&text, 1024);
    assert_refused(nested(&text, 32),
                   "p.yaml:1:1: a policy must be a mapping of keys, not a list\n");
    assert_refused(nested(&text, 33), "p.yaml:1:33: nested deeper than 32 levels\n");
    moor_buf_release(&text);
}

/* A list and its items: `count` nodes. */
static struct moor_slice many(struct moor_buf *buf, size_t count)
{
    moor_buf_clear(buf);
    for (size_t i = 1; i < count; i++) {
        moor_buf_append_text(buf, "- a\n");
    }
    return moor_buf_slice(buf);
}

static void limit__65536_nodes__read_and_one_more_refused(void **state)
{
    (void)state;
    struct moor_buf text;
    moor_buf_init(&text, MOOR_LOADER_MAX_BYTES);
    assert_refused(many(&text, 65536),
                   "p.yaml:1:1: a policy must be a mapping of keys, not a list\n");
    assert_refused(many(&text, 65537),
                   "p.yaml:65536:3: more than 65,536 keys and values: this is no policy\n");
    moor_buf_release(&text);
}

/*
 * Environments of 256 globs each, then one whose 256 names are tried on all of them; only the last
 * glob takes a name, the last one.
 */
static size_t load_crowd(unsigned environments, struct moor_buf *diagnostics)
{
    struct moor_buf text;
    moor_buf_init(&text, MOOR_LOADER_MAX_BYTES);
    moor_buf_append_text(&text, "version: 1\nenvironments:\n");
    for (unsigned i = 0; i < environments; i++) {
        moor_buf_printf(&text, "- name: e%u\n  enforce: any\n  namespaces:\n", i);
        for (unsigned j = 1; j < 256; j++) {
            moor_buf_printf(&text, "  - a%u-%u-*\n", i, j);
        }
        moor_buf_printf(&text, "  - %c%u-*\n", i + 1 == environments ? 'z' : 'y', i);
    }
    moor_buf_append_text(&text, "- name: names\n  default: true\n  enforce: any\n  namespaces:\n");
    for (unsigned j = 1; j < 256; j++) {
        moor_buf_printf(&text, "  - n%u\n", j);
    }
    moor_buf_printf(&text, "  - z%u-name\n", environments - 1);
    struct moor_policy *policy = NULL;
    size_t errors = load(&policy, moor_buf_slice(&text), diagnostics);
    moor_policy_release(policy);
    moor_buf_release(&text);
    return errors;
}

static void limit__half_a_million_tries__warned_and_no_more_behind(void **state)
{
    (void)state;
    struct moor_buf diagnostics;
    assert_int_equal(load_crowd(7, &diagnostics), 0);
    assert_non_null(memmem(diagnostics.ptr, diagnostics.len, "'z6-name' has no effect",
                           strlen("'z6-name' has no effect")));
    moor_buf_release(&diagnostics);
    assert_int_equal(load_crowd(8, &diagnostics), 0);
    assert_slice_equal(moor_buf_slice(&diagnostics), "");
    moor_buf_release(&diagnostics);
}

#define FIXED_TESTS 14

int main(void)
{
    struct CMUnitTest
        tests[FIXED_TESTS + MOOR_ARRAY_SIZE(level_rows) + MOOR_ARRAY_SIZE(mode_rows)] = {
            cmocka_unit_test(default__text__whole_file),
            cmocka_unit_test(default__top__as_written),
            cmocka_unit_test(default__development__any_with_warnings),
            cmocka_unit_test(default__production__release),
            cmocka_unit_test(default__controllers__built_in_and_recorded),
            cmocka_unit_test(load__users__behind_the_built_in_ones),
            cmocka_unit_test(load__any_text__independent_of_it),
            cmocka_unit_test(load__smallest__digest_of_the_bytes),
            cmocka_unit_test(load__reports_too_small__still_refused),
            cmocka_unit_test(hold__twice__released_at_the_last),
            cmocka_unit_test(limit__one_mebibyte__loaded_and_a_byte_more_refused),
            cmocka_unit_test(limit__depth_32__read_and_33_refused),
            cmocka_unit_test(limit__65536_nodes__read_and_one_more_refused),
            cmocka_unit_test(limit__half_a_million_tries__warned_and_no_more_behind),
        };
    size_t count = FIXED_TESTS;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(level_rows); i++) {
        tests[count++] = (struct CMUnitTest){level_rows[i].name, load__level_row__inherited, NULL,
                                             NULL, &level_rows[i]};
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(mode_rows); i++) {
        tests[count++] = (struct CMUnitTest){mode_rows[i].name, load__mode_row__inherited, NULL,
                                             NULL, &mode_rows[i]};
    }
    return cmocka_run_group_tests_name("loader", tests, NULL, NULL);
}
