/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/scan/workloads.h"

#include <stdio.h>

static struct moor_workload *get(struct moor_workloads *workloads, const char *name)
{
    const struct moor_workload_key key = {MOOR_SLICE("apps"), MOOR_SLICE("Deployment"),
                                          MOOR_SLICE("shop"), moor_slice_from(name)};
    struct moor_workload *found = moor_workloads_get(workloads, &key);
    assert_non_null(found);
    return found;
}

static void add(struct moor_workloads *workloads, struct moor_workload *workload, const char *image,
                enum moor_scan_when when, enum moor_decision decision)
{
    const struct moor_workload_image wanted = {.container = MOOR_SLICE("main"),
                                               .image = moor_slice_from(image)};
    struct moor_scan_decisions decisions = {0};
    struct moor_workload_image *found = moor_workloads_image(workloads, workload, &wanted);
    assert_non_null(found);
    decisions.at[when] = decision;
    moor_scan_decisions_merge(&found->decisions[0], &decisions);
}

static void get__many__each_found_again(void **state)
{
    struct moor_workloads workloads;
    char name[16];
    (void)state;
    moor_workloads_init(&workloads);
    for (int i = 0; i < 5000; i++) {
        (void)snprintf(name, sizeof name, "w%04d", i);
        get(&workloads, name)->pods = (size_t)i;
    }
    assert_int_equal(workloads.count, 5000);
    for (int i = 0; i < 5000; i++) {
        (void)snprintf(name, sizeof name, "w%04d", i);
        assert_int_equal(get(&workloads, name)->pods, (size_t)i);
    }
    assert_int_equal(workloads.count, 5000);
    assert_int_equal(moor_workloads_fold(&workloads, NULL), 0);
    assert_slice_equal(workloads.roots[4999]->key.name, "w4999");
    moor_workloads_release(&workloads);
}

static void get__parts_that_join_alike__are_not_the_same(void **state)
{
    const struct moor_workload_key one = {.namespace = MOOR_SLICE("a"), .name = MOOR_SLICE("bc")};
    const struct moor_workload_key two = {.namespace = MOOR_SLICE("ab"), .name = MOOR_SLICE("c")};
    struct moor_workloads workloads;
    (void)state;
    moor_workloads_init(&workloads);
    assert_ptr_not_equal(moor_workloads_get(&workloads, &one),
                         moor_workloads_get(&workloads, &two));
    moor_workloads_release(&workloads);
}

static void fold__same_image__the_worse_outcome_by_occasion(void **state)
{
    struct moor_workloads workloads;
    (void)state;
    moor_workloads_init(&workloads);
    struct moor_workload *top = get(&workloads, "top");
    struct moor_workload *below = get(&workloads, "below");
    add(&workloads, top, "a:latest", MOOR_SCAN_CHANGE, MOOR_DECISION_WARN);
    add(&workloads, below, "a:latest", MOOR_SCAN_CHANGE, MOOR_DECISION_ALLOW);
    add(&workloads, below, "a:latest", MOOR_SCAN_EVICTION, MOOR_DECISION_DENY);
    add(&workloads, below, "b:latest", MOOR_SCAN_EVICTION, MOOR_DECISION_WARN);
    below->pods = 3;
    moor_workloads_own(below, top);
    assert_int_equal(moor_workloads_fold(&workloads, NULL), 0);
    assert_int_equal(workloads.root_count, 1);
    assert_int_equal(top->pods, 3);
    assert_int_equal(top->images->decisions[0].at[MOOR_SCAN_CHANGE], MOOR_DECISION_WARN);
    assert_int_equal(top->images->decisions[0].at[MOOR_SCAN_EVICTION], MOOR_DECISION_DENY);
    assert_slice_equal(top->images->next->image, "b:latest");
    assert_null(top->images->next->next);
    moor_workloads_release(&workloads);
}

static void own__circle__left_open(void **state)
{
    struct moor_workloads workloads;
    (void)state;
    moor_workloads_init(&workloads);
    struct moor_workload *below = get(&workloads, "one");
    struct moor_workload *above = get(&workloads, "two");
    moor_workloads_own(below, below);
    assert_null(below->owner);
    moor_workloads_own(below, above);
    moor_workloads_own(above, below);
    assert_ptr_equal(below->owner, above);
    assert_null(above->owner);
    moor_workloads_release(&workloads);
}

static void own__more_owners_than_the_limit__left_out(void **state)
{
    struct moor_workloads workloads;
    char name[16];
    (void)state;
    moor_workloads_init(&workloads);
    struct moor_workload *above = get(&workloads, "top");
    for (int i = 0; i < MOOR_WORKLOADS_MAX_OWNERS; i++) {
        (void)snprintf(name, sizeof name, "w%d", i);
        struct moor_workload *below = get(&workloads, name);
        moor_workloads_own(below, above);
        assert_ptr_equal(below->owner, above);
        above = below;
    }
    struct moor_workload *last = get(&workloads, "last");
    moor_workloads_own(last, above);
    assert_null(last->owner);
    moor_workloads_release(&workloads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(get__many__each_found_again),
        cmocka_unit_test(get__parts_that_join_alike__are_not_the_same),
        cmocka_unit_test(fold__same_image__the_worse_outcome_by_occasion),
        cmocka_unit_test(own__circle__left_open),
        cmocka_unit_test(own__more_owners_than_the_limit__left_out),
    };
    return cmocka_run_group_tests_name("scan_workloads", tests, NULL, NULL);
}
