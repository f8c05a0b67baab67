/* SPDX-License-Identifier: Apache-2.0 */
/* The results of a scan, with one policy and compared with another. */
#include "tests/unit/test.h"

#include <jansson.h>

#include "cmd/scan/groups.h"
#include "cmd/scan/results.h"
#include "cmd/scan/results_text.h"
#include "cmd/scan/results_values.h"
#include "policy/base/array_size.h"

#include <stdio.h>

#define NOT   MOOR_DECISION_ALLOW
#define AUDIT MOOR_DECISION_AUDIT
#define WARN  MOOR_DECISION_WARN
#define DENY  MOOR_DECISION_DENY

/* --- one image -------------------------------------------------------------------------------- */

static const struct image_row {
    const char *name;
    enum moor_decision now[MOOR_SCAN_WHEN_COUNT];
    enum moor_decision before[MOOR_SCAN_WHEN_COUNT];
    bool compares;
    bool is_result;
    enum moor_decision worst;
} image_rows[] = {
    {"image__allowed__no_result", {NOT, NOT, NOT}, {0}, false, false, AUDIT},
    {"image__audited__no_result", {NOT, AUDIT, NOT}, {0}, false, false, AUDIT},
    {"image__warned_once__result", {NOT, WARN, NOT}, {0}, false, true, WARN},
    {"image__denied_beside_warned__denied", {WARN, NOT, DENY}, {0}, false, true, DENY},
    {"compare__same__no_result", {DENY, WARN, NOT}, {DENY, WARN, NOT}, true, false, AUDIT},
    {"compare__worse__result", {NOT, DENY, NOT}, {NOT, WARN, NOT}, true, true, DENY},
    {"compare__milder__result_of_no_weight", {NOT, NOT, WARN}, {NOT, NOT, DENY}, true, true, AUDIT},
    {"compare__audited_or_not__no_result", {AUDIT, NOT, NOT}, {NOT, NOT, NOT}, true, false, AUDIT},
};

static void image__row(void **state)
{
    const struct image_row *row = *state;
    const struct moor_results results = {.compares = row->compares};
    struct moor_workload_image image = {0};
    memcpy(image.decisions[0].at, row->now, sizeof row->now);
    memcpy(image.decisions[1].at, row->before, sizeof row->before);
    assert_int_equal(moor_results_has(&results, &image), row->is_result);
    if (row->is_result) {
        assert_int_equal(moor_results_worst(&results, &image), row->worst);
    }
}

static void happens__by_pods_sight_and_field(void **state)
{
    const struct moor_workload seen = {.is_seen = true};
    const struct moor_workload with_pods = {.pods = 1, .remade = 1};
    const struct moor_workload bare_pod = {.pods = 1, .is_seen = true};
    const struct moor_workload_image image = {.field = MOOR_FIELD_CONTAINERS};
    const struct moor_workload_image debug = {.field = MOOR_FIELD_EPHEMERAL_CONTAINERS};
    struct moor_workload_image denied = {.field = MOOR_FIELD_CONTAINERS};
    (void)state;
    denied.decisions[0].at[MOOR_SCAN_EVICTION] = MOOR_DECISION_DENY;
    assert_true(moor_results_happens(&seen, &image, MOOR_SCAN_CHANGE));
    assert_false(moor_results_happens(&seen, &image, MOOR_SCAN_EVICTION));
    assert_true(moor_results_happens(&seen, &denied, MOOR_SCAN_EVICTION));
    assert_false(moor_results_happens(&with_pods, &image, MOOR_SCAN_RECREATION));
    assert_true(moor_results_happens(&with_pods, &image, MOOR_SCAN_EVICTION));
    assert_false(moor_results_happens(&bare_pod, &image, MOOR_SCAN_EVICTION));
    assert_true(moor_results_happens(&seen, &debug, MOOR_SCAN_CHANGE));
    assert_false(moor_results_happens(&seen, &debug, MOOR_SCAN_RECREATION));
}

/* --- all of them ------------------------------------------------------------------------------ */

/* Workloads of two namespaces: one denied by both policies, one by the new, one by the old. */
struct found {
    struct moor_environment environment;
    struct moor_policy policy;
    struct moor_scanning scanning;
    struct moor_results results;
};

static void add(struct found *found, const char *namespace, const char *name,
                enum moor_decision now, enum moor_decision before)
{
    const struct moor_workload_key key = {MOOR_SLICE("apps"), MOOR_SLICE("Deployment"),
                                          moor_slice_from(namespace), moor_slice_from(name)};
    const struct moor_workload_image wanted = {.container = MOOR_SLICE("main"),
                                               .image = MOOR_SLICE("nginx")};
    struct moor_workloads *workloads = &found->scanning.workloads;
    struct moor_workload *workload = moor_workloads_get(workloads, &key);
    assert_non_null(workload);
    struct moor_workload_image *image = moor_workloads_image(workloads, workload, &wanted);
    assert_non_null(image);
    workload->is_seen = true;
    image->class = "untagged";
    image->level = "rolling";
    image->environment = MOOR_SLICE("production");
    image->reason = MOOR_SLICE("nginx has no tag");
    image->repair = MOOR_SLICE("use a version");
    image->decisions[0].at[MOOR_SCAN_RECREATION] = now;
    image->decisions[1].at[MOOR_SCAN_RECREATION] = before;
}

static void collect(struct found *found, size_t policies)
{
    *found = (struct found){.environment = {.mode = MOOR_MODE_ENFORCE}};
    found->policy.environments = &found->environment;
    found->policy.environment_count = 1;
    found->scanning.policies[0] = &found->policy;
    found->scanning.policy_count = policies;
    found->scanning.objects = 4;
    found->scanning.allowed = 7;
    moor_workloads_init(&found->scanning.workloads);
    add(found, "shop", "both", MOOR_DECISION_DENY, MOOR_DECISION_DENY);
    add(found, "shop", "new", MOOR_DECISION_DENY, MOOR_DECISION_WARN);
    add(found, "tools", "old", MOOR_DECISION_ALLOW, MOOR_DECISION_DENY);
    add(found, "tools", "warned", MOOR_DECISION_WARN, MOOR_DECISION_ALLOW);
    assert_int_equal(moor_workloads_fold(&found->scanning.workloads, NULL), 0);
    moor_results_init(&found->results);
    moor_results_collect(&found->results, &found->scanning);
}

static void release(struct found *found)
{
    moor_results_release(&found->results);
    moor_workloads_release(&found->scanning.workloads);
}

static void collect__one_policy__all_that_is_warned_or_denied(void **state)
{
    struct found found;
    struct moor_results_cursor cursor = {0};
    size_t count = 0;
    (void)state;
    collect(&found, 1);
    assert_int_equal(found.results.denied, 2);
    assert_int_equal(found.results.warned, 1);
    assert_int_equal(found.results.namespaces, 1);
    assert_int_equal(found.results.images[MOOR_SCAN_RECREATION], 2);
    assert_int_equal(found.results.workloads[MOOR_SCAN_RECREATION], 2);
    assert_int_equal(found.results.images[MOOR_SCAN_CHANGE], 0);
    assert_int_equal(found.results.report.finding_count, 3);
    assert_int_equal(found.results.report.counts[MOOR_DECISION_DENY], 2);
    assert_int_equal(found.results.report.counts[MOOR_DECISION_ALLOW], 7);
    assert_slice_equal(found.results.report.findings[0].file, "shop/Deployment/both");
    assert_slice_equal(found.results.report.findings[0].reason,
                       "denied on re-creation: nginx has no tag");
    while (moor_results_next(&found.results, &cursor)) {
        count++;
    }
    assert_int_equal(count, 3);
    release(&found);
}

static void collect__compared__only_what_differs(void **state)
{
    struct found found;
    (void)state;
    collect(&found, 2);
    assert_int_equal(found.results.denied, 1);
    assert_int_equal(found.results.warned, 1);
    assert_int_equal(found.results.freed[MOOR_SCAN_RECREATION], 1);
    assert_int_equal(found.results.report.finding_count, 3);
    assert_slice_equal(found.results.report.findings[0].name, "new");
    assert_slice_equal(found.results.report.findings[0].reason,
                       "denied on re-creation (before: warned): nginx has no tag");
    assert_slice_equal(found.results.report.findings[1].name, "old");
    assert_int_equal(found.results.report.findings[1].decision, MOOR_DECISION_AUDIT);
    release(&found);
}

/* --- groups ----------------------------------------------------------------------------------- */

static void check_group(const struct moor_group *group, const char *name, size_t findings,
                        size_t pods)
{
    assert_slice_equal(group->name, name);
    assert_int_equal(group->findings, findings);
    assert_int_equal(group->workloads, findings);
    assert_int_equal(group->pods, pods);
}

static void groups__listed_findings__largest_first(void **state)
{
    struct found found;
    struct moor_groups groups;
    (void)state;
    collect(&found, 1);
    found.scanning.workloads.roots[1]->pods = 3;
    assert_int_equal(moor_groups_init(&groups, &found.results, MOOR_GROUPS_BY_OWNER), 0);
    assert_int_equal(groups.count, 2);
    check_group(&groups.items[0], "Deployment shop/new", 1, 3);
    check_group(&groups.items[1], "Deployment shop/both", 1, 0);
    moor_groups_release(&groups);
    found.results.lists_warned = true;
    assert_int_equal(moor_groups_init(&groups, &found.results, MOOR_GROUPS_BY_NAMESPACE), 0);
    assert_int_equal(groups.count, 2);
    check_group(&groups.items[0], "shop", 2, 3);
    check_group(&groups.items[1], "tools", 1, 0);
    moor_groups_release(&groups);
    assert_int_equal(moor_groups_init(&groups, &found.results, MOOR_GROUPS_BY_IMAGE), 0);
    assert_int_equal(groups.count, 1);
    check_group(&groups.items[0], "nginx", 3, 3);
    moor_groups_release(&groups);
    release(&found);
}

/* --- forms ------------------------------------------------------------------------------------ */

static void json__results__values_and_order(void **state)
{
    struct found found;
    char *text = NULL;
    size_t len = 0;
    const char *name = NULL;
    const char *decision = NULL;
    const char *before = NULL;
    int images = 0;
    int freed = 0;
    FILE *out = open_memstream(&text, &len);
    (void)state;
    assert_non_null(out);
    collect(&found, 2);
    moor_results_write_json(out, &found.results);
    assert_int_equal(fclose(out), 0);
    json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(value);
    assert_int_equal(json_unpack(value, "{s:[{s:s,s:{s:s},s:{s:s}}],s:{s:{s:{s:i,s:i}}}}",
                                 "findings", "name", &name, "decisions", "recreation", &decision,
                                 "before", "recreation", &before, "summary", "denied", "recreation",
                                 "images", &images, "noLonger", &freed),
                     0);
    assert_string_equal(name, "new");
    assert_string_equal(decision, "deny");
    assert_string_equal(before, "warn");
    assert_int_equal(images, 1);
    assert_int_equal(freed, 1);
    json_decref(value);
    free(text);
    release(&found);
}

static void text__narrow_page__label_and_cells_on_lines_of_their_own(void **state)
{
    const struct moor_page_style style = {.columns = 40};
    struct found found;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    (void)state;
    assert_non_null(out);
    collect(&found, 1);
    moor_results_write_text(out, &found.results, &style);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(text, "    main: nginx\n"));
    assert_non_null(strstr(text, "Deployment both\n"));
    assert_null(strstr(text, "Deployment warned\n"));
    free(text);
    release(&found);
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(image_rows) + 5] = {
        cmocka_unit_test(happens__by_pods_sight_and_field),
        cmocka_unit_test(groups__listed_findings__largest_first),
        cmocka_unit_test(collect__one_policy__all_that_is_warned_or_denied),
        cmocka_unit_test(collect__compared__only_what_differs),
        cmocka_unit_test(json__results__values_and_order),
        cmocka_unit_test(text__narrow_page__label_and_cells_on_lines_of_their_own),
    };
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(image_rows); i++) {
        tests[5 + i] = test_of_row(image_rows[i].name, image__row, &image_rows[i]);
    }
    return cmocka_run_group_tests_name("scan_results", tests, NULL, NULL);
}
