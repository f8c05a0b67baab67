/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/file/loader.h"
#include "policy/object/kinds.h"
#include "policy/rules/exemption.h"

#define HEAD "version: 1\nenvironments: [{name: all, default: true, enforce: digest}]\n"

static struct moor_policy *load(const char *exemptions)
{
    struct moor_buf text;
    struct moor_buf diagnostics;
    struct moor_policy *policy = NULL;
    moor_buf_init(&text, (size_t)64 * 1024);
    moor_buf_init(&diagnostics, (size_t)64 * 1024);
    moor_buf_append_text(&text, HEAD "exemptions:\n");
    moor_buf_append_text(&text, exemptions);
    if (moor_policy_load(&policy, moor_buf_slice(&text), "p.yaml", &diagnostics) != 0) {
        print_error("%.*s", MOOR_SLICE_ARGS(moor_buf_slice(&diagnostics)));
    }
    assert_non_null(policy);
    moor_buf_release(&text);
    moor_buf_release(&diagnostics);
    return policy;
}

/* --- workloads of objects -------------------------------------------------------------------- */

struct workload_row {
    const char *name;
    const char *match; /* `match` key of the exemption */
    const char *kind;  /* object's kind */
    const char *object;
    const char *generate_name;
    const char *owner_kind;
    const char *owner_group;
    const char *owner;
    bool is_builtin;
    bool expected;
};

#define RS "ReplicaSet", "apps"

static struct workload_row workload_rows[] = {
    {"select__own_kind_and_name__yes", "{kinds: [Deployment], names: [web]}", "Deployment", "web",
     "", "", "", "", false, true},
    {"select__own_kind_with_group__yes", "{kinds: [Deployment.apps]}", "Deployment", "web", "", "",
     "", "", false, true},
    {"select__kind_of_the_core_group__yes", "{kinds: [Pod]}", "Pod", "web", "", "", "", "", false,
     true},
    {"select__other_kind__no", "{kinds: [Deployment]}", "Pod", "web", "", "", "", "", false, false},
    {"select__stem_of_the_name__yes", "{names: [job]}", "Pod", "job-x7", "job-", "", "", "", false,
     true},
    {"select__stem_before_there_is_a_name__yes", "{names: [job]}", "Pod", "", "job-", "", "", "",
     false, true},
    {"select__stem_of_another_name__no", "{names: [job]}", "Pod", "other", "job-", "", "", "",
     false, false},
    {"select__full_name_beside_its_stem__yes", "{names: [job-x7]}", "Pod", "job-x7", "job-", "", "",
     "", false, true},
    {"select__stem_of_hyphens__no", "{names: ['?*']}", "Pod", "", "---", "", "", "", false, false},
    {"select__deployment_of_a_pod__yes", "{kinds: [Deployment.apps], names: [web]}", "Pod", "p", "",
     RS, "web-7d4b9c6f5d", true, true},
    {"select__deployment_of_a_pod_of_no_controller__no", "{kinds: [Deployment.apps], names: [web]}",
     "Pod", "p", "", RS, "web-7d4b9c6f5d", false, false},
    {"select__replicaset_of_a_pod__yes", "{kinds: [ReplicaSet], names: [web-7d4b9c6f5d]}", "Pod",
     "p", "", RS, "web-7d4b9c6f5d", true, true},
    {"select__kind_of_one_and_name_of_the_other__no",
     "{kinds: [Deployment], names: [web-7d4b9c6f5d]}", "Pod", "p", "", RS, "web-7d4b9c6f5d", true,
     false},
    {"select__shortest_hash__yes", "{kinds: [Deployment], names: [web]}", "Pod", "p", "", RS,
     "web-7d4b9", true, true},
    {"select__too_short_for_a_hash__no", "{kinds: [Deployment], names: [web]}", "Pod", "p", "", RS,
     "web-7d4b", true, false},
    {"select__longest_hash__yes", "{kinds: [Deployment], names: [web]}", "Pod", "p", "", RS,
     "web-7d4b9c6f5d", true, true},
    {"select__too_long_for_a_hash__no", "{kinds: [Deployment], names: [web]}", "Pod", "p", "", RS,
     "web-7d4b9c6f5dd", true, false},
    {"select__vowel_in_a_hash__no", "{kinds: [Deployment], names: [web]}", "Pod", "p", "", RS,
     "web-gateway", true, false},
    {"select__nothing_before_the_hash__no", "{kinds: [Deployment]}", "Pod", "p", "", RS,
     "-7d4b9c6f5d", true, false},
    {"select__cronjob_of_a_pod__yes", "{kinds: [CronJob.batch], names: [backup]}", "Pod", "p", "",
     "Job", "batch", "backup-29921561", true, true},
    {"select__job_with_other_suffix__no", "{kinds: [CronJob.batch]}", "Pod", "p", "", "Job",
     "batch", "backup-1a", true, false},
    {"select__job_of_a_pod__yes", "{kinds: [Job], names: [migrate]}", "Pod", "p", "", "Job",
     "batch", "migrate", true, true},
    {"select__own_kind_of_a_controllers_pod__no", "{kinds: [Pod]}", "Pod", "p", "", RS, "web", true,
     false},
    {"select__controllers_pod_without_owner__its_own_kind", "{kinds: [Pod]}", "Pod", "p", "", "",
     "", "", true, true},
    {"select__owner_of_another_group__no", "{kinds: [DaemonSet.apps]}", "Pod", "p", "", "DaemonSet",
     "apps.kruise.io", "agent", true, false},
};

static void select__workload_row__answer(void **state)
{
    const struct workload_row *row = *state;
    struct moor_buf text;
    moor_buf_init(&text, 4096);
    moor_buf_printf(&text, "- {name: it, reason: long enough, permanent: true, match: %s}%c",
                    row->match, '\0');
    struct moor_policy *policy = load(text.ptr);
    struct moor_arena arena;
    moor_arena_init(&arena, 65536);
    struct moor_matcher *matcher = moor_matcher_new();
    assert_non_null(matcher);
    struct moor_request request = {
        .name = moor_slice_from(row->object),
        .holds = moor_kind_find(strcmp(row->kind, "Pod") == 0 ? MOOR_SLICE("") : MOOR_SLICE("apps"),
                                (struct moor_slice){0}, moor_slice_from(row->kind)),
        .object = {.generate_name = moor_slice_from(row->generate_name),
                   .owner_kind = moor_slice_from(row->owner_kind),
                   .owner_group = moor_slice_from(row->owner_group),
                   .owner_name = moor_slice_from(row->owner)},
    };
    assert_non_null(request.holds);
    struct moor_exemption_list list;
    const struct moor_exemption_case asked = {.request = &request,
                                              .environment = MOOR_SLICE("all"),
                                              .is_builtin_controller = row->is_builtin};
    assert_int_equal(moor_exemption_select(&list, policy, &asked, &arena, matcher, NULL), 0);
    assert_int_equal(list.count, row->expected ? 1 : 0);
    moor_matcher_free(matcher);
    moor_arena_release(&arena);
    moor_policy_release(policy);
    moor_buf_release(&text);
}

/* --- kinds --------------------------------------------------------------------------------------
 */

static void kind_matches__long_names__no_overflow(void **state)
{
    (void)state;
    char text[1024];
    memset(text, 'a', sizeof text);
    struct moor_matcher *matcher = moor_matcher_new();
    struct moor_glob glob;
    const struct moor_glob_list globs = {&glob, 1};
    assert_non_null(matcher);
    assert_int_equal(moor_glob_compile(&glob, MOOR_SLICE("*.a*"), NULL), 0);
    for (size_t kind = 1; kind < sizeof text; kind += 85) {
        for (size_t group = 1; group < sizeof text; group += 85) {
            bool fits = kind + 1 + group <= 512;
            assert_int_equal(moor_exemption_kind_matches(&globs, (struct moor_slice){text, kind},
                                                         (struct moor_slice){text, group}, matcher),
                             fits);
        }
    }
    moor_glob_release(&glob);
    moor_matcher_free(matcher);
}

/* --- levels, time -------------------------------------------------------------------------------
 */

static void lower__enforce_and_warn__not_audit(void **state)
{
    (void)state;
    const struct moor_exemption exemption = {.enforce = MOOR_REQUIREMENT_RELEASE};
    struct moor_requirements requirements = {MOOR_REQUIREMENT_DIGEST, MOOR_REQUIREMENT_BUILD,
                                             MOOR_REQUIREMENT_BUILD};
    requirements = moor_exemption_lower(requirements, &exemption, true);
    assert_int_equal(requirements.enforce, MOOR_REQUIREMENT_RELEASE);
    assert_int_equal(requirements.warn, MOOR_REQUIREMENT_RELEASE);
    assert_int_equal(requirements.audit, MOOR_REQUIREMENT_BUILD);
}

static void lower__less_is_asked_already__as_before(void **state)
{
    (void)state;
    const struct moor_exemption exemption = {.enforce = MOOR_REQUIREMENT_BUILD};
    struct moor_requirements requirements = {MOOR_REQUIREMENT_ANY, MOOR_REQUIREMENT_RELEASE,
                                             MOOR_REQUIREMENT_DIGEST};
    requirements = moor_exemption_lower(requirements, &exemption, true);
    assert_int_equal(requirements.enforce, MOOR_REQUIREMENT_ANY);
    assert_int_equal(requirements.warn, MOOR_REQUIREMENT_RELEASE);
}

static void lower__no_reference__nothing_but_a_record(void **state)
{
    (void)state;
    const struct moor_exemption exemption = {.enforce = MOOR_REQUIREMENT_BUILD};
    struct moor_requirements requirements = {MOOR_REQUIREMENT_DIGEST, MOOR_REQUIREMENT_DIGEST,
                                             MOOR_REQUIREMENT_DIGEST};
    requirements = moor_exemption_lower(requirements, &exemption, false);
    assert_int_equal(requirements.enforce, MOOR_REQUIREMENT_IGNORE);
    assert_int_equal(requirements.warn, MOOR_REQUIREMENT_IGNORE);
    assert_int_equal(requirements.audit, MOOR_REQUIREMENT_DIGEST);
}

static void is_over__from_its_end_on(void **state)
{
    (void)state;
    const struct moor_exemption exemption = {.expires = 1000};
    const struct moor_exemption permanent = {.is_permanent = true};
    assert_false(moor_exemption_is_over(&exemption, 999));
    assert_true(moor_exemption_is_over(&exemption, 1000));
    assert_false(moor_exemption_is_over(&permanent, INT64_MAX));
}

static void needs_notice__two_weeks_before_its_end(void **state)
{
    (void)state;
    const struct moor_exemption exemption = {.expires = INT64_C(100) * 86400};
    const struct moor_exemption permanent = {.is_permanent = true};
    assert_false(moor_exemption_needs_notice(&exemption, INT64_C(86) * 86400 - 1));
    assert_true(moor_exemption_needs_notice(&exemption, INT64_C(86) * 86400));
    assert_false(moor_exemption_needs_notice(&permanent, INT64_MAX));
}

static void append_over__those_that_are__with_their_place(void **state)
{
    (void)state;
    struct moor_policy *policy =
        load("- {name: past, reason: long enough, expires: 2001-01-01, match: {names: [a]}}\n"
             "- {name: later, reason: long enough, expires: 2031-01-01, match: {names: [a]}}\n"
             "- {name: ever, reason: long enough, permanent: true, match: {names: [a]}}\n");
    struct moor_buf text;
    moor_buf_init(&text, 4096);
    moor_exemption_append_over(&text, policy, "p.yaml", INT64_C(1700000000));
    assert_slice_equal(moor_buf_slice(&text),
                       "p.yaml:4:46: warning: exemption 'past' has expired and has no effect: "
                       "remove it, or extend 'expires'\n");
    moor_buf_release(&text);
    moor_policy_release(policy);
}

/* --- limits --------------------------------------------------------------------------------------
 */

static void select__arena_full__memory_error(void **state)
{
    (void)state;
    struct moor_policy *policy =
        load("- {name: a, reason: long enough, permanent: true, match: {names: [a]}}\n");
    struct moor_arena arena;
    struct moor_error err = {0};
    struct moor_exemption_list list;
    struct moor_matcher *matcher = moor_matcher_new();
    moor_arena_init(&arena, 1);
    assert_non_null(matcher);
    const struct moor_request request = {
        .holds = moor_kind_find(MOOR_SLICE(""), MOOR_SLICE("pods"), (struct moor_slice){0})};
    const struct moor_exemption_case asked = {.request = &request};
    assert_int_equal(moor_exemption_select(&list, policy, &asked, &arena, matcher, &err), -1);
    assert_int_equal(err.code, MOOR_ERROR_MEMORY);
    moor_matcher_free(matcher);
    moor_arena_release(&arena);
    moor_policy_release(policy);
}

#define FIXED_TESTS 8

int main(void)
{
    struct CMUnitTest tests[FIXED_TESTS + MOOR_ARRAY_SIZE(workload_rows)] = {
        cmocka_unit_test(kind_matches__long_names__no_overflow),
        cmocka_unit_test(lower__enforce_and_warn__not_audit),
        cmocka_unit_test(lower__less_is_asked_already__as_before),
        cmocka_unit_test(lower__no_reference__nothing_but_a_record),
        cmocka_unit_test(is_over__from_its_end_on),
        cmocka_unit_test(needs_notice__two_weeks_before_its_end),
        cmocka_unit_test(append_over__those_that_are__with_their_place),
        cmocka_unit_test(select__arena_full__memory_error),
    };
    size_t count = FIXED_TESTS;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(workload_rows); i++) {
        tests[count++] = (struct CMUnitTest){workload_rows[i].name, select__workload_row__answer,
                                             NULL, NULL, &workload_rows[i]};
    }
    return cmocka_run_group_tests_name("exemption", tests, NULL, NULL);
}
