/* SPDX-License-Identifier: Apache-2.0 */
/* Custom resources and placeholders, from the policy file to the verdict. */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/file/default.h"
#include "policy/file/loader.h"
#include "policy/file/show.h"
#include "policy/object/kinds.h"
#include "webhook/admission/review.h"

#define HEAD "version: 1\nenvironments:\n- {name: production, default: true, enforce: release}\n"

static struct moor_policy *load(struct moor_slice text)
{
    struct moor_policy *policy = NULL;
    struct moor_buf diagnostics;
    moor_buf_init(&diagnostics, (size_t)64 * 1024);
    size_t errors = moor_policy_load(&policy, text, "policy", &diagnostics);
    assert_slice_equal(moor_buf_slice(&diagnostics), "");
    assert_int_equal(errors, 0);
    moor_buf_release(&diagnostics);
    return policy;
}

static struct moor_policy *load_default(void)
{
    return load(moor_policy_default_text());
}

/* --- kinds ------------------------------------------------------------------------------------ */

struct kind_row {
    const char *name;
    const char *group;
    const char *resource;
    const char *kind;
    const char *found; /* its resource; NULL: none */
    bool is_custom;
};

static const struct kind_row kind_rows[] = {
    {"find_kind__deployment__of_kubernetes", "apps", "", "Deployment", "deployments", false},
    {"find_kind__pods_by_resource__of_kubernetes", "", "pods", "", "pods", false},
    {"find_kind__rollout__well_known", "argoproj.io", "", "Rollout", "rollouts", true},
    {"find_kind__rollouts_by_resource__well_known", "argoproj.io", "rollouts", "", "rollouts",
     true},
    {"find_kind__scale_of_rollouts__by_resource", "argoproj.io", "rollouts", "Scale", "rollouts",
     true},
    {"find_kind__stateful_set_of_kruise__not_that_of_kubernetes", "apps.kruise.io", "",
     "StatefulSet", "statefulsets", true},
    {"find_kind__service_of_knative__well_known", "serving.knative.dev", "", "Service", "services",
     true},
    {"find_kind__service_of_kubernetes__none", "", "services", "Service", NULL, false},
    {"find_kind__rollout_of_other_group__none", "example.com", "rollouts", "Rollout", NULL, false},
    {"find_kind__other_kind_of_the_group__none", "argoproj.io", "applications", "Application", NULL,
     false},
};

static void find_as_listed(void **state)
{
    const struct kind_row *row = *state;
    struct moor_policy *policy = load_default();
    const struct moor_kind *kind =
        moor_policy_find_kind(policy, moor_slice_from(row->group), moor_slice_from(row->resource),
                              moor_slice_from(row->kind));
    assert_int_equal(kind != NULL, row->found != NULL);
    assert_int_equal(kind != NULL && kind->is_custom, row->is_custom);
    assert_slice_equal(kind != NULL ? kind->resource : MOOR_SLICE(""),
                       row->found != NULL ? row->found : "");
    moor_policy_release(policy);
}

static void load__entry_for_well_known__replaces_it(void **state)
{
    (void)state;
    struct moor_policy *usual = load_default();
    struct moor_policy *policy = load(MOOR_SLICE(HEAD "customResources:\n"
                                                      "- resource: rollouts.argoproj.io\n"
                                                      "  kind: Rollout\n"
                                                      "  images: [spec.image]\n"
                                                      "- resource: widgets.example.com\n"
                                                      "  kind: Widget\n"
                                                      "  podSpecs: [spec]\n"));
    assert_int_equal(policy->custom_resource_count, usual->custom_resource_count + 1);
    assert_slice_equal(policy->custom_resources[0].kind.resource, "rollouts");
    assert_slice_equal(policy->custom_resources[0].kind.group, "argoproj.io");
    assert_int_equal(policy->custom_resources[0].pod_specs.count, 0);
    assert_slice_equal(policy->custom_resources[0].images.items[0], "spec.image");
    assert_ptr_equal(moor_policy_find_kind(policy, MOOR_SLICE("argoproj.io"), MOOR_SLICE(""),
                                           MOOR_SLICE("Rollout")),
                     &policy->custom_resources[0].kind);
    assert_non_null(moor_policy_find_kind(policy, MOOR_SLICE("example.com"), MOOR_SLICE("widgets"),
                                          MOOR_SLICE("")));
    moor_policy_release(policy);
    moor_policy_release(usual);
}

/* `show` prints a policy that has the same effect. */
static void show__loaded_again__shows_the_same(void **state)
{
    (void)state;
    struct moor_policy *policy =
        load(MOOR_SLICE(HEAD "customResources:\n"
                             "- resource: widgets.example.com\n"
                             "  kind: Widget\n"
                             "  podSpecs: [spec, \"a[*].*.b\"]\n"
                             "  images: [spec.image]\n"
                             "placeholders: [\"a\\\\b\", \"{{x}}\", '-', '~']\n"));
    struct moor_buf first;
    struct moor_buf second;
    struct moor_buf whole;
    moor_buf_init(&first, (size_t)256 * 1024);
    moor_buf_init(&second, (size_t)256 * 1024);
    moor_buf_init(&whole, (size_t)256 * 1024);
    moor_policy_show_resources(&first, policy);
    moor_buf_append_text(&whole, HEAD);
    moor_buf_append(&whole, moor_buf_slice(&first));
    struct moor_policy *again = load(moor_buf_slice(&whole));
    moor_policy_show_resources(&second, again);
    assert_int_equal(moor_buf_check(&first, NULL), 0);
    assert_true(moor_slice_equal(moor_buf_slice(&first), moor_buf_slice(&second)));
    assert_int_equal(again->custom_resource_count, policy->custom_resource_count);
    moor_policy_release(again);
    moor_policy_release(policy);
    moor_buf_release(&first);
    moor_buf_release(&second);
    moor_buf_release(&whole);
}

/* --- placeholders ----------------------------------------------------------------------------- */

struct image_row {
    const char *name;
    const char *kind; /* group/version, resource and kind of the request */
    const char *image;
    enum moor_class class;
    enum moor_decision decision;
    bool is_skipped;
};

#define POD_OF     "{\"group\":\"\",\"kind\":\"Pod\"}"
#define JOB_OF     "{\"group\":\"batch\",\"kind\":\"Job\"}"
#define ROLLOUT_OF "{\"group\":\"argoproj.io\",\"kind\":\"Rollout\"}"

#define HELD       MOOR_CLASS_PLACEHOLDER, MOOR_DECISION_ALLOW, true
#define LEFT_OVER  MOOR_CLASS_PLACEHOLDER, MOOR_DECISION_DENY, false
#define WRONG      MOOR_CLASS_INVALID, MOOR_DECISION_DENY, false
#define NO_TAG     MOOR_CLASS_UNTAGGED, MOOR_DECISION_DENY, false

static const struct image_row image_rows[] = {
    {"judge__auto_in_pod__left_over", POD_OF, "auto", LEFT_OVER},
    {"judge__auto_in_job__placeholder", JOB_OF, "auto", HELD},
    {"judge__auto_in_rollout__placeholder", ROLLOUT_OF, "auto", HELD},
    {"judge__auto_in_capitals__judged", JOB_OF, "AUTO", WRONG},
    {"judge__more_than_auto__judged", JOB_OF, "autos", NO_TAG},
    {"judge__less_than_auto__judged", JOB_OF, "aut", NO_TAG},
    {"judge__braces_in_pod__judged", POD_OF, "{{image}}", WRONG},
    {"judge__parentheses_in_pod__judged", POD_OF, "a:$(tag)", WRONG},
    {"judge__braces_in_job__judged", JOB_OF, "{{image}}", WRONG},
    {"judge__braces_in_rollout__placeholder", ROLLOUT_OF, "{{image}}", HELD},
    {"judge__braces_in_tag__placeholder", ROLLOUT_OF, "a/b:{{ tag }}-x", HELD},
    {"judge__empty_braces__placeholder", ROLLOUT_OF, "{{}}", HELD},
    {"judge__braces_overlap__judged", ROLLOUT_OF, "a:{{}", WRONG},
    {"judge__braces_closed_before_open__judged", ROLLOUT_OF, "}}{{", WRONG},
    {"judge__single_braces__judged", ROLLOUT_OF, "a:{tag}", WRONG},
    {"judge__parentheses_in_job__judged", JOB_OF, "a:$(tag)", WRONG},
    {"judge__parentheses_in_rollout__placeholder", ROLLOUT_OF, "a:$(params.tag)", HELD},
    {"judge__parentheses_not_closed__judged", ROLLOUT_OF, "a:$(tag", WRONG},
    {"judge__parentheses_without_dollar__judged", ROLLOUT_OF, "a:(tag)", WRONG},
    {"judge__pairs_crossed__judged", ROLLOUT_OF, "a:{{tag)", WRONG},
    {"judge__blank_in_rollout__skipped", ROLLOUT_OF, "  ", MOOR_CLASS_INVALID, MOOR_DECISION_ALLOW,
     true},
    {"judge__rolling_in_rollout__denied", ROLLOUT_OF, "a:latest", MOOR_CLASS_CHANNEL,
     MOOR_DECISION_DENY, false},
    {"judge__release_in_rollout__passed", ROLLOUT_OF, "a:1.2.3", MOOR_CLASS_VERSION,
     MOOR_DECISION_ALLOW, false},
};

static void judge_as_listed(void **state)
{
    const struct image_row *row = *state;
    struct moor_policy *policy = load(MOOR_SLICE(HEAD));
    struct moor_review review;
    struct moor_buf body;
    assert_int_equal(moor_review_init(&review, NULL), 0);
    moor_buf_init(&body, 4096);
    moor_buf_printf(&body,
                    "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\","
                    "\"request\":{\"uid\":\"u\",\"kind\":%s,\"operation\":\"CREATE\",\"object\":{"
                    "\"spec\":{\"containers\":[{\"image\":\"%s\"}],\"template\":{\"spec\":{"
                    "\"containers\":[{\"image\":\"%s\"}]}}}}}}",
                    row->kind, row->image, row->image);
    moor_review_answer(&review, policy, MOOR_SLICE(""), moor_buf_slice(&body), 0);
    assert_int_equal(review.status, 200);
    assert_int_equal(review.verdict.image_count, 1);
    assert_int_equal(review.verdict.images[0].class, row->class);
    assert_int_equal(review.verdict.images[0].decision, row->decision);
    assert_int_equal(review.verdict.images[0].is_skipped, row->is_skipped);
    assert_int_equal(review.verdict.counts[row->decision], row->is_skipped ? 0 : 1);
    moor_buf_release(&body);
    moor_review_release(&review);
    moor_policy_release(policy);
}

static void load__placeholders__replace_the_usual(void **state)
{
    (void)state;
    struct moor_policy *policy = load(MOOR_SLICE(HEAD "placeholders: [a, \"-\"]\n"));
    assert_int_equal(policy->placeholder_count, 2);
    assert_slice_equal(policy->placeholders[0], "a");
    assert_slice_equal(policy->placeholders[1], "-");
    moor_policy_release(policy);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(load__entry_for_well_known__replaces_it),
        cmocka_unit_test(show__loaded_again__shows_the_same),
        cmocka_unit_test(load__placeholders__replace_the_usual),
    };
    static struct CMUnitTest
        tests[MOOR_ARRAY_SIZE(kind_rows) + MOOR_ARRAY_SIZE(image_rows) + MOOR_ARRAY_SIZE(others)];
    size_t count = 0;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(kind_rows); i++) {
        tests[count++] = test_of_row(kind_rows[i].name, find_as_listed, &kind_rows[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(image_rows); i++) {
        tests[count++] = test_of_row(image_rows[i].name, judge_as_listed, &image_rows[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(others); i++) {
        tests[count++] = others[i];
    }
    return _cmocka_run_group_tests("resources", tests, count, NULL, NULL);
}
