/* SPDX-License-Identifier: Apache-2.0 */
/* Distances of words, and the bound that spares most of their computation. */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/base/nearest.h"

struct row {
    const char *name;
    const char *left;
    const char *right;
    size_t distance;
};

static const struct row rows[] = {
    {"same", "containers", "containers", 0},
    {"case", "Containers", "containers", 0},
    {"removed", "container", "containers", 1},
    {"inserted", "imagees", "images", 1},
    {"replaced", "imaga", "image", 1},
    {"swapped", "iamge", "image", 1},
    {"swapped_and_removed", "ocntainer", "containers", 2},
    {"nothing_alike", "abc", "xyz", 3},
    {"empty", "", "image", 5},
};

static void distance__row(void **state)
{
    const struct row *row = *state;
    struct moor_slice one = moor_slice_from(row->left);
    struct moor_slice other = moor_slice_from(row->right);
    assert_int_equal(moor_nearest_distance(one, other), row->distance);
    assert_int_equal(moor_nearest_distance(other, one), row->distance);
}

static void distance__word_over_the_limit__none(void **state)
{
    (void)state;
    char text[MOOR_NEAREST_MAX_BYTES + 1] = {0};
    struct moor_slice word = {text, sizeof text};
    assert_int_equal(moor_nearest_distance(word, MOOR_SLICE("image")), SIZE_MAX);
}

/* The word of up to five letters of three that has this number. */
static struct moor_slice spell(char letters[5], size_t number)
{
    size_t rest = number;
    for (size_t i = 0; i < 5; i++) {
        letters[i] = "abC"[rest % 3];
        rest /= 3;
    }
    return (struct moor_slice){letters, 1 + number % 5};
}

static void least_distance__every_pair_of_short_words__never_more_than_the_distance(void **state)
{
    (void)state;

    enum {
        WORDS = 3 * 3 * 3 * 3 * 3
    };

    for (size_t i = 0; i < WORDS; i++) {
        for (size_t j = 0; j < WORDS; j++) {
            char left[5];
            char right[5];
            struct moor_slice one = spell(left, i);
            struct moor_slice other = spell(right, j);
            size_t bound = moor_nearest_least_distance(one, other);
            assert_true(bound <= moor_nearest_distance(one, other));
        }
    }
    assert_int_equal(moor_nearest_least_distance(MOOR_SLICE("abc"), MOOR_SLICE("xyz")), 3);
    assert_int_equal(moor_nearest_least_distance(MOOR_SLICE("a"), MOOR_SLICE("aaaa")), 3);
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(rows) + 2];
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        tests[i] = test_of_row(rows[i].name, distance__row, &rows[i]);
    }
    tests[MOOR_ARRAY_SIZE(rows)] =
        (struct CMUnitTest)cmocka_unit_test(distance__word_over_the_limit__none);
    tests[MOOR_ARRAY_SIZE(rows) + 1] = (struct CMUnitTest)cmocka_unit_test(
        least_distance__every_pair_of_short_words__never_more_than_the_distance);
    return cmocka_run_group_tests_name("nearest", tests, NULL, NULL);
}
