/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/audit/tally.h"

#define MIB ((size_t)1024 * 1024)

static void add__same_name__one_entry_with_counts_and_times(void **state)
{
    (void)state;
    struct moor_tally tally;
    const struct moor_slice first[] = {MOOR_SLICE("a"), MOOR_SLICE("b")};
    const struct moor_slice swapped[] = {MOOR_SLICE("b"), MOOR_SLICE("a")};
    const struct moor_slice joined[] = {MOOR_SLICE("ab"), MOOR_SLICE("")};
    moor_tally_init(&tally, 2, 10, MIB);
    (void)moor_tally_add(&tally, first, 0, 20);
    (void)moor_tally_add(&tally, first, 1, 10);
    (void)moor_tally_add(&tally, swapped, 0, 5);
    (void)moor_tally_add(&tally, joined, 0, 5);
    const struct moor_tally_entry *entry = moor_tally_add(&tally, first, 1, 15);
    assert_int_equal(tally.count, 3);
    assert_int_equal(entry->counts[0], 1);
    assert_int_equal(entry->counts[1], 2);
    assert_int_equal(entry->first, 10);
    assert_int_equal(entry->last, 20);
    moor_tally_release(&tally);
}

static void add__beyond_the_names__counted_as_others(void **state)
{
    (void)state;
    struct moor_tally tally;
    moor_tally_init(&tally, 1, 1000, MIB);
    for (int i = 0; i < 1500; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "name-%d", i);
        const struct moor_slice name = moor_slice_from(text);
        assert_int_equal(moor_tally_add(&tally, &name, 3, 1) != NULL, i < 1000);
    }
    const struct moor_slice known = MOOR_SLICE("name-999");
    assert_non_null(moor_tally_add(&tally, &known, 3, 1));
    assert_int_equal(tally.count, 1000);
    assert_int_equal(tally.others[3], 500);
    moor_tally_release(&tally);
}

static void add__beyond_the_bytes__counted_as_others(void **state)
{
    (void)state;
    struct moor_tally tally;
    moor_tally_init(&tally, 1, SIZE_MAX, (size_t)64 * 1024);
    for (int i = 0; i < 10000; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "a-name-of-some-length-%d", i);
        const struct moor_slice name = moor_slice_from(text);
        (void)moor_tally_add(&tally, &name, 0, 1);
    }
    assert_in_range(tally.count, 100, 2000);
    assert_int_equal(tally.count + tally.others[0], 10000);
    moor_tally_release(&tally);
}

static void add__long_field__cut(void **state)
{
    (void)state;
    struct moor_tally tally;
    char text[MOOR_TALLY_MAX_FIELD + 10];
    memset(text, 'x', sizeof text);
    const struct moor_slice name = {text, sizeof text};
    const struct moor_slice same = {text, sizeof text - 5};
    moor_tally_init(&tally, 1, 10, MIB);
    (void)moor_tally_add(&tally, &name, 0, 1);
    const struct moor_tally_entry *entry = moor_tally_add(&tally, &same, 0, 1);
    assert_int_equal(tally.count, 1);
    assert_int_equal(entry->fields[0].len, MOOR_TALLY_MAX_FIELD);
    moor_tally_release(&tally);
}

static void sort__by_counters_from_first__largest_then_by_name(void **state)
{
    (void)state;

    static const struct {
        const char *name;
        size_t counter;
    } added[] = {{"b", 3}, {"a", 3}, {"c", 3}, {"c", 2}, {"d", 0}, {"d", 0}, {"d", 0}};
    struct moor_tally tally;
    moor_tally_init(&tally, 1, 10, MIB);
    for (size_t i = 0; i < sizeof added / sizeof added[0]; i++) {
        const struct moor_slice name = moor_slice_from(added[i].name);
        (void)moor_tally_add(&tally, &name, added[i].counter, 1);
    }
    moor_tally_sort(&tally, 2);
    static const char *const expected[] = {"c", "a", "b", "d"};
    for (size_t i = 0; i < tally.count; i++) {
        assert_slice_equal(tally.entries[i].fields[0], expected[i]);
    }
    moor_tally_release(&tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(add__same_name__one_entry_with_counts_and_times),
        cmocka_unit_test(add__beyond_the_names__counted_as_others),
        cmocka_unit_test(add__beyond_the_bytes__counted_as_others),
        cmocka_unit_test(add__long_field__cut),
        cmocka_unit_test(sort__by_counters_from_first__largest_then_by_name),
    };
    return cmocka_run_group_tests_name("tally", tests, NULL, NULL);
}
